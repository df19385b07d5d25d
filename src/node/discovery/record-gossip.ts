/**
 * Node records on the nodes topic (DESIGN §6): hints at the addresses of nodes, relayed only for ledgers that this node
 * is concerned with.
 */
import { BoundedMap } from '../../core/bounded.js'
import {
  announcementId,
  decodeAnnouncement,
  encodeAnnouncement,
  nodesTopic
} from '../../../protocols/announce/index.js'
import type { SignedRecord } from '../../../protocols/wire.js'
import type { LedgerId } from '../../core/ledger-id.js'
import { decodeNodeRecord, type NodeRecord } from '../../core/node-record.js'
import type { Ledgers } from '../../ledger/ledgers.js'
import type { Clock, Log } from '../../ports.js'
import type { Verdict } from '../../network/host.js'
import { RecordPace } from './record-pace.js'
import { gossipVerdict } from '../sessions/peer-fault.js'
import type { PeerNetwork } from '../sessions/peer-network.js'
import { checkRecord, isInForce, type CheckedRecord } from '../peers/check-record.js'

/** The own record is renewed and published this often, in ms. */
const EVERY_MS = 10 * 60_000
/**
 * Changes within this time, in ms, are published together: a new peer may not have introduced itself yet, and other
 * changes often follow.
 */
const GATHER_MS = 2_000
/** Peers whose last relayed record is remembered. */
const MAX_PEERS = 10_000

export interface RecordGossipInit {
  peerNetwork: Pick<
    PeerNetwork,
    | 'concernsOwnKeys'
    | 'directory'
    | 'host'
    | 'disclosure'
    | 'load'
    | 'ownRecord'
    | 'record'
    | 'recordChecked'
    | 'spokenFor'
    | 'verifier'
  >
  network: string
  ledgers: Ledgers
  clock: Clock
  log: Log
  /** Does this node follow the ledger, or does its own ledger or a followed one attest it? */
  isRelevant: (ledger: LedgerId) => boolean
  /** The own record was renewed. */
  onRenewed: () => Promise<void>
}

export class RecordGossip {
  readonly #init: RecordGossipInit
  /** Per peer: when its record was last relayed (ms since the epoch), and which record. */
  readonly #accepted = new BoundedMap<string, { pace: RecordPace; seq: number }>(MAX_PEERS)
  #renewed = 0
  #pending = false
  /** When the last published record was issued. */
  #told = 0
  #gathering = false
  #looking = false
  #again = false
  #cancel: () => void = () => {}
  #started = false
  #stopped = false

  constructor(init: RecordGossipInit) {
    this.#init = init
  }

  start(): void {
    const { peerNetwork, network } = this.#init
    peerNetwork.host.subscribe(nodesTopic(network), (peer, bytes) => this.judge(peer, bytes), announcementId)
    this.#started = true
    this.look()
  }

  stop(): void {
    this.#stopped = true
    this.#cancel()
  }

