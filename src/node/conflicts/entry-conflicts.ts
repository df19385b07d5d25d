/** Conflicts between entries, for operators and programs. */
import { LedgermeshError } from '../../core/errors.js'
import { isHash, type Hash } from '../../core/hash.js'
import type { LedgerId } from '../../core/ledger-id.js'
import { isInteger, isObject } from '../../core/grammar.js'
import { readOneOf, readOptions, type Members } from '../../core/options.js'
import { conflictId, isConflictId, keyOf, type ConflictId, type ConflictKey } from '../../conflict/claims.js'
import type { ConflictState } from '../../conflict/judge.js'
import { readRule, type RuleInput } from '../../conflict/rule.js'
import { UNDECIDED } from '../../ledger/claims/open-conflicts.js'
import type { StoredRule } from '../../ledger/claims/rule-book.js'
import type { Ledgers } from '../../ledger/ledgers.js'
import type {
  ConflictDecision,
  ConflictFilters,
  ConflictList,
  ConflictPointer,
  ConflictResolution,
  ConflictView,
  DecisionOptions,
  EntryConflictApi,
  RuleStatus
} from '../api/conflicts.js'
import type { Appended } from '../api/node.js'
import { appendMerged, appendResolution, type Found } from './resolve-conflict.js'
import { keyOfView, viewConflict } from './view-conflict.js'

const ALL: readonly ConflictState[] = [...UNDECIDED, 'decided', 'resolved']
/** Most conflicts of one page. */
const MAX_PAGE = 1000
/** How many conflicts are searched for an id prefix. */
const MAX_SEARCHED = 100_000
const FILTERS: Members<ConflictFilters> = { rule: true, all: true, offset: true, limit: true }
const RESOLUTION: Members<ConflictResolution> = { strategy: true, sourcePriority: true, mergeHandler: true }
const OPTIONS: Members<DecisionOptions> = { expect: true, note: true }
const SHORT_ID = /^c[0-9a-f]{4,31}$/

/** Merges by the rules' methods. */
export interface Merging {
  /** The handler that a program gives with a rule; undefined removes it. */
  setHandler: (rule: string, handler: ConflictResolution['mergeHandler']) => void
  /** Returns the entries made. Throws MERGE_FAILED. */
  merge: (found: Found) => Promise<Appended[]>
  wake: () => void
}

export class EntryConflicts implements EntryConflictApi {
  readonly #ledgers: Ledgers
  readonly #merging: Merging
  readonly #adopting: () => LedgerId[]

  /** `adopting`: the own ledger and those that it adopts from. */
  constructor(ledgers: Ledgers, merging: Merging, adopting: () => LedgerId[]) {
    this.#ledgers = ledgers
    this.#merging = merging
    this.#adopting = adopting
  }

  rules(): RuleStatus[] {
    return this.#ledgers.rules.active.map(statusOf).sort((a, b) => (a.name < b.name ? -1 : 1))
  }

