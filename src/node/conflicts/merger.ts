/**
 * Merges conflicts automatically where the rule says so: only as a writer of the rule, one at a time, and not without
 * limit.
 */
import { isCoded, LedgermeshError } from '../../core/errors.js'
import type { ConflictId } from '../../conflict/claims.js'
import { mergeDelayMs } from '../../conflict/election.js'
import { MERGES_PER_HOUR, MERGES_PER_KEY_AND_HOUR } from '../../conflict/limits.js'
import type { Ledgers } from '../../ledger/ledgers.js'
import type { Clock, Log } from '../../ports.js'
import type { MergeHandler } from '../api/conflicts.js'
import type { Appended } from '../api/node.js'
import type { Merging } from './entry-conflicts.js'
import { mergePayloads } from './merge-payloads.js'
import { appendMerged, type Found } from './resolve-conflict.js'

const HOUR_MS = 60 * 60 * 1000
/** Interval of the check whether a rule was applied to everything, in ms. */
const LOOK_AGAIN_MS = 500
/** Limit of queued conflicts; others are found again when one of them is done. */
const MAX_WAITING = 1000

export interface MergerInit {
  /** For the metrics. */
  onRun: (outcome: 'merged' | 'stale' | 'failed') => void
  ledgers: Ledgers
  clock: Clock
  log: Log
}

export class Merger implements Merging {
  readonly #init: MergerInit
  readonly #handlers = new Map<string, MergeHandler>()
  readonly #waiting = new Map<ConflictId, () => void>()
  /** Times of the merges of a rule or key within the last hour, ms since the epoch. */
  readonly #merged = new Map<string, number[]>()
  #running: Promise<unknown> = Promise.resolve()
  #stopped = false
  readonly #unlisten: () => void

  constructor(init: MergerInit) {
    this.#init = init
    this.#unlisten = init.ledgers.conflicts.onChange(({ id, rule }) => {
      this.#consider(id, rule)
    })
  }

  setHandler(rule: string, handler: MergeHandler | undefined): void {
    if (handler === undefined) this.#handlers.delete(rule)
    else this.#handlers.set(rule, handler)
  }

  /** Queues the open conflicts, after a start or for a new rule. */
  wake(): void {
    const { ledgers } = this.#init
    if (this.#stopped || !ledgers.rules.active.some(({ rule }) => rule.strategy === 'merge')) return
    this.#running = this.#running
      .then(async () => {
        const { found } = await ledgers.conflicts.list(['open'], { offset: 0, limit: MAX_WAITING })
        for (const { id, rule } of found) this.#consider(id, rule)
      })
      .catch((error: unknown) => {
        this.#log(error)
      })
  }

  async merge(found: Found): Promise<Appended[]> {
    const { ledgers, clock } = this.#init
    const {
      stored: { rule },
      id
    } = found
    if (!rule.writers.includes(ledgers.own.id))
      throw new LedgermeshError('MERGE_FAILED', `this ledger is not among the writers of rule ${rule.name}`)
    const payload = await mergePayloads(ledgers, found, this.#handlers.get(rule.name), clock)
    this.#count(rule.name, MERGES_PER_HOUR)
    this.#count(id, MERGES_PER_KEY_AND_HOUR)
    return await appendMerged(ledgers, found, payload)
  }

  async stop(): Promise<void> {
    this.#stopped = true
    this.#unlisten()
    for (const cancel of this.#waiting.values()) cancel()
    this.#waiting.clear()
    await this.#running
  }

  #consider(id: ConflictId, rule: string): void {
    const { ledgers } = this.#init
    const stored = ledgers.rules.byName(rule)
    if (
      this.#stopped ||
      stored?.rule.strategy !== 'merge' ||
      this.#waiting.has(id) ||
      this.#waiting.size >= MAX_WAITING ||
      !ledgers.hasOwn ||
      !stored.rule.writers.includes(ledgers.own.id)
    )
      return
    if (stored.rule.merge === null && !this.#handlers.has(rule)) return
    this.#waiting.set(id, () => undefined)
    this.#later(async () => {
      let delay: number | null = null
      try {
        const authors = (await ledgers.conflicts.judge(stored, id))?.facts.siblings.map(({ ledger }) => ledger) ?? []
        delay = mergeDelayMs(stored.rule, id, authors, ledgers.own.id)
      } finally {
        // One that could not be judged, too: it is looked at again when something is said of it.
        if (delay === null) this.#waiting.delete(id)
      }
      if (delay !== null) this.#turnAfter(delay, id, rule)
    })
  }

  #turnAfter(delay: number, id: ConflictId, rule: string): void {
    if (this.#stopped) return
    this.#waiting.set(
      id,
      this.#init.clock.after(delay, () => {
        this.#later(async () => {
          await this.#turn(id, rule)
        })
      })
    )
  }

  /** Another ledger may have merged it meanwhile. */
  async #turn(id: ConflictId, rule: string): Promise<void> {
    const { ledgers } = this.#init
    this.#waiting.delete(id)
    const stored = ledgers.rules.byName(rule)
    if (stored?.complete === false) {
      // A claim refers to entries that are not all held yet: merging now could use an entry that was already replaced.
      this.#turnAfter(LOOK_AGAIN_MS, id, rule)
      return
    }
    const judged = stored === undefined ? null : await ledgers.conflicts.judge(stored, id)
    if (judged?.verdict.state !== 'open' || judged.verdict.reason !== 'MERGE_PENDING') return
    try {
      await this.merge({ stored: stored!, id, judged })
      this.#init.onRun('merged')
    } catch (error) {
      this.#init.onRun(isCoded(error, 'STALE') ? 'stale' : 'failed')
      if (isCoded(error, 'STALE')) {
        this.#consider(id, rule) // a new claim has just arrived
      } else {
        this.#log(error, id)
        await ledgers.conflicts.mergeFailed(stored!, id, judged.facts)
      }
    }
  }

  /** One after another. */
  #later(run: () => Promise<void>): void {
    this.#running = this.#running
      .then(async () => {
        if (!this.#stopped) await run()
      })
      .catch((error: unknown) => {
        this.#log(error)
      })
  }

  #count(what: string, most: number): void {
    const now = this.#init.clock.now()
    for (const [name, times] of this.#merged) if (times.at(-1)! <= now - HOUR_MS) this.#merged.delete(name)
    const times = (this.#merged.get(what) ?? []).filter((at) => at > now - HOUR_MS)
    if (times.length >= most)
      throw new LedgermeshError('MERGE_FAILED', `merged ${most} times within an hour: its writers do not agree`)
    this.#merged.set(what, [...times, now])
  }

  #log(error: unknown, conflict?: ConflictId): void {
    if (isCoded(error, 'CLOSED')) return
    this.#init.log.warn(
      { event: 'conflicts.merge-failed', conflict, error: (error as Error).message },
      'a conflict could not be merged'
    )
  }
}
