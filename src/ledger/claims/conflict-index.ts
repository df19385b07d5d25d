/**
 * Finds conflicts: looks at each key that something new was said of, in the background, and keeps the list of those on
 * which claims stand side by side.
 */
import { setImmediate } from 'node:timers/promises'
import { Listeners } from '../../core/listeners.js'
import { BoundedMap } from '../../core/bounded.js'
import { canonicalize } from '../../core/canonical.js'
import { isCoded } from '../../core/errors.js'
import { sha256Text } from '../../core/hash.js'
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
  SEVERAL,
  type ConflictRow
} from './conflict-rows.js'
import { clearRule, listedConflicts, type FoundConflict } from './listed-conflicts.js'
import { readFacts, type ClaimSources, type CountedLedger, type KeyFacts } from './key-facts.js'
import type { RuleBook, StoredRule } from './rule-book.js'

export interface IndexedLedger extends CountedLedger {
  /**
   * Puts what the rule makes of entries from `from` on into the store, while nothing else writes the ledger; where to
   * go on, null at the end.
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

/** `speaker`: the number of the ledger whose entry touched it; SEVERAL: of more than one, or no entry did. */
interface Touched {
  rule: number
  id: ConflictId
  speaker: number
}

/** What is to be looked at of the ledger with this number, up to `end`; ledgerNumber 0: what belongs to no entry. */
interface Due {
  ledgerNumber: number
  end: number
  range: ReturnType<typeof touchedRange>
}

/** What is to be stored, and who is to be told of what. */
interface Looked {
  ops: Op[]
  changed: FoundConflict[]
}

/** Keys looked at before anything else has its turn. */
const CHUNK = 256
/** Rows of a ledger that are about as many. */
const ROWS = 4
/** Merges that failed and are remembered; more, and the oldest are tried again. */
const MAX_FAILED = 4096

export class ConflictIndex {
  readonly #init: ConflictIndexInit
  readonly #listeners: Listeners<[FoundConflict]>
  /** Siblings for which a merge gave nothing. */
  readonly #failed = new BoundedMap<ConflictId, string>(MAX_FAILED)
  /** By ledger number: up to which seq it was looked at in this run. */
  readonly #looked = new Map<number, number>()
  #cuts = 0
  #running: Promise<void> | null = null
  #again = false
  #stopped = false
  /**
   * Of touches that belong to no entry: each has a key of its own, so that none is taken for one that was looked at.
   */
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