  async setRule(input: RuleInput, resolution?: ConflictResolution): Promise<RuleStatus> {
    const { strategy, sourcePriority, mergeHandler } =
      resolution === undefined ? { strategy: undefined } : readOptions(resolution, RESOLUTION)
    const rule = readRule(
      {
        ...input,
        ...(strategy !== undefined && { strategy }),
        ...(sourcePriority !== undefined && { priority: sourcePriority })
      },
      this.#adopting()
    )
    if (mergeHandler !== undefined && (typeof mergeHandler !== 'function' || rule.strategy !== 'merge'))
      throw new LedgermeshError('INVALID_PARAMS', 'mergeHandler is a function, for the strategy merge')
    this.#assertFree(rule.name)
    await this.#ledgers.rules.set(rule)
    this.#merging.setHandler(rule.name, mergeHandler)
    this.#ledgers.conflicts.wake()
    this.#merging.wake()
    return statusOf(this.#ledgers.rules.byName(rule.name)!)
  }

  async removeRule(name: string): Promise<void> {
    this.#assertFree(name)
    if (!(await this.#ledgers.rules.remove(name)))
      throw new LedgermeshError('NOT_FOUND', `there is no rule ${JSON.stringify(name)}`)
    this.#merging.setHandler(name, undefined)
    this.#ledgers.conflicts.wake()
  }

  #assertFree(name: string): void {
    if (this.#ledgers.rules.byName(name)?.configured === true)
      throw new LedgermeshError('INVALID_PARAMS', `rule ${name} stands in the settings: change it there`)
  }

  async list(given: ConflictFilters = {}): Promise<ConflictList> {
    const { rule, all = false, offset = 0, limit = 100 } = readOptions(given, FILTERS, 'filter')
    if (!isInteger(offset, Number.MAX_SAFE_INTEGER) || !isInteger(limit, MAX_PAGE) || limit === 0)
      throw new LedgermeshError('INVALID_PARAMS', `offset is a count, limit 1 to ${MAX_PAGE}`)
    const states = all ? ALL : UNDECIDED
    const { found, complete } = await this.#ledgers.conflicts.list(states, { rule, offset, limit })
    const conflicts: ConflictList['conflicts'] = []
    for (const { id, rule: name, row } of found) {
      const stored = this.#ledgers.rules.byName(name)
      const judged = stored === undefined ? null : await this.#ledgers.conflicts.judge(stored, id)
      // its present state: it may have been decided since it was listed
      if (judged !== null && states.includes(judged.verdict.state === 'waiting' ? 'open' : judged.verdict.state))
        conflicts.push({
          conflict: id,
          rule: name,
          key: keyOfView(stored!.rule, judged.facts.siblings),
          state: judged.verdict.state,
          siblings: judged.facts.siblings.length,
          since: row.since
        })
    }
    return { conflicts, complete }
  }

  async view(pointer: ConflictPointer): Promise<ConflictView> {
    const { stored, id, judged } = await this.#find(pointer)
    return viewConflict(stored, id, judged)
  }

  async resolve(
    conflict: ConflictId,
    decision: ConflictDecision,
    given: DecisionOptions = {}
  ): Promise<{ view: ConflictView; appended: Appended[] }> {
    const { expect, note = '' } = readOptions(given, OPTIONS)
    const { name, value } = readOneOf(decision, ['choose', 'merged', 'none', 'merge'])
    if (!isConflictId(conflict))
      throw new LedgermeshError('INVALID_PARAMS', 'a decision names the conflict by its whole id: c and 32 digits')
    if (expect !== undefined && !(Array.isArray(expect) && expect.every(isHash)))
      throw new LedgermeshError('INVALID_PARAMS', 'expect is a list of hashes')
    if (typeof note !== 'string') throw new LedgermeshError('INVALID_PARAMS', 'note is a text')
    const found = await this.#find({ conflict })
    if (!found.stored.complete)
      throw new LedgermeshError('NOT_YET', `rule ${found.stored.rule.name} has not looked at everything yet`)
    assertSeen(found, expect)
    if (found.judged.facts.siblings.length < 2)
      throw new LedgermeshError('NO_CONFLICT', 'one entry stands: there is nothing to decide')
    const made = await this.#decide(found, name, value, note)
    await this.#ledgers.conflicts.caughtUp()
    return { view: await this.view({ conflict }), appended: made }
  }

  async #decide(
    found: Found,
    name: 'choose' | 'merged' | 'none' | 'merge',
    value: unknown,
    note: string
  ): Promise<Appended[]> {
    if (name === 'merge') return await this.#merging.merge(found)
    if (name === 'merged') return await appendMerged(this.#ledgers, found, value as never)
    if (name === 'choose' && !isHash(value))
      throw new LedgermeshError('INVALID_PARAMS', 'choose is the hash of one of the entries')
    return await appendResolution(this.#ledgers, found, name === 'none' ? null : (value as Hash), note)
  }

  async #find(pointer: ConflictPointer): Promise<Found> {
    const { rules, conflicts } = this.#ledgers
    const { name, value } =
      isObject(pointer) && 'rule' in pointer ? { name: 'rule', value: pointer.rule } : readOneOf(pointer, ['conflict'])
    const id =
      name === 'rule'
        ? idOf(rules.byName(String(value)), (pointer as { key: ConflictKey }).key)
        : await this.#wholeId(String(value))
    for (const stored of name === 'rule' ? [rules.byName(String(value))!] : rules.active) {
      const judged = await conflicts.judge(stored, id)
      if (judged !== null) return { stored, id, judged }
    }
    throw new LedgermeshError('NO_CONFLICT', 'no entry here has this key')
  }

  /** For listed conflicts an id prefix is enough. */
  async #wholeId(text: string): Promise<ConflictId> {
    const given: unknown = text
    if (isConflictId(given)) return given
    if (!SHORT_ID.test(text)) throw new LedgermeshError('INVALID_PARAMS', 'a conflict is c and 4 to 32 hex digits')
    const { found } = await this.#ledgers.conflicts.list(ALL, { offset: 0, limit: MAX_SEARCHED })
    const candidates = found.filter(({ id }) => id.startsWith(text)).map(({ id }) => id)
    if (candidates.length === 0) throw new LedgermeshError('NO_CONFLICT', `no conflict begins with ${text}`)
    if (candidates.length > 1)
      throw new LedgermeshError('AMBIGUOUS', `${candidates.length} conflicts begin with ${text}`, {
        candidates: candidates.slice(0, 10)
      })
    return candidates[0]!
  }
}

function assertSeen({ judged }: Found, expect: readonly Hash[] | undefined): void {
  if (expect === undefined) return
  const now = judged.facts.siblings.map(({ hash }) => hash)
  if (now.length !== new Set(expect).size || !now.every((hash) => expect.includes(hash)))
    throw new LedgermeshError('STALE', 'other entries stand there now than were looked at', { siblings: now })
}

function idOf(stored: StoredRule | undefined, given: ConflictKey): ConflictId {
  if (stored === undefined) throw new LedgermeshError('NOT_FOUND', 'there is no such rule')
  const key = isObject(given) ? keyOf(stored.rule.key, given as ConflictKey) : null
  if (key === null || Object.keys(given).length !== stored.rule.key.length)
    throw new LedgermeshError('INVALID_PARAMS', `the key of rule ${stored.rule.name} is ${stored.rule.key.join(', ')}`)
  return conflictId(stored.rule.name, key)
}

function statusOf({ rule, complete }: StoredRule): RuleStatus {
  return { ...rule, complete }
}
