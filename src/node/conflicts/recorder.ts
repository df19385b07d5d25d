/**
 * Records the decision of a strategy as a resolution in the own ledger, where the rule says `record`, so that the
 * winner is the same on nodes with other clocks or other ledgers. One writer at a time, and not without limit.
 */
import { isCoded } from '../../core/errors.js'
import type { ConflictId } from '../../conflict/claims.js'
import { mergeDelayMs } from '../../conflict/election.js'
import { RECORDS_PER_HOUR } from '../../conflict/limits.js'
import type { StoredRule } from '../../ledger/claims/rule-book.js'
import type { Ledgers } from '../../ledger/ledgers.js'
import type { Clock, Log } from '../../ports.js'
import { appendResolution } from './resolve-conflict.js'

const HOUR_MS = 60 * 60_000
/** Limit of queued conflicts; others are found again within the hour. */
const MAX_WAITING = 1_000

export interface RecorderInit {
  ledgers: Ledgers
  clock: Clock
  log: Log
}

export class Recorder {
  readonly #init: RecorderInit
  readonly #waiting = new Map<ConflictId, () => void>()
  /** Times of the records of each rule within the last hour. */
  readonly #recorded = new Map<string, number[]>()
  readonly #unlisten: () => void
  #running: Promise<unknown> = Promise.resolve()
  #cancelLook: () => void = () => {}
  #stopped = false

  constructor(init: RecorderInit) {
    this.#init = init
    this.#unlisten = init.ledgers.conflicts.onChange(({ id, rule, row }) => {
      if (row.state === 'decided') this.#consider(id, rule)
    })
  }

  /** Queues decided conflicts that are not recorded; again each hour, for those that did not fit in the queue. */
  wake(): void {
    this.#cancelLook()
    if (this.#stopped) return
    this.#cancelLook = this.#init.clock.after(HOUR_MS, () => {
      this.wake()
    })
    this.#later(async () => {
      const { conflicts, rules } = this.#init.ledgers
      if (!rules.active.some(({ rule }) => rule.record)) return
      const { found } = await conflicts.list(['decided'], { offset: 0, limit: MAX_WAITING })
      for (const { id, rule } of found) this.#consider(id, rule)
    })
  }

  async stop(): Promise<void> {
    this.#stopped = true
    this.#unlisten()
    this.#cancelLook()
    for (const cancel of this.#waiting.values()) cancel()
    this.#waiting.clear()
    await this.#running
  }

  #consider(id: ConflictId, name: string): void {
    const { ledgers, clock } = this.#init
    const stored = ledgers.rules.byName(name)
    if (this.#stopped || stored === undefined || !this.#mayRecord(stored)) return
    if (this.#waiting.has(id) || this.#waiting.size >= MAX_WAITING) return
    this.#waiting.set(id, () => undefined)
    this.#later(async () => {
      const authors = (await ledgers.conflicts.judge(stored, id))?.facts.siblings.map(({ ledger }) => ledger) ?? []
      const delay = mergeDelayMs(stored.rule, id, authors, ledgers.own.id)
      if (delay === null) this.#waiting.delete(id)
      else
        this.#waiting.set(
          id,
          clock.after(delay, () => {
            this.#later(async () => {
              await this.#record(id, name)
            })
          })
        )
    })
  }

  /** A ledger with authority may have recorded it meanwhile. */
  async #record(id: ConflictId, name: string): Promise<void> {
    const { ledgers } = this.#init
    this.#waiting.delete(id)
    const stored = ledgers.rules.byName(name)
    const judged = stored === undefined ? null : await ledgers.conflicts.judge(stored, id)
    if (stored === undefined || judged?.verdict.state !== 'decided' || !this.#mayRecord(stored)) return
    const { current, reason } = judged.verdict
    if (current === null || (reason !== 'LAST_WRITE' && reason !== 'PRIORITY') || !this.#count(name)) return
    try {
      await appendResolution(ledgers, { stored, id, judged }, current, `recorded: ${stored.rule.strategy}`)
    } catch (error) {
      if (!isCoded(error, 'STALE')) throw error
      this.#consider(id, name) // a new claim has just arrived
    }
  }

  #mayRecord({ rule, complete }: StoredRule): boolean {
    const { ledgers } = this.#init
    if (!rule.record || !complete || !ledgers.hasOwn) return false
    const { id } = ledgers.own
    return rule.writers.includes(id) && (rule.resolvers.includes('own') || rule.resolvers.includes(id))
  }

  /** False: the limit per hour is reached. */
  #count(rule: string): boolean {
    const now = this.#init.clock.now()
    const times = (this.#recorded.get(rule) ?? []).filter((time) => time > now - HOUR_MS)
    if (times.length >= RECORDS_PER_HOUR) return false
    this.#recorded.set(rule, [...times, now])
    return true
  }

  /** One after another. */
  #later(run: () => Promise<void>): void {
    this.#running = this.#running
      .then(async () => {
        if (!this.#stopped) await run()
      })
      .catch((error: unknown) => {
        if (isCoded(error, 'CLOSED')) return
        this.#init.log.warn(
          { event: 'conflicts.record-failed', error: (error as Error).message },
          'what a strategy decided was not recorded'
        )
      })
  }
}
