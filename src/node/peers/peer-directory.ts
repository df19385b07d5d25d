/**
 * The directory of peers: node records that peers showed on their own connections, and records received from others.
 * Only the former carry authority (DESIGN §6); the latter are hints where to dial.
 */
import { BoundedMap, BoundedSet } from '../../core/bounded.js'
import { LedgermeshError } from '../../core/errors.js'
import type { LedgerId } from '../../core/ledger-id.js'
import type { NodeRecord } from '../../core/node-record.js'
import { peerKeyOf } from '../../core/peer-key.js'
import type { Verify } from '../../core/signature.js'
import type { Ledgers } from '../../ledger/ledgers.js'
import type { Clock, Log } from '../../ports.js'
import type { Store } from '../../store/store.js'
import { Contradictions } from './contradictions.js'
import type { NodeAuthority } from './node-authority.js'
import { NodeTable } from './record-table.js'
import { NodeStore, type NodeRow, type Provenance } from './record-store.js'
import { checkRecord, isInForce, type CheckedRecord, type ShownRecord } from './check-record.js'

export type { Provenance } from './record-store.js'
export type { ShownRecord } from './check-record.js'

/**
 * Limits of remembered nodes, in all and of one ledger: beyond them a share is removed, the lowest ranked first, and of
 * those the longest known.
 */
const MAX_NODES = 4096
const MAX_PER_LEDGER = 256
const FORGET_SHARE = 1 / 32
/**
 * Limits of remembered nodes of one ledger that were never connected, and of those among them that only claim to be
 * one.
 */
const MAX_HEARD_PER_LEDGER = 64
const MAX_CLAIMED_PER_LEDGER = 16
/** How long records are remembered after they expired, in ms: the addresses may still be right. */
const MAX_AGE_MS = 7 * 24 * 60 * 60_000
/** Limit of peers whose provenance is remembered before there is a record of them. */
const MAX_NOTED = 4096

/**
 * proven: by a held chain. shown: by key entries that lead to the record's key; a later rotation may exist. claimed: by
 * nothing.
 */
export type Proof = 'proven' | 'shown' | 'claimed'

export interface KnownNode {
  record: NodeRecord
  /** The ledger's name from its genesis; null if that was never shown. */
  name: string | null
  /** The last key that the shown key entries put in force; null if none were shown. */
  shownKey: string | null
  /** null: not known yet. */
  software: string | null
  /** When it was last connected, ms since the epoch; null: never. */
  lastSeen: number | null
  sources: Provenance[]
  proof: Proof
  /** unknown: never connected, nor tried. */
  status: 'online' | 'offline' | 'unknown'
}

/** `saw`: called for every valid record that a peer shows, whichever peer it names. */
export interface DirectoryInit {
  network: string
  ledgers: Ledgers
  authority: NodeAuthority
  store: Store
  clock: Clock
  log: Log
  onChecked: (checked: CheckedRecord, from: string) => void
}

export class Directory {
  readonly contradictions: Contradictions
  readonly #init: DirectoryInit
  readonly #disk: NodeStore
  readonly #nodes = new NodeTable()
  readonly #noted = new BoundedMap<string, Set<Provenance>>(MAX_NOTED)
  /** Peers that showed their record to this process, and connected ones. */
  readonly #met = new Set<string>()
  readonly #online = new Set<string>()
  readonly #unreachable = new BoundedSet<string>(MAX_NOTED)
  #onRecord: (node: KnownNode) => void = () => {}

  constructor(init: DirectoryInit) {
    this.#init = init
    this.#disk = new NodeStore(init.store, init.log)
    this.contradictions = new Contradictions(init.clock)
  }

