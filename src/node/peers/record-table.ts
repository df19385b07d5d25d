import type { LedgerId } from '../../core/ledger-id.js'
import type { NodeRow } from './record-store.js'

/**
 * Node records by peer, in the order of insertion, and by ledger, because unknown peers can cause any number of
 * look-ups by ledger.
 */
export class NodeTable {
  readonly #rows = new Map<string, NodeRow>()
  readonly #byLedger = new Map<LedgerId, Set<string>>()

  get size(): number {
    return this.#rows.size
  }

  get(peer: string): NodeRow | undefined {
    return this.#rows.get(peer)
  }

  all(): NodeRow[] {
    return [...this.#rows.values()]
  }

  of(ledger: LedgerId): NodeRow[] {
    return [...(this.#byLedger.get(ledger) ?? [])].map((peer) => this.#rows.get(peer)!)
  }

  countOf(ledger: LedgerId): number {
    return this.#byLedger.get(ledger)?.size ?? 0
  }

  put(row: NodeRow): void {
    const { peer_id: peer, ledger } = row.record
    this.delete(peer)
    this.#rows.set(peer, row)
    const peers = this.#byLedger.get(ledger) ?? new Set()
    this.#byLedger.set(ledger, peers.add(peer))
  }

  delete(peer: string): void {
    const ledger = this.#rows.get(peer)?.record.ledger
    if (ledger === undefined) return
    this.#rows.delete(peer)
    const peers = this.#byLedger.get(ledger)!
    peers.delete(peer)
    if (peers.size === 0) this.#byLedger.delete(ledger)
  }
}
