/**
 * Finds conflicts: examines each key with new claims, in the background, and keeps the list of keys with competing
 * claims.
 */
import { setImmediate } from 'node:timers/promises'
import { Listeners } from '../../core/listeners.js'
import { BoundedMap } from '../../core/bounded.js'
import { canonicalize } from '../../core/canonical.js'
import { isCoded } from '../../core/errors.js'
import { sha256Text } from '../../core/hash.js'
import { seqsFrom } from '../../core/seqs.js'
import type { Clock, Log } from '../../ports.js'
import {
  claimKey,
  conflictBefore,
  conflictKey,
  touchedItems,
  touchedKey,
  touchedRange,
  touchedRows,
  TOUCHED_FENCE,
  type Touched as TouchedItem
} from '../../store/conflict-keys.js'
import { SEQ_BYTES, SEQ_END } from '../../store/keys.js'
import { EMPTY } from '../../store/posting.js'
import type { Op, Row } from '../../store/store.js'
import type { ConflictId } from '../../conflict/claims.js'
import { judge, type ConflictState, type Verdict } from '../../conflict/judge.js'
import { claimsOf } from './claim-ops.js'
import {
  conflictOps,
  decodeConflict,
  decodeSpeaker,
  encodeSpeaker,
  isListed,
  kindOf,
  SEVERAL,
  type ConflictRow
} from './conflict-rows.js'
import { clearRule, listedConflicts, type FoundConflict } from './listed-conflicts.js'
import { readFacts, type ClaimSources, type CountedLedger, type KeyFacts } from './key-facts.js'
import type { RuleBook, StoredRule } from './rule-book.js'

export interface IndexedLedger extends CountedLedger {
  /**
   * Stores the claims of entries from `from` on under the rule, while nothing else writes the ledger. Resolves with the
   * seq to continue at, null at the end.
   */
  indexClaims: (rule: StoredRule, from: number) => Promise<number | null>
}

export interface ConflictIndexInit {
  sources: ClaimSources
  rules: RuleBook
  /** All that are held. */
  ledgers: () => IndexedLedger[]
  clock: Clock
  log: Log
}

export interface Judged {
  facts: KeyFacts
  verdict: Verdict
}

/**
 * `speaker`: the number of the ledger whose entry touched the key; SEVERAL: entries of more than one ledger, or no
 * entry, touched it.
 */
interface Touched {
  rule: number
  id: ConflictId
  speaker: number
}

/**
 * The keys to examine because of entries of the ledger with this number, up to `end`; ledgerNumber 0: keys marked
 * without an entry.
 */
interface Due {
  ledgerNumber: number
  end: number
  range: ReturnType<typeof touchedRange>
}

/** The rows to store, and the changes to report to listeners. */
interface Looked {
  ops: Op[]
  changed: FoundConflict[]
}

/** Keys examined before other work gets its turn. */
const CHUNK = 256
/** The number of a ledger's rows that has about that many keys. */
const ROWS = 4
/** Failed merges that are remembered; beyond this the oldest are forgotten and tried again. */
const MAX_FAILED = 4096

export class ConflictIndex {
  readonly #init: ConflictIndexInit
  readonly #listeners: Listeners<[FoundConflict]>
  /** Siblings for which a merge had no result. */
  readonly #failed = new BoundedMap<ConflictId, string>(MAX_FAILED)
  /** By ledger number: the seq up to which the ledger was examined in this run. */
  readonly #looked = new Map<number, number>()
  #cuts = 0
  #running: Promise<void> | null = null
  #again = false
  #stopped = false
  /** For marks that belong to no entry: each has its own key, so that none is mistaken for one that was examined. */
  #count: number