  /** I5. Reject only what the message alone proves. */
  async judge(relay: string, bytes: Uint8Array): Promise<Verdict> {
    // A busy node ignores hints first.
    if (this.#init.peerNetwork.load.level !== 'normal') return 'ignore'
    let signed: SignedRecord
    let record: NodeRecord
    try {
      const message = decodeAnnouncement(bytes)
      if (!('record' in message)) return 'reject'
      signed = message.record
      record = decodeNodeRecord(signed.body)
    } catch {
      return 'reject' // not a record of this version, whichever peer sent it
    }
    const { peerNetwork, network, clock } = this.#init
    if (record.network !== network) return 'reject'
    const { directory, verifier } = peerNetwork
    const now = clock.now()
    // Cheap checks first: the signature is checked only of records that would be used.
    if (peerNetwork.concernsOwnKeys(record)) return await this.#judgeOwn(relay, signed)
    if (!isInForce(record, now) || !this.#isRelevant(record)) return 'ignore'
    const last = this.#accepted.get(record.peer_id)
    if (last !== undefined && (!last.pace.mayPass(now) || last.seq >= record.seq)) return 'ignore'
    const known = directory.get(record.peer_id)
    // The same record as its peer has shown to this node: it may be new to other peers.
    if (known !== null && known.record.ledger === record.ledger && directory.newestSeq(record.peer_id) > record.seq)
      return 'ignore'
    let checked: CheckedRecord
    try {
      checked = await checkRecord(signed, { network, verify: verifier.forPeer(relay) })
    } catch (error) {
      return gossipVerdict(error)
    }
    // Not the relay's fault: a key that is not known to be in force, or a ledger that should not be gossiped.
    if (checked.access === 'private' || directory.proofOf(checked) === 'claimed') return 'ignore'
    if (
      !directory.addHeard(checked, 'gossip') &&
      (known?.record.ledger !== record.ledger || directory.newestSeq(record.peer_id) !== record.seq)
    )
      return 'ignore'
    const pace = last?.pace ?? new RecordPace()
    pace.passed(now)
    this.#accepted.set(record.peer_id, { pace, seq: record.seq })
    return 'accept'
  }

  /**
   * The record names this node, or is signed with its keys: its own record, or that of a twin (R4). Other nodes relay
   * it.
   */
  async #judgeOwn(relay: string, signed: SignedRecord): Promise<Verdict> {
    const { peerNetwork, network } = this.#init
    try {
      peerNetwork.recordChecked(
        await checkRecord(signed, { network, verify: peerNetwork.verifier.forPeer(relay) }),
        relay
      )
      return 'ignore'
    } catch (error) {
      return gossipVerdict(error)
    }
  }

  /** Followed, attested, or the ledger of a connected peer; never a private one. */
  #isRelevant({ ledger }: NodeRecord): boolean {
    const { peerNetwork, ledgers, isRelevant } = this.#init
    if (ledgers.get(ledger)?.chain?.access === 'private') return false
    return isRelevant(ledger) || peerNetwork.directory.isMet(ledger)
  }

  /** To be called when the own record or its contents may have changed, and when a new peer listens to the topic. */
  look(): void {
    if (!this.#started || this.#stopped) return
    this.#again = true
    if (!this.#looking) this.#gather()
  }

  #gather(): void {
    if (this.#gathering) return
    this.#gathering = true
    this.#after(GATHER_MS)
  }

  #after(ms: number): void {
    this.#cancel()
    this.#cancel = this.#init.clock.after(ms, () => {
      void this.#lookNow()
    })
  }

  async #lookNow(): Promise<void> {
    this.#looking = true
    this.#gathering = false
    this.#again = false
    let failed = false
    try {
      failed = !(await this.#tell())
    } catch (error) {
      failed = true
      this.#init.log.warn(
        { event: 'discovery.publish-failed', error: (error as Error).message },
        'the own node record could not be published'
      )
    }
    this.#looking = false
    if (this.#stopped) return
    if (failed || this.#again) this.#gather()
    else this.#after(Math.max(this.#renewed + EVERY_MS - this.#init.clock.now(), GATHER_MS))
  }

  /**
   * Publishes the own record. Connected peers get it on their own streams, where it carries authority; all others by
   * gossip, once a peer listens. False: there are peers to tell, but none could be reached.
   */
  async #tell(): Promise<boolean> {
    const { peerNetwork, network, clock } = this.#init
    if (peerNetwork.record.stale || clock.now() - this.#renewed >= EVERY_MS) {
      // A new record each time: the same bytes would count as a repeated message.
      await peerNetwork.record.renewed()
      this.#renewed = clock.now()
      peerNetwork.disclosure.review()
      await this.#init.onRenewed()
    }
    // Also a record that another part of the node has renewed, so that a twin receives it.
    this.#pending ||= peerNetwork.record.issued !== this.#told
    // A private ledger is not gossiped, and neither is one that may be private.
    if (
      !this.#pending ||
      peerNetwork.spokenFor()?.chain?.access !== 'public' ||
      peerNetwork.host.subscribers(nodesTopic(network)).length === 0
    )
      return true
    const { issued } = peerNetwork.record
    const { recipients } = await peerNetwork.host.publish(
      nodesTopic(network),
      encodeAnnouncement({ record: await peerNetwork.ownRecord() })
    )
    this.#pending = recipients === 0
    this.#told = issued
    return !this.#pending
  }
}
