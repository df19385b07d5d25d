/** What happens on the network, for whoever watches: `network.subscribe` delivers exactly these. */
import type { LedgerId } from '../core/ledger-id.js'
import type { Clock, Log } from '../ports.js'
import type { StallCode } from '../sync/types.js'

export const NETWORK_EVENT_KINDS = ['connected', 'disconnected', 'record', 'trust', 'evidence', 'sync'] as const
export type NetworkEventKind = typeof NETWORK_EVENT_KINDS[number]

/** What happened; `ledger` of a peer is the one that its record names, null while it has shown none. */
export type NetworkChange =
  /** A peer has introduced itself. */
  | { kind: 'connected', peer: string, ledger: LedgerId | null, name: string | null, software: string | null }
  | { kind: 'disconnected', peer: string, ledger: LedgerId | null }
  /** A peer showed a node record on its own connection that is newer than what was known. `expires`: ms since the epoch. */
  | { kind: 'record', peer: string, ledger: LedgerId, name: string | null, addrs: string[], capabilities: string[], expires: number }
  /** What `ledger` says of whom it trusts has changed; `subject` null: of several. */
  | { kind: 'trust', ledger: LedgerId, subject: LedgerId | null }
  /** The author of the ledger signed what cannot both be true; it is frozen at so many entries. */
  | { kind: 'evidence', ledger: LedgerId, frozenAt: number }
  /** The sync status of a held ledger is another one (I6); `code` says why it is stalled. Changes of a fraction of a second may be left out. */
  | { kind: 'sync', ledger: LedgerId, status: 'synced' | 'syncing' | 'stalled', code: StallCode | null, size: number }

/** `at`: ms since the epoch. */
export type NetworkEvent = NetworkChange & { at: number }

interface Subscriber { kinds: ReadonlySet<NetworkEventKind> | null, listener: (event: NetworkEvent) => void }

export class NetworkEvents {
  readonly #subscribers = new Set<Subscriber>()
  readonly #clock: Clock
  readonly #log: Log

  constructor (clock: Clock, log: Log) {
    this.#clock = clock
    this.#log = log
  }

  /** Events of these kinds (null: all) until the returned function is called. The listener must be quick. */
  subscribe (kinds: readonly NetworkEventKind[] | null, listener: (event: NetworkEvent) => void): () => void {
    const subscriber = { kinds: kinds === null ? null : new Set(kinds), listener }
    this.#subscribers.add(subscriber)
    return () => { this.#subscribers.delete(subscriber) }
  }

  publish (change: NetworkChange): void {
    const event = { ...change, at: this.#clock.now() }
    for (const { kinds, listener } of this.#subscribers) {
      if (kinds !== null && !kinds.has(event.kind)) continue
      try {
        listener(event)
      } catch (error) {
        this.#log.error({ kind: event.kind, error: (error as Error).message }, 'a subscriber failed')
      }
    }
  }
}
