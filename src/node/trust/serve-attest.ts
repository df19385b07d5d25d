/** Serves attestations: those of followed ledgers and of the own one, and those that their subjects have accepted. */
import { MAX_ITEMS } from '../../../protocols/attest/limits.js'
import type { AttestItem, AttestRequest, AttestSource } from '../../../protocols/attest/index.js'
import type { WireKeyEntry } from '../../../protocols/wire.js'
import type { LedgerId } from '../../core/ledger-id.js'
import type { LedgerReader } from '../../ledger/ledger-reader.js'
import type { Ledgers } from '../../ledger/ledgers.js'
import type { Clock } from '../../ports.js'
import type { AttestationView, TrustGraph } from '../../trust/graph.js'
import { relayReason } from '../../trust/policy.js'

/** Bytes to read for one header. */
const ENTRY_BYTES = 64 * 1024

export interface ServeAttestInit {
  graph: TrustGraph
  ledgers: Ledgers
  /** Is it replicated here, or the own one? */
  isFollowed: (ledger: LedgerId) => boolean
  clock: Clock
  mayRead: (peer: string, ledger: LedgerReader) => boolean
}

export class ServeAttest implements AttestSource {
  readonly #init: ServeAttestInit

  constructor(init: ServeAttestInit) {
    this.#init = init
  }

  async attestations(peer: string, request: AttestRequest): Promise<AttestItem[]> {
    const items: AttestItem[] = []
    for (const view of this.#wanted(request)) {
      if (items.length === MAX_ITEMS) break
      const item = await this.#item(peer, view)
      if (item !== null) items.push(item)
    }
    return items
  }

  /** Unexpired ones that may be passed on, accepted ones first, then the newest. */
  #wanted(request: AttestRequest): AttestationView[] {
    const { graph, clock } = this.#init
    const now = clock.now()
    const found: AttestationView[] = []
    for (const view of graph.attestations('about' in request ? { subject: request.about } : { issuer: request.by })) {
      if (view.usable && (view.expires === null || now < view.expires) && this.#mayPass(view)) found.push(view)
    }
    return found.sort((a, b) => Number(b.accepted) - Number(a.accepted) || b.timestamp - a.timestamp)
  }

  #mayPass(view: AttestationView): boolean {
    return relayReason(this.#init.graph, view, this.#init.isFollowed) !== null
  }

  /** null: not for this peer. */
  async #item(peer: string, view: AttestationView): Promise<AttestItem | null> {
    const attestation = await this.#entry(peer, view.issuer, view.seq)
    if (attestation === null) return null
    const accepting = this.#init.graph.acceptanceOf(view)
    const acceptance = accepting === undefined ? null : await this.#entry(peer, accepting.issuer, accepting.seq)
    // SPEC attest §5: "A node MUST NOT pass on an attestation unless it follows the issuer (or is of the issuer), or
    // holds the subject's ledger with its acceptance, which then MUST be in the item."
    return acceptance === null && !this.#init.isFollowed(view.issuer) ? null : { attestation, acceptance }
  }

  async #entry(peer: string, id: LedgerId, seq: number): Promise<WireKeyEntry | null> {
    const ledger = this.#init.ledgers.get(id)
    if (ledger === undefined || !this.#init.mayRead(peer, ledger)) return null
    const [raw] = await ledger.range(seq, { count: 1, bytes: ENTRY_BYTES }, () => false)
    return raw === undefined ? null : { header: raw.header, signature: raw.signature }
  }
}