  constructor(init: ConflictIndexInit) {
    this.#init = init
    this.#listeners = new Listeners((error) => {
      init.log.error(
        { event: 'conflicts.listener-failed', error: (error as Error).message },
        'a conflict listener failed'
      )
    })
    this.#count = init.clock.now()
  }

  /** Examines the affected keys after something was stored, audited, erased or frozen, or a rule changed. */
  wake(): void {
    const { rules } = this.#init
    if (this.#stopped || (rules.active.length === 0 && rules.removing.length === 0)) return
    this.#again = true
    this.#running ??= this.#run()
  }

  /** Resolves when no key is left to examine now. */
  async caughtUp(): Promise<void> {
    while (this.#running !== null) await this.#running
  }

  async stop(): Promise<void> {
    this.#stopped = true
    await this.#running
  }

  /** Marks a conflict to be examined without a new entry. */
  readonly touch = (rule: number, id: string): Op => ({
    type: 'put',
    key: touchedKey(0, ++this.#count, rule, id),
    value: EMPTY
  })

  /** The listener is called with each conflict that has changed. */
  onChange(listener: (found: FoundConflict) => void): () => void {
    return this.#listeners.add(listener)
  }

  /** Marks a key to be examined without a new entry: its payload arrived, or was erased. */
  touchOps(ledgerNumber: number, entries: Parameters<typeof claimsOf>[2]): Op[] {
    const ledger = this.#init.sources.byNumber(ledgerNumber)
    if (ledger === undefined || this.#init.rules.active.length === 0) return []
    return this.#touchAgain(ledger, entries)
  }

  /** Rows for a batch that changes which entries count, from the lowest of `ends` on; without `ends`: none. */
  recheckOps(ledgerNumber: number, ends: readonly number[]): Op[] {
    if (this.#init.rules.active.length === 0 || ends.length === 0) return []
    const place = Buffer.alloc(16)
    place.writeUInt32BE(ledgerNumber, 0)
    place.writeUIntBE(Math.min(...ends), 4, 6)
    return [this.touch(0, `c${place.toString('hex')}`)]
  }

  /** The current state of a key; null: no claim names it. */
  async judge(stored: StoredRule, id: ConflictId): Promise<Judged | null> {
    const facts = await readFacts(this.#init.sources, stored, id)
    return facts === null
      ? null
      : { facts, verdict: judge(stored.rule, { ...facts, mergeFailed: this.#failed.get(id) === namesOf(facts) }) }
  }

  /** Notes that a merge of exactly these siblings had no result: a person has to decide. */
  async mergeFailed(stored: StoredRule, id: ConflictId, facts: KeyFacts): Promise<void> {
    this.#failed.set(id, namesOf(facts))
    await this.#init.sources.store.write([this.touch(stored.number, id)], { sync: false })
    this.wake()
  }

  /**
   * Conflicts in these states, oldest first; waiting ones are listed as open. `complete`: everything that counts was
   * examined.
   */
  async list(
    states: readonly ConflictState[],
    { rule, offset, limit }: { rule?: string | undefined; offset: number; limit: number }
  ): Promise<{ found: FoundConflict[]; complete: boolean }> {
    const {
      sources: { store },
      rules
    } = this.#init
    const found = await listedConflicts(store, rules, states, rule)
    return { found: found.slice(offset, offset + limit), complete: await this.#isComplete() }
  }

  /**
   * Entries of the ledger with this number from `size` on were removed: the entries that replace them will be examined.
   */
  cut(ledgerNumber: number, size: number): void {
    this.#cuts++
    this.#looked.set(ledgerNumber, Math.min(this.#looked.get(ledgerNumber) ?? 0, size))
  }

  async #isComplete(): Promise<boolean> {
    if (this.#init.rules.active.some(({ complete }) => !complete)) return false
    // also a row that was written after a later one had been examined
    this.#looked.set(0, 0)
    const left = await Promise.all(
      this.#due().map(async ({ range }) => await this.#init.sources.store.keys({ ...range, limit: 1 }))
    )
    if (!left.some((keys) => keys.length > 0)) return true
    this.wake()
    return false
  }

  /**
   * The seq from which on rows remain in this run: before it there are deleted keys, which every search would step over
   * again.
   */
  #due(): Due[] {
    const ends = [{ ledgerNumber: 0, counted: SEQ_END }, ...this.#init.ledgers()]
    return ends.map(({ ledgerNumber, counted }) => ({
      ledgerNumber,
      end: counted,
      range: touchedRange(ledgerNumber, Math.min(this.#looked.get(ledgerNumber) ?? 0, counted), counted)
    }))
  }

  async #run(): Promise<void> {
    try {
      await this.#init.sources.store.write([{ type: 'put', key: TOUCHED_FENCE, value: EMPTY }], { sync: false })
      while (this.#again && !this.#stopped) {
        this.#again = false
        for (const number of this.#init.rules.removing) {
          await clearRule(this.#init.sources.store, number)
          await this.#init.rules.cleared(number)
        }
        for (const stored of this.#init.rules.active) if (!stored.complete) await this.#build(stored)
        for (const due of this.#due()) await this.#drain(due)
      }
    } catch (error) {
      if (!isCoded(error, 'CLOSED'))
        this.#init.log.error(
          { event: 'conflicts.index-failed', error },
          'conflicts could not be indexed; retried with the next entry'
        )
    } finally {
      this.#running = null
    }
  }

  async #build(stored: StoredRule): Promise<void> {
    const { rules, ledgers } = this.#init
    for (const ledger of ledgers()) {
      for (let from: number | null = 0; from !== null;) {
        if (this.#stopped || rules.byNumber(stored.number) === undefined) return
        from = await ledger.indexClaims(stored, from)
        await setImmediate()
      }
    }
    this.#looked.clear()
    await rules.completed(stored.number)
  }

  async #drain({ ledgerNumber, end, range }: Due): Promise<void> {
    const { store } = this.#init.sources
    const cuts = this.#cuts
    let done: Buffer | null = null
    for (;;) {
      const rows: Row[] = await store.all({
        gte: done === null ? range.gte : Buffer.concat([done, Buffer.of(0)]),
        lt: range.lt,
        // A row of a ledger has many items; a mark that belongs to no entry is a row by itself.
        limit: ledgerNumber > 0 ? ROWS : CHUNK
      })
      if (this.#stopped) return
      if (rows.length === 0) {
        // A mark that belongs to no entry may be written after a later one: `#isComplete` starts over.
        if (cuts === this.#cuts)
          this.#looked.set(
            ledgerNumber,
            ledgerNumber > 0 ? end : done === null ? (this.#looked.get(ledgerNumber) ?? 0) : seqOfTouched(done)
          )
        return
      }
      const touched = new Map<string, Touched>()
      const left: TouchedItem[] = []
      for (const [key, value] of rows)
        for (const item of touchedItems(key, value))
          if (item.seq >= end) left.push(item)
          else touched.set(`${item.rule} ${item.id}`, { rule: item.rule, id: item.id, speaker: ledgerNumber })
      const { ops, changed } = await this.#lookAt([...touched.values()])
      // in one batch, so that marks are never deleted without the result being stored
      await store.write(
        [...ops, ...rows.map(([key]): Op => ({ type: 'del', key })), ...(await this.#keep(ledgerNumber, left))],
        { sync: false }
      )
      for (const found of changed) this.#listeners.emit(found)
      done = rows.at(-1)![0]
      await setImmediate()
    }
  }

  /** Entries that do not count yet, in their own rows, in addition to what such a row already has. */
  async #keep(ledgerNumber: number, left: readonly TouchedItem[]): Promise<Op[]> {
    const made = touchedRows(left.map(({ seq, rule, id }) => claimKey('claim', rule, id, ledgerNumber, seq)))
    const there = await this.#init.sources.store.getMany(made.map(([key]) => key))
    return made.map(([key, value], index): Op => ({
      type: 'put',
      key,
      value: Buffer.concat([value, there[index] ?? EMPTY])
    }))
  }

  /** `place`: the ledger, and the seq in it, from which on other entries count than before. */
  async #recheck(place: string): Promise<void> {
    const {
      sources: { store, byNumber }
    } = this.#init
    const bytes = Buffer.from(place.slice(1), 'hex')
    const ledger = byNumber(bytes.readUInt32BE(0))
    if (ledger === undefined) return
    for (let from: number | null = bytes.readUIntBE(4, 6); from !== null;) {
      const seqs = seqsFrom(from, from + CHUNK)
      const entries = (await ledger.reader.many(seqs)).filter((entry) => entry !== null)
      await store.write(this.#touchAgain(ledger, entries), { sync: true })
      from = entries.length < CHUNK ? null : from + CHUNK
    }
    this.#again = true
  }

  #touchAgain({ ledgerNumber, id }: CountedLedger, entries: Parameters<typeof claimsOf>[2]): Op[] {
    return claimsOf(this.#init.rules.active, { id, ledgerNumber, own: this.#init.sources.own() === id }, entries)
      .touched.map(conflictBefore)
      .map(({ rule, id: conflict }) => this.touch(rule, conflict))
  }

  /**
   * Most keys have claims of a single ledger, so there is no conflict. The stored row of the key shows this, because a
   * claim of another ledger would have caused an examination. The result says so for new keys.
   */
  async #lookAt(touched: Touched[]): Promise<Looked> {
    const { store } = this.#init.sources
    const values = await store.getMany(touched.map(({ rule, id }) => conflictKey(rule, id)))
    const looked: Looked = { ops: [], changed: [] }
    for (const [i, { rule, id, speaker }] of touched.entries()) {
      const value = values[i]
      if (rule === 0) await this.#recheck(id)
      else if (speaker === SEVERAL || (value !== undefined && decodeSpeaker(value) !== speaker))
        await this.#look(rule, id, value, looked)
      else if (value === undefined && this.#init.rules.byNumber(rule) !== undefined)
        looked.ops.push({ type: 'put', key: conflictKey(rule, id), value: encodeSpeaker(speaker) })
    }
    return looked
  }

  /** `value`: the stored row of the key. */
  async #look(number: number, id: ConflictId, value: Buffer | undefined, { ops, changed }: Looked): Promise<void> {
    const stored = this.#init.rules.byNumber(number)
    if (stored === undefined) return
    const before = value === undefined || decodeSpeaker(value) !== null ? null : decodeConflict(value)
    const judged = await this.judge(stored, id)
    const after = judged === null || !isListed(judged.verdict) ? null : rowOf(judged)
    if (before !== null && before.digest === after?.digest) return
    ops.push(...conflictOps(number, id, before, after))
    if (before !== null || after !== null) changed.push({ id, rule: stored.rule.name, row: after ?? rowOf(judged) })
  }
}

/** The seq in a touched key. */
function seqOfTouched(key: Buffer): number {
  return key.readUIntBE(5, SEQ_BYTES)
}

function rowOf(judged: Judged | null): ConflictRow {
  if (judged === null) return { state: 'single', since: 0, siblings: 0, digest: sha256Text('') }
  const { verdict, facts } = judged
  // No mark is made when an awaited target arrives under another key: awaited targets are looked up when the conflict
  // is shown.
  const state = verdict.state === 'waiting' ? 'open' : verdict.state
  return {
    state,
    ...kindOf(verdict.kinds),
    since: facts.since,
    siblings: facts.siblings.length,
    digest: sha256Text(canonicalize({ ...verdict, state, waiting: 0, siblings: namesOf(facts) }))
  }
}

function namesOf({ siblings }: KeyFacts): string {
  return siblings.map(({ hash }) => hash).join(' ')
}
