/** What this node keeps as a registry: the records that others registered on their own connections. In memory: whoever is running registers again. */
import type { DiscoverRequest, Listing, RegistrySource } from '../../../protocols/registry/index.js'
import { WireError, type SignedRecord } from '../../../protocols/wire.js'
import { isCoded } from '../../core/errors.js'
import type { NodeRecord } from '../../core/node-record.js'
import type { Clock } from '../../ports.js'
import type { Directory } from '../directory.js'
import { checkRecord, isInForce } from '../record-check.js'
import type { Verifier } from '../verifier.js'

/** Records that are kept; then the one told of longest ago goes, of those that no chain held here proves. */
const MAX_RECORDS = 4096
/** Records of one ledger, and bytes of all records with their key entries. */
const MAX_PER_LEDGER = 16
const MAX_BYTES = 64 * 1024 * 1024

interface Kept { record: NodeRecord, listing: Listing, bytes: number }

export class RegistryBook implements RegistrySource {
  readonly #init: { network: string, verifier: Verifier, directory: Directory, clock: Clock }
  /** By peer id, the one told of longest ago first. */
  readonly #kept = new Map<string, Kept>()
  #bytes = 0

  constructor (init: { network: string, verifier: Verifier, directory: Directory, clock: Clock }) {
    this.#init = init
  }

  get size (): number { return this.#kept.size }

  async register (peer: string, signed: SignedRecord): Promise<void> {
    const { network, verifier, directory, clock } = this.#init
    const checked = await checkRecord(signed, { network, verify: verifier.forPeer(peer) }).catch((error: unknown) => {
      if (isCoded(error, 'OVERLOADED')) throw new WireError('BUSY', error.message, { retryMs: 10_000 })
      throw new WireError('INVALID', (error as Error).message, { cause: error })
    })
    const { record } = checked
    if (record.peer_id !== peer) throw new WireError('DENIED', `${peer} registers ${record.peer_id}`)
    if (!isInForce(record, clock.now())) throw new WireError('INVALID', 'the record is not in force')
    // A record without key entries may be that of a private ledger: it is not for a list.
    if (checked.access !== 'public') throw new WireError('DENIED', 'not the record of a public ledger')
    if (directory.proofOf(checked) === 'claimed' && !directory.isSelfSigned(record)) throw new WireError('INVALID', 'signed by neither the ledger\'s key nor the peer\'s own')
    const known = this.#kept.get(peer)
    if (known !== undefined && known.record.seq > record.seq) throw new WireError('INVALID', 'older than what is registered')
    this.#expire()
    if (known === undefined && this.#of(record.ledger).length >= MAX_PER_LEDGER) throw new WireError('DENIED', 'enough nodes of this ledger')
    this.#remove(peer)
    const bytes = signed.keyEntries.reduce((sum, { header }) => sum + header.byteLength + 64, signed.body.byteLength)
    this.#kept.set(peer, { record, bytes, listing: { record: signed, status: 'online', updated: clock.now() } })
    this.#bytes += bytes
    while (this.#kept.size > MAX_RECORDS || this.#bytes > MAX_BYTES) this.#remove(this.#leastWorth())
  }

  async discover (_peer: string, { capability, region, limit }: DiscoverRequest): Promise<Listing[]> {
    this.#expire()
    return [...this.#kept.values()].toReversed()
      .filter(({ record }) => (capability === undefined || record.capabilities.includes(capability)) && (region === undefined || record.metadata.region === region))
      .slice(0, limit).map(({ listing }) => listing)
  }

  async getLedger (_peer: string, ledger: string): Promise<Listing[]> {
    this.#expire()
    return this.#of(ledger).toReversed().map(({ listing }) => listing)
  }

  async updateStatus (peer: string, ledger: string, status: 'online' | 'offline'): Promise<void> {
    this.#expire()
    const kept = this.#kept.get(peer)
    if (kept === undefined || kept.record.ledger !== ledger) throw new WireError('UNAVAILABLE', `${peer} is not registered for ${ledger}`)
    this.#kept.delete(peer)
    this.#kept.set(peer, { ...kept, listing: { ...kept.listing, status, updated: this.#init.clock.now() } })
  }

  #of (ledger: string): Kept[] {
    return [...this.#kept.values()].filter(({ record }) => record.ledger === ledger)
  }

  #leastWorth (): string {
    const { directory } = this.#init
    for (const [peer, { record }] of this.#kept) if (directory.proofOf({ record, shownKey: null }) !== 'proven') return peer
    return this.#kept.keys().next().value!
  }

  #expire (): void {
    const now = this.#init.clock.now()
    for (const [peer, { record }] of this.#kept) if (record.expires <= now) this.#remove(peer)
  }

  #remove (peer: string): void {
    const kept = this.#kept.get(peer)
    if (kept === undefined) return
    this.#kept.delete(peer)
    this.#bytes -= kept.bytes
  }
}
