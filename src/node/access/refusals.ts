/** Remembers what this node refused to which peer: for its operator, never for the peer. */
import { BoundedMap } from '../../core/bounded.js'
import type { Clock, Log } from '../../ports.js'
import type { Refusal, RefusedBy, RefusalsReport } from '../api/access.js'

/** Refusals remembered at most; the oldest is forgotten first. */
const MAX_REFUSALS = 1000

export class Refusals {
  readonly #clock: Clock
  readonly #log: Log
  readonly #refusals = new BoundedMap<string, Refusal>(MAX_REFUSALS)
  readonly #refusedBy = new BoundedMap<string, RefusedBy>(MAX_REFUSALS)

  constructor({ clock, log }: { clock: Clock; log: Log }) {
    this.#clock = clock
    this.#log = log
  }

  /**
   * Notes a refusal after the answer was sent, so that a refusal takes no longer than the answer that a ledger is
   * unknown.
   */
  note(refusal: Pick<Refusal, 'peer' | 'ledger' | 'reason' | 'reader'>): void {
    this.#clock.after(0, () => {
      this.#keep(refusal)
    })
  }

  /** The peer refuses this node. */
  refusedBy(peer: string): void {
    const now = this.#clock.now()
    const known = this.#refusedBy.get(peer)
    this.#refusedBy.set(peer, { peer, count: (known?.count ?? 0) + 1, first: known?.first ?? now, last: now })
    if (known === undefined)
      this.#log.warn({ event: 'access.refused-by-peer', peer }, 'a peer refuses this node: not a member there')
  }

  report(): RefusalsReport {
    return { refusals: this.list(), refusedBy: [...this.#refusedBy.values()].toReversed() }
  }

  /** Latest first. */
  list(): Refusal[] {
    return [...this.#refusals.values()].toReversed()
  }

  #keep(refusal: Pick<Refusal, 'peer' | 'ledger' | 'reason' | 'reader'>): void {
    const key = `${refusal.peer} ${refusal.ledger ?? ''} ${refusal.reason}`
    const now = this.#clock.now()
    const known = this.#refusals.get(key)
    this.#refusals.set(key, { ...refusal, count: (known?.count ?? 0) + 1, first: known?.first ?? now, last: now })
    // A follower repeats its requests: one log line is enough.
    if (known === undefined) this.#log.info({ event: 'access.peer-refused', ...refusal }, 'a peer was refused')
  }
}
