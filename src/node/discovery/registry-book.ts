/**
 * The records that this node keeps as a registry, each registered by its peer on its own connection. In memory: running
 * nodes register again.
 */
import type { DiscoverRequest, Listing, RegistrySource } from '../../../protocols/registry/index.js'
import { WireError, type SignedRecord } from '../../../protocols/wire.js'
import type { NodeRecord } from '../../core/node-record.js'
import type { Clock } from '../../ports.js'
import type { Directory, Proof } from '../peers/peer-directory.js'
import { continues } from './key-histories.js'
import { checkRecord, isInForce } from '../peers/check-record.js'
import { judged } from '../sessions/peer-fault.js'
import type { Verifier } from '../signatures/verifier.js'

/** Records that are kept; beyond this the oldest one that no chain held here proves is removed. */
const MAX_RECORDS = 4096
/** Records of one ledger, and bytes of all records with their key entries. */
const MAX_PER_LEDGER = 16
const MAX_BYTES = 64 * 1024 * 1024
/**
 * Limits of records whose link to their ledger is only the peer's claim: of one ledger, of one ledger and host, and of
 * one host.
 */
const MAX_CLAIMED = { ledger: 4, ledgerAndHost: 2, host: 16 }
const RANK: Record<Proof, number> = { claimed: 0, shown: 1, proven: 2 }

interface Kept {
  record: NodeRecord
  shownKey: string | null
  host: string | null
  listing: Listing
  bytes: number
}

export interface RegistryBookInit {
  network: string
  verifier: Verifier
  directory: Directory
  clock: Clock
  /** The IPv4 address or IPv6 /64 from which a peer is connected; null: it is not. */
  hostOf: (peer: string) => string | null
}

export class RegistryBook implements RegistrySource {
  readonly #init: RegistryBookInit
  /** By peer id, oldest registration first. */
  readonly #kept = new Map<string, Kept>()
  #bytes = 0

  constructor(init: RegistryBookInit) {
    this.#init = init
  }

  get size(): number {
    return this.#kept.size
  }