  /** Something was stored, audited, erased, frozen, or a rule changed: look at what that touches. */
  wake(): void {
    const { rules } = this.#init
    if (this.#stopped || (rules.active.length === 0 && rules.removing.length === 0)) return
    this.#again = true
    this.#running ??= this.#run()
  }

  /** Resolves when nothing is left to look at now. */
  async caughtUp(): Promise<void> {
    while (this.#running !== null) await this.#running
  }

  async stop(): Promise<void> {
    this.#stopped = true
    await this.#running
  }

  /** Has a conflict looked at, although no entry says so. */
  readonly touch = (rule: number, id: string): Op => ({
    type: 'put',
    key: touchedKey(0, ++this.#count, rule, id),
    value: EMPTY
  })

  /** Called with each conflict that is another one than before. */
  onChange(listener: (found: FoundConflict) => void): () => void {
    return this.#listeners.add(listener)
  }

  /** A key to be looked at although no entry is new: its payload came, or was erased. */
  touchOps(ledgerNumber: number, entries: Parameters<typeof claimsOf>[2]): Op[] {
    const ledger = this.#init.sources.byNumber(ledgerNumber)
    if (ledger === undefined || this.#init.rules.active.length === 0) return []
    return this.#touchAgain(ledger, entries)
  }

  /**
   * Which entries count from the lowest of `ends` on is about to change; none: nothing is. For the batch that changes
   * it.
   */
  recheckOps(ledgerNumber: number, ends: readonly number[]): Op[] {
    if (this.#init.rules.active.length === 0 || ends.length === 0) return []
    const place = Buffer.alloc(16)
    place.writeUInt32BE(ledgerNumber, 0)
    place.writeUIntBE(Math.min(...ends), 4, 6)
    return [this.touch(0, `c${place.toString('hex')}`)]
  }

  /** What holds of a key now; null: nobody says anything. */
  async judge(stored: StoredRule, id: ConflictId): Promise<Judged | null> {
    const facts = await readFacts(this.#init.sources, stored, id)
    return facts === null
      ? null
      : { facts, verdict: judge(stored.rule, { ...facts, mergeFailed: this.#failed.get(id) === namesOf(facts) }) }
  }

  /** A merge of just these siblings gave nothing: a person decides. */
  async mergeFailed(stored: StoredRule, id: ConflictId, facts: KeyFacts): Promise<void> {
    this.#failed.set(id, namesOf(facts))
    await this.#init.sources.store.write([this.touch(stored.number, id)], { sync: false })
    this.wake()
  }

  /**
   * Conflicts in these states, oldest first, those that wait as open ones; `complete`: everything that counts was
   * looked at.
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

  /** Entries of the ledger with this number from `size` on have gone: what comes in their place is looked at. */
  cut(ledgerNumber: number, size: number): void {
    this.#cuts++
    this.#looked.set(ledgerNumber, Math.min(this.#looked.get(ledgerNumber) ?? 0, size))
  }

  async #isComplete(): Promise<boolean> {
    if (this.#init.rules.active.some(({ complete }) => !complete)) return false
    // also one that was written after a later one had been looked at
    this.#looked.set(0, 0)
    const left = await Promise.all(
      this.#due().map(async ({ range }) => await this.#init.sources.store.keys({ ...range, limit: 1 }))
    )
    if (!left.some((keys) => keys.length > 0)) return true
    this.wake()
    return false
  }

  /**
   * From where it was looked at in this run: before that there are deleted keys, over which every search would step
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
        // A row of a ledger has many items, what belongs to no entry is a row by itself.
        limit: ledgerNumber > 0 ? ROWS : CHUNK
      })
      if (this.#stopped) return
      if (rows.length === 0) {
        // Of those that belong to no entry one may be written after a later one: `#isComplete` begins anew.
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
      // in one batch: what was looked at is never forgotten with what was found
      await store.write(
        [...ops, ...rows.map(([key]): Op => ({ type: 'del', key })), ...(await this.#keep(ledgerNumber, left))],
        { sync: false }
      )
      for (const found of changed) this.#listeners.emit(found)
      done = rows.at(-1)![0]
      await setImmediate()
    }
  }

  /** Those that do not count yet, in rows of their own: beside what such a row has already. */
  async #keep(ledgerNumber: number, left: readonly TouchedItem[]): Promise<Op[]> {
    const made = touchedRows(left.map(({ seq, rule, id }) => claimKey('claim', rule, id, ledgerNumber, seq)))
    const there = await this.#init.sources.store.getMany(made.map(([key]) => key))
    return made.map(([key, value], index): Op => ({
      type: 'put',
      key,
      value: Buffer.concat([value, there[index] ?? EMPTY])
    }))
  }

  /** `place`: where in which ledger entries count otherwise than before. */
  async #recheck(place: string): Promise<void> {
    const {
      sources: { store, byNumber }
    } = this.#init
    const bytes = Buffer.from(place.slice(1), 'hex')
    const ledger = byNumber(bytes.readUInt32BE(0))
    if (ledger === undefined) return
    for (let from: number | null = bytes.readUIntBE(4, 6); from !== null;) {
      const seqs: number[] = Array.from({ length: CHUNK }, (_, i) => from! + i)
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
   * Most keys are spoken of by one ledger alone, which has no conflict with anybody: that is told by what is stored of
   * the key, for whoever else had spoken of it would have had it looked at. The answer says so of new ones.
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

  /** `value`: what is stored of it. */
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
  // What is still to come tells nobody when it is held under another key: it is asked for when the conflict is shown.
  const state = verdict.state === 'waiting' ? 'open' : verdict.state
  return {
    state,
    since: facts.since,
    siblings: facts.siblings.length,
    digest: sha256Text(canonicalize({ ...verdict, state, waiting: 0, siblings: namesOf(facts) }))
  }
}

function namesOf({ siblings }: KeyFacts): string {
  return siblings.map(({ hash }) => hash).join(' ')
}
