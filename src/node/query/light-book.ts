/**
 * Remembers, for ledgers that are not held, the largest checkpoint verified here, and the peers that showed it. The
 * next answer must continue it, and two different ones of one size are evidence against the author.
 */
import { BoundedMap } from '../../core/bounded.js'
import { decodeSigned, type SignedHeader } from '../../core/entry.js'
import { encodeEvidence, sameSizeEvidence } from '../../core/evidence.js'
import { keyInForce } from '../../core/chain.js'
import type { VerifiedBasis } from '../../core/answer-page.js'
import type { LedgerId } from '../../core/ledger-id.js'
import type { Remembered } from '../../query/types.js'

/** Limits of remembered ledgers, and of peers per ledger. */
const MAX_LEDGERS = 4096
const MAX_PEERS = 4

interface Light extends Remembered {
  name: string
  /** The checkpoint itself. */
  note: string
}

export class LightBook {
  readonly #ledgers = new BoundedMap<LedgerId, Light>(MAX_LEDGERS)

  of(ledger: LedgerId): Light | null {
    return this.#ledgers.get(ledger) ?? null
  }

  /** `linked`: it was proved to continue the remembered one. Otherwise it is not remembered. */
  note(
    { ledger, name, size, root }: VerifiedBasis,
    note: string,
    by: { peer: string; isOwner: boolean },
    linked: boolean | null
  ): void {
    const known = this.#ledgers.get(ledger)
    if (known !== undefined && (linked !== true || size < known.size)) return
    const isSame = known?.size === size
    const peers = isSame ? known.peers.filter((peer) => peer !== by.peer) : []
    this.#ledgers.set(ledger, {
      name,
      note,
      size,
      root,
      peers: [...peers, by.peer].slice(-MAX_PEERS),
      byOwner: by.isOwner || (isSame && known.byOwner)
    })
  }

  /** Evidence from two different checkpoints of one size. Null: they agree, or none is remembered. */
  contradiction(basis: VerifiedBasis, note: string, keyEntries: readonly SignedHeader[]): Uint8Array | null {
    const known = this.#ledgers.get(basis.ledger)
    if (known === undefined || known.size !== basis.size || known.root === basis.root) return null
    const accused = {
      network: basis.network,
      ledger: basis.ledger,
      keyEntries: keyEntries.map((entry) => ({ ...entry, seq: decodeSigned(entry).header.seq }))
    }
    return encodeEvidence(sameSizeEvidence(accused, keyInForce(basis, basis.size - 1), known.note, note))
  }
}