  async register(peer: string, signed: SignedRecord): Promise<void> {
    const { network, verifier, directory, clock } = this.#init
    const checked = await checkRecord(signed, { network, verify: verifier.forPeer(peer) }).catch((error: unknown) => {
      if (judged(error, 'asked').verdict === 'busy')
        throw new WireError('BUSY', (error as Error).message, { retryMs: 10_000 })
      throw new WireError('INVALID', (error as Error).message, { cause: error })
    })
    const { record } = checked
    if (record.peer_id !== peer) throw new WireError('DENIED', `${peer} registers ${record.peer_id}`)
    if (!isInForce(record, clock.now())) throw new WireError('INVALID', 'the record is not in force')
    // A record without key entries may be that of a private ledger: it must not be listed.
    if (checked.access !== 'public') throw new WireError('DENIED', 'not the record of a public ledger')
    const proof = directory.proofOf(checked)
    if (proof === 'claimed' && !directory.isSelfSigned(record))
      throw new WireError('INVALID', "signed by neither the ledger's key nor the peer's own")
    const known = this.#kept.get(peer)
    if (known !== undefined && known.record.seq > record.seq)
      throw new WireError('INVALID', 'older than what is registered')
    this.#expire()
    const bytes = signed.keyEntries.reduce((sum, { header }) => sum + header.byteLength + 64, signed.body.byteLength)
    const fresh: Kept = {
      record,
      shownKey: checked.shownKey,
      host: this.#init.hostOf(peer),
      bytes,
      listing: { record: signed, status: 'online', updated: clock.now() }
    }
    for (const displaced of this.#room(fresh, proof)) this.#remove(displaced)
    this.#remove(peer)
    this.#kept.set(peer, fresh)
    this.#bytes += bytes
    while (this.#kept.size > MAX_RECORDS || this.#bytes > MAX_BYTES) this.#remove(this.#leastWorth())
  }

  /**
   * Returns the peers whose records are removed to make room: better proved records displace others. Throws DENIED when
   * none may be removed (FAULTS S8, R7).
   */
  #room({ record: { ledger, peer_id: peer }, host, listing }: Kept, proof: Proof): string[] {
    const others = this.#of(ledger).filter(({ record }) => record.peer_id !== peer)
    if (proof === 'claimed') {
      const claimed = [...this.#kept.values()].filter(
        (one) => one.record.peer_id !== peer && this.#proofOf(one) === 'claimed'
      )
      const near = claimed.filter((one) => one.host === host)
      const same = claimed.filter(({ record }) => record.ledger === ledger)
      if (
        same.length >= MAX_CLAIMED.ledger ||
        near.length >= MAX_CLAIMED.host ||
        same.filter((one) => near.includes(one)).length >= MAX_CLAIMED.ledgerAndHost
      ) {
        throw new WireError('DENIED', 'enough nodes that only claim to be of this ledger, or of this host')
      }
    }
    // Of two key histories the one that continues the other has the later key; two that diverge are both listed, and
    // readers can see that.
    const shown = proof === 'shown' ? others.filter((one) => this.#proofOf(one) === 'shown') : []
    const { keyEntries } = listing.record
    if (shown.some((one) => continues(one.listing.record.keyEntries, keyEntries)))
      throw new WireError('DENIED', 'a later key of this ledger is known here')
    const gone = shown
      .filter((one) => continues(keyEntries, one.listing.record.keyEntries))
      .map(({ record }) => record.peer_id)
    if (others.length - gone.length < MAX_PER_LEDGER) return gone
    const least = others
      .filter(({ record }) => !gone.includes(record.peer_id))
      .reduce((a, b) => (RANK[this.#proofOf(b)] < RANK[this.#proofOf(a)] ? b : a))
    if (RANK[this.#proofOf(least)] >= RANK[proof]) throw new WireError('DENIED', 'enough nodes of this ledger')
    return [...gone, least.record.peer_id]
  }

  async discover(_peer: string, { capability, region, limit }: DiscoverRequest): Promise<Listing[]> {
    this.#expire()
    return this.#ranked([...this.#kept.values()].toReversed())
      .filter(
        ({ record }) =>
          (capability === undefined || record.capabilities.includes(capability)) &&
          (region === undefined || record.metadata.region === region)
      )
      .slice(0, limit)
      .map(({ listing }) => listing)
  }

  async getLedger(_peer: string, ledger: string): Promise<Listing[]> {
    this.#expire()
    return this.#ranked(this.#of(ledger).toReversed()).map(({ listing }) => listing)
  }

  async updateStatus(peer: string, ledger: string, status: 'online' | 'offline'): Promise<void> {
    this.#expire()
    const kept = this.#kept.get(peer)
    if (kept === undefined || kept.record.ledger !== ledger)
      throw new WireError('UNAVAILABLE', `${peer} is not registered for ${ledger}`)
    this.#kept.delete(peer)
    this.#kept.set(peer, { ...kept, listing: { ...kept.listing, status, updated: this.#init.clock.now() } })
  }

  /** Records that only claim their ledger come last. */
  #ranked(kept: Kept[]): Kept[] {
    return kept
      .map((one) => ({ one, claimed: this.#proofOf(one) === 'claimed' }))
      .sort((a, b) => Number(a.claimed) - Number(b.claimed))
      .map(({ one }) => one)
  }

  #proofOf(kept: Kept): Proof {
    return this.#init.directory.proofOf(kept)
  }

  #of(ledger: string): Kept[] {
    return [...this.#kept.values()].filter(({ record }) => record.ledger === ledger)
  }

  #leastWorth(): string {
    for (const least of ['claimed', 'shown'] as const)
      for (const [peer, one] of this.#kept) if (this.#proofOf(one) === least) return peer
    return this.#kept.keys().next().value!
  }

  #expire(): void {
    const now = this.#init.clock.now()
    for (const [peer, one] of this.#kept) {
      // A node that only claims to be of a ledger is listed while it is connected.
      if (one.record.expires <= now || (this.#init.hostOf(peer) === null && this.#proofOf(one) === 'claimed'))
        this.#remove(peer)
    }
  }

  #remove(peer: string): void {
    const kept = this.#kept.get(peer)
    if (kept === undefined) return
    this.#kept.delete(peer)
    this.#bytes -= kept.bytes
  }
}
