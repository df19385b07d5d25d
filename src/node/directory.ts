/** Who is who: the node records that peers showed on their own connections. */
import { verifyKeyEntries, type KeyHistory } from '../core/chain.js'
import { decodeEntry, type SignedHeader } from '../core/entry.js'
import { isCoded, LedgermeshError } from '../core/errors.js'
import type { LedgerId } from '../core/ledger-id.js'
import { verifyNodeRecord, type NodeRecord, type SignedNodeRecord } from '../core/node-record.js'
import type { Verify } from '../core/signature.js'
import type { Ledgers } from '../ledger/ledgers.js'
import type { Clock } from '../ports.js'

/** Records of peers that are gone are kept, the newest ones. */
const MAX_RECORDS = 4096

export interface KnownNode {
  record: NodeRecord
  /** The ledger's name as its genesis says; null while that was never shown. */
  name: string | null
  /** The last key that the shown key entries put in force; null while none were shown. */
  shownKey: string | null
  /** null: not said yet. */
  software: string | null
  /** ms since the epoch. */
  lastSeen: number
}

export interface ShownRecord extends SignedNodeRecord { keyEntries: SignedHeader[] }

export class Directory {
  readonly #nodes = new Map<string, KnownNode>()
  readonly #network: string
  readonly #ledgers: Ledgers
  readonly #clock: Clock
  #onRecord: (node: KnownNode) => void = () => {}

  constructor (init: { network: string, ledgers: Ledgers, clock: Clock }) {
    this.#network = init.network
    this.#ledgers = init.ledgers
    this.#clock = init.clock
  }

  /**
   * Takes the record that `peer` showed on its own Noise connection. Throws BAD_RECORD, WRONG_NETWORK, … when the peer shows what cannot be
   * true. An expired record only leaves the peer a stranger: clocks differ.
   */
  async shown (peer: string, shown: ShownRecord, software: string | null, verify: Verify): Promise<void> {
    const record = await verifyNodeRecord(shown, this.#network, 0, verify)
    if (record.peer_id !== peer) throw new LedgermeshError('BAD_RECORD', `the record names peer ${record.peer_id}`)
    const known = this.#nodes.get(peer)
    if (record.expires <= this.#clock.now() || (known !== undefined && known.record.seq > record.seq)) return
    const history = await this.#history(record.ledger, shown.keyEntries, verify)
    if (history !== null && history.network !== this.#network) throw new LedgermeshError('WRONG_NETWORK', `the ledger of this node belongs to network ${history.network}`)
    this.#nodes.delete(peer)
    const node = {
      record,
      name: history?.name ?? this.#ledgers.get(record.ledger)?.chain?.name ?? null,
      shownKey: history?.keys.at(-1)!.key ?? null,
      software: software ?? known?.software ?? null,
      lastSeen: this.#clock.now()
    }
    this.#nodes.set(peer, node)
    if (this.#nodes.size > MAX_RECORDS) this.#nodes.delete(this.#nodes.keys().next().value!)
    if (known?.record.seq !== record.seq) this.#onRecord(node)
  }

  /** Calls back for every record that is newer than what was known of its peer. */
  onRecord (listener: (node: KnownNode) => void): void {
    this.#onRecord = listener
  }

  get (peer: string): KnownNode | null {
    return this.#nodes.get(peer) ?? null
  }

  /** The ledger that a connected peer proved to speak for: its record is signed by the key in force of a ledger whose headers we hold. Else null: a stranger. */
  provenLedger (peer: string): LedgerId | null {
    const record = this.#nodes.get(peer)?.record
    if (record === undefined || record.expires <= this.#clock.now()) return null
    return this.#ledgers.get(record.ledger)?.chain?.key === record.key ? record.ledger : null
  }

  /** May the record be shown as a node of its ledger? By the headers that are held, else by the key entries that it came with. What decides anything is `provenLedger`. */
  isCredible ({ record, shownKey }: KnownNode): boolean {
    return record.expires > this.#clock.now() && record.key === (this.#ledgers.get(record.ledger)?.chain?.key ?? shownKey)
  }

  list (): KnownNode[] {
    return [...this.#nodes.values()]
  }

  /** null: none were shown, or they need a newer version: the peer is a stranger then. */
  async #history (ledger: LedgerId, keyEntries: SignedHeader[], verify: Verify): Promise<KeyHistory | null> {
    if (keyEntries.length === 0) return null
    try {
      return await verifyKeyEntries(ledger, keyEntries.map((entry) => decodeEntry({ ...entry, payload: null })), verify)
    } catch (error) {
      if (isCoded(error, 'UPGRADE_NEEDED')) return null
      throw error
    }
  }

  /** Whoever says so: address hints. */
  nodesOf (ledger: LedgerId): KnownNode[] {
    return this.list().filter(({ record }) => record.ledger === ledger)
  }
}
