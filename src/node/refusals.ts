/** Whom this node refused what: for its operator, never for the refused. */
import type { LedgerId } from '../core/ledger-id.js'
import type { Clock, Log } from '../ports.js'

export const REFUSAL_REASONS = [
  'NOT_A_READER', // a private ledger that the peer may not read; it heard what it would hear of an unknown one
  'SCOPE', // a reader that asked for more than its scope allows; it heard DENIED
  'NOT_ADMITTED', // not on the allow-list and no member
  'NO_LONGER_ADMITTED' // was connected when its membership ended
] as const
export type RefusalReason = typeof REFUSAL_REASONS[number]

export interface Refusal {
  peer: string
  /** The ledger that was asked for; null: the connection itself. */
  ledger: LedgerId | null
  reason: RefusalReason
  /** What the peer had proved to be a node of, when it was refused last. */
  reader: LedgerId | null
  count: number
  /** ms since the epoch. */
  first: number
  last: number
}

/** A peer that ended the talk because it does not want us. */
export interface RefusedBy { peer: string, count: number, first: number, last: number }

export interface RefusalsReport { refusals: Refusal[], refusedBy: RefusedBy[] }

/** Remembered at most; the one that is longest ago goes. */
const MAX_REFUSALS = 1000

export class Refusals {
  readonly #clock: Clock
  readonly #log: Log
  readonly #refusals = new Map<string, Refusal>()
  readonly #refusedBy = new Map<string, RefusedBy>()

  constructor ({ clock, log }: { clock: Clock, log: Log }) {
    this.#clock = clock
    this.#log = log
  }

  /** Notes it after the answer is under way: to be refused takes no longer than to be told that a ledger is unknown. */
  note (refusal: Pick<Refusal, 'peer' | 'ledger' | 'reason' | 'reader'>): void {
    this.#clock.after(0, () => { this.#keep(refusal) })
  }

  /** The peer refuses this node. */
  refusedBy (peer: string): void {
    const now = this.#clock.now()
    const known = this.#refusedBy.get(peer)
    this.#refusedBy.delete(peer)
    this.#refusedBy.set(peer, { peer, count: (known?.count ?? 0) + 1, first: known?.first ?? now, last: now })
    if (this.#refusedBy.size > MAX_REFUSALS) this.#refusedBy.delete(this.#refusedBy.keys().next().value!)
    if (known === undefined) this.#log.warn({ peer }, 'a peer refuses this node: it is not admitted there, or no longer')
  }

  report (): RefusalsReport {
    return { refusals: this.list(), refusedBy: [...this.#refusedBy.values()].toReversed() }
  }

  /** The latest first. */
  list (): Refusal[] {
    return [...this.#refusals.values()].toReversed()
  }

  #keep (refusal: Pick<Refusal, 'peer' | 'ledger' | 'reason' | 'reader'>): void {
    const key = `${refusal.peer} ${refusal.ledger ?? ''} ${refusal.reason}`
    const now = this.#clock.now()
    const known = this.#refusals.get(key)
    this.#refusals.delete(key)
    this.#refusals.set(key, { ...refusal, count: (known?.count ?? 0) + 1, first: known?.first ?? now, last: now })
    if (this.#refusals.size > MAX_REFUSALS) this.#refusals.delete(this.#refusals.keys().next().value!)
    // A follower asks again and again: once is enough for the log.
    if (known === undefined) this.#log.info({ ...refusal }, 'a peer was refused')
  }
}