  async load(): Promise<void> {
    for (const row of await this.#disk.load()) {
      if (row.record.expires + MAX_AGE_MS < this.#init.clock.now()) this.#disk.delete(row.record.peer_id)
      else this.#nodes.put(row)
    }
  }

  async close(): Promise<void> {
    await this.#disk.close()
  }

  /**
   * Takes the record that `peer` showed on its own Noise connection. Throws BAD_RECORD, WRONG_NETWORK, … when the
   * record cannot be true. After an expired record the peer only stays unknown, because clocks differ.
   */
  async addShown(peer: string, shown: ShownRecord, software: string | null, verify: Verify): Promise<void> {
    const checked = await checkRecord(shown, { network: this.#init.network, verify })
    const { record } = checked
    this.#init.onChecked(checked, peer)
    if (record.peer_id !== peer) throw new LedgermeshError('BAD_RECORD', `the record names peer ${record.peer_id}`)
    const known = this.#nodes.get(peer)
    const now = this.#init.clock.now()
    if (!isInForce(record, now) || (known?.shown === true && known.record.seq > record.seq)) return
    if (known !== undefined && !known.shown && known.record.ledger !== record.ledger) {
      this.contradictions.add({
        source: known.sources[0] ?? 'gossip',
        peer,
        ledger: known.record.ledger,
        problem: `a record says that ${peer} is a node of ${known.record.ledger}; the peer itself says ${record.ledger}`
      })
    }
    this.#met.add(peer)
    this.#put(
      { ...this.#row(checked, known), shown: true, software: software ?? known?.software ?? null, lastSeen: now },
      'connection'
    )
    if (known?.record.seq !== record.seq) this.#onRecord(this.get(peer)!)
  }

  /**
   * The chain that proves which nodes represent the ledger is about to be removed. Nodes that it has proved are kept as
   * shown.
   */
  forgetting(ledger: LedgerId): void {
    const name = this.#init.ledgers.get(ledger)?.chain?.name ?? null
    for (const row of this.#nodes.of(ledger)) {
      if (this.proofOf(row) !== 'proven') continue
      row.shownKey = row.record.key
      row.name ??= name
      this.#disk.put(row)
    }
  }

  /** Calls the listener for every record shown by its own peer that is newer than the known one. */
  onRecord(listener: (node: KnownNode) => void): void {
    this.#onRecord = listener
  }

  /**
   * Takes a record from another source: an address hint. False: not newer, not in force, or by neither the ledger's key
   * nor the peer's own.
   */
  addHeard(checked: CheckedRecord, source: Provenance): boolean {
    const { record } = checked
    const claimed = this.proofOf(checked) === 'claimed'
    if (!isInForce(record, this.#init.clock.now()) || (claimed && !this.isSelfSigned(record))) return false
    const known = this.#nodes.get(record.peer_id)
    if (known !== undefined && known.record.ledger !== record.ledger && known.record.expires > this.#init.clock.now()) {
      this.contradictions.add({
        source,
        peer: record.peer_id,
        ledger: record.ledger,
        problem: `a record says that ${record.peer_id} is a node of ${record.ledger}; ${known.shown ? 'the peer itself' : 'another record'} says ${known.record.ledger}`
      })
      return false
    }
    if (this.newestSeq(record.peer_id) >= record.seq) {
      this.addSource(record.peer_id, source)
      return false
    }
    if (known === undefined && this.#isCrowded(record.ledger, claimed)) return false
    // Hearsay may update addresses; the authority of a shown record does not extend to records from others.
    if (known?.shown === true) {
      known.record = { ...known.record, addrs: record.addrs }
      known.heardSeq = record.seq
      this.#disk.put(known)
      this.addSource(record.peer_id, source)
      return true
    }
    this.#put(
      {
        ...this.#row(checked, known),
        shown: false,
        software: known?.software ?? null,
        lastSeen: known?.lastSeen ?? null
      },
      source
    )
    return true
  }

  /** Notes that a peer was found by this method. */
  addSource(peer: string, source: Provenance): void {
    const row = this.#nodes.get(peer)
    if (row !== undefined) {
      if (row.sources.includes(source)) return
      row.sources = [...row.sources, source]
      this.#disk.put(row)
      return
    }
    const noted = this.#noted.get(peer) ?? new Set()
    noted.add(source)
    this.#noted.set(peer, noted)
  }

  connected(peer: string): void {
    this.#online.add(peer)
    this.#unreachable.delete(peer)
  }

  onDisconnected(peer: string): void {
    if (!this.#online.delete(peer)) return
    const row = this.#nodes.get(peer)
    if (row === undefined) return
    row.lastSeen = this.#init.clock.now()
    this.#disk.put(row)
  }

  /** Notes that a dial to it failed. */
  unreachable(peer: string): void {
    this.#unreachable.add(peer)
  }

  get(peer: string): KnownNode | null {
    const row = this.#nodes.get(peer)
    return row === undefined ? null : this.#view(row)
  }

  /** The highest seq of all records of the peer, shown or from others; -1: none. */
  newestSeq(peer: string): number {
    const row = this.#nodes.get(peer)
    return row === undefined ? -1 : Math.max(row.record.seq, row.heardSeq ?? -1)
  }

  /** The provenance of the peer, with or without a record. */
  sourcesOf(peer: string): Provenance[] {
    return this.#nodes.get(peer)?.sources ?? [...(this.#noted.get(peer) ?? [])]
  }

  statusOf(peer: string): KnownNode['status'] {
    if (this.#online.has(peer)) return 'online'
    return this.#unreachable.has(peer) || this.#nodes.get(peer)?.lastSeen != null ? 'offline' : 'unknown'
  }

  /**
   * The ledger that a connected peer proved to represent: its record, shown on its own connection and in force, is
   * signed by the key in force of a ledger whose headers are held, or by the peer's own key while that ledger
   * authorises it. Else null: an unknown peer.
   */
  provenLedger(peer: string): LedgerId | null {
    const row = this.#nodes.get(peer)
    const now = this.#init.clock.now()
    if (row === undefined || !row.shown || !this.#met.has(peer) || row.record.expires <= now) return null
    return this.#init.authority.isProven(row.record, now) ? row.record.ledger : null
  }

  /** May the record be displayed as a node of its ledger? Rights depend on `provenLedger` only. */
  isCredible({ record, proof }: KnownNode): boolean {
    return record.expires > this.#init.clock.now() && proof !== 'claimed'
  }

  list(): KnownNode[] {
    return this.#nodes.all().map((row) => this.#view(row))
  }

  nodesOf(ledger: LedgerId): KnownNode[] {
    return this.#nodes.of(ledger).map((row) => this.#view(row))
  }

  /** Is a node of the ledger connected that has proved or shown to be one? */
  isMet(ledger: LedgerId): boolean {
    for (const peer of this.#online) {
      const row = this.#nodes.get(peer)
      if (row?.record.ledger === ledger && this.proofOf(row) !== 'claimed') return true
    }
    return false
  }

  /** The remembered nodes. */
  get size(): number {
    return this.#nodes.size
  }

  /** May the signer of this record represent its ledger, as far as is known here? */
  proofOf({ record, shownKey }: Pick<CheckedRecord, 'record' | 'shownKey'>): Proof {
    if (this.#init.authority.isProven(record, this.#init.clock.now())) return 'proven'
    // Key entries may be incomplete: a key that the held chain has retired is not a ledger's key any more.
    return shownKey === record.key && !this.#init.authority.isRetired(record.ledger, record.key) ? 'shown' : 'claimed'
  }

  /** Signed by the peer itself: its addresses are authentic, whatever ledger it claims. */
  isSelfSigned(record: NodeRecord): boolean {
    return peerKeyOf(record.peer_id) === record.key
  }

  #isCrowded(ledger: LedgerId, claimed: boolean): boolean {
    const heard = this.#nodes
      .of(ledger)
      .filter((row) => row.lastSeen === null && (!claimed || this.proofOf(row) === 'claimed'))
    return heard.length >= (claimed ? MAX_CLAIMED_PER_LEDGER : MAX_HEARD_PER_LEDGER)
  }

  #row(
    { record, shownKey, name }: CheckedRecord,
    known: NodeRow | undefined
  ): Pick<NodeRow, 'record' | 'shownKey' | 'name' | 'sources'> {
    return {
      record,
      shownKey,
      name:
        name ??
        this.#init.ledgers.get(record.ledger)?.chain?.name ??
        (known?.record.ledger === record.ledger ? known.name : null),
      sources: known?.sources ?? [...(this.#noted.get(record.peer_id) ?? [])]
    }
  }

  #put(row: NodeRow, source: Provenance): void {
    const { peer_id: peer } = row.record
    if (!row.sources.includes(source)) row.sources = [...row.sources, source]
    this.#noted.delete(peer)
    this.#nodes.put(row)
    this.#disk.put(row)
    const { ledger } = row.record
    if (this.#nodes.countOf(ledger) > MAX_PER_LEDGER) this.#forgetSome(this.#nodes.of(ledger))
    if (this.#nodes.size > MAX_NODES) this.#forgetSome(this.#nodes.all())
  }

  /** Several at once, because finding them needs a scan of all. */
  #forgetSome(rows: NodeRow[]): void {
    const ranked = rows.map((row) => ({ row, rank: this.#rankOf(row) })).sort((a, b) => a.rank - b.rank)
    for (const { row } of ranked.slice(0, Math.ceil(rows.length * FORGET_SHARE))) {
      const peer = row.record.peer_id
      this.#nodes.delete(peer)
      this.#met.delete(peer)
      this.#disk.delete(peer)
    }
  }

  /**
   * Anyone can make any number of keys and ledgers: only a held chain distinguishes a node of a ledger from peers that
   * pose as one.
   */
  #rankOf(row: NodeRow): number {
    if (this.#online.has(row.record.peer_id)) return 4
    const proof = this.proofOf(row)
    if (proof === 'proven') return 3
    if (proof === 'shown' && this.#init.ledgers.get(row.record.ledger) !== undefined) return 2
    return row.shown ? 1 : 0
  }

  #view(row: NodeRow): KnownNode {
    const { record, name, shownKey, software, lastSeen, sources } = row
    return {
      record,
      name,
      shownKey,
      software,
      lastSeen,
      sources,
      proof: this.proofOf(row),
      status: this.statusOf(record.peer_id)
    }
  }
}
