/** Node records on the nodes topic (DESIGN §6): hints where nodes are, passed on only for ledgers that one has to do with. */
import { announcementId, decodeAnnouncement, encodeAnnouncement, nodesTopic } from '../../../protocols/announce/index.js'
import type { SignedRecord } from '../../../protocols/wire.js'
import { isCoded } from '../../core/errors.js'
import type { LedgerId } from '../../core/ledger-id.js'
import { decodeNodeRecord, type NodeRecord } from '../../core/node-record.js'
import type { Ledgers } from '../../ledger/ledgers.js'
import type { Clock, Log } from '../../ports.js'
import type { Verdict } from '../announcer.js'
import type { Mesh } from '../mesh.js'
import { checkRecord, isInForce, type CheckedRecord } from '../record-check.js'

/** The own record is made anew and told this often, in ms; a change is noticed, and an unheard record told again, within the shorter time. */
const EVERY_MS = 10 * 60_000
const LOOK_MS = 2_000
/** Records of one peer that are passed on: one in so many ms. */
const MIN_INTERVAL_MS = 10_000
/** Peers whose last record is remembered for that. */
const MAX_PEERS = 10_000

export interface RecordGossipInit {
  mesh: Mesh
  network: string
  ledgers: Ledgers
  clock: Clock
  log: Log
  /** Is it a ledger that this node follows, or that it or a ledger it follows attests? */
  isRelevant: (ledger: LedgerId) => boolean
  /** The own record was made anew. */
  onRenewed: () => Promise<void>
}

export class RecordGossip {
  readonly #init: RecordGossipInit
  /** Per peer: when its record was last passed on (ms since the epoch), and which. */
  readonly #accepted = new Map<string, { at: number, seq: number }>()
  #renewed = 0
  #pending = false
  #cancel: () => void = () => {}
  #stopped = false

  constructor (init: RecordGossipInit) {
    this.#init = init
  }

  start (): void {
    const { mesh, network } = this.#init
    mesh.host.subscribe(nodesTopic(network), (peer, bytes) => this.judge(peer, bytes), announcementId)
    this.#look()
  }

  stop (): void {
    this.#stopped = true
    this.#cancel()
  }

  /** I5. Reject only what the message alone proves. */
  async judge (relay: string, bytes: Uint8Array): Promise<Verdict> {
    // Hints are what a busy node can do without first.
    if (this.#init.mesh.load.level !== 'normal') return 'ignore'
    let signed: SignedRecord
    let record: NodeRecord
    try {
      const message = decodeAnnouncement(bytes)
      if (!('record' in message)) return 'reject'
      signed = message.record
      record = decodeNodeRecord(signed.body)
    } catch {
      return 'reject' // not a record of this version, whoever sent it
    }
    const { mesh, network, clock } = this.#init
    if (record.network !== network) return 'reject'
    const { directory, verifier } = mesh
    const now = clock.now()
    // Everything that costs nothing first: the signature is checked only of what would be used.
    if (record.peer_id === mesh.host.peerId || !isInForce(record, now) || !this.#isRelevant(record)) return 'ignore'
    const last = this.#accepted.get(record.peer_id)
    if (last !== undefined && (now - last.at < MIN_INTERVAL_MS || last.seq >= record.seq)) return 'ignore'
    const known = directory.get(record.peer_id)
    // The same one as its peer has shown us: new to those behind us.
    if (known !== null && known.record.ledger === record.ledger && directory.newestSeq(record.peer_id) > record.seq) return 'ignore'
    let checked: CheckedRecord
    try {
      checked = await checkRecord(signed, { network, verify: verifier.forPeer(relay) })
    } catch (error) {
      return isCoded(error, 'OVERLOADED') || isCoded(error, 'CLOSED') || isCoded(error, 'UPGRADE_NEEDED') ? 'ignore' : 'reject'
    }
    // Not the relay's fault: a key that is not in force as far as we know, a ledger that should not be told of.
    if (checked.access === 'private' || directory.proofOf(checked) === 'claimed') return 'ignore'
    if (!directory.heard(checked, 'gossip') && (known?.record.ledger !== record.ledger || directory.newestSeq(record.peer_id) !== record.seq)) return 'ignore'
    this.#accepted.delete(record.peer_id)
    this.#accepted.set(record.peer_id, { at: now, seq: record.seq })
    if (this.#accepted.size > MAX_PEERS) this.#accepted.delete(this.#accepted.keys().next().value!)
    return 'accept'
  }

  /** Followed, attested, or the ledger of a peer that is connected; never a private one. */
  #isRelevant ({ ledger }: NodeRecord): boolean {
    const { mesh, ledgers, isRelevant } = this.#init
    if (ledgers.get(ledger)?.chain?.access === 'private') return false
    return isRelevant(ledger) || mesh.directory.isMet(ledger)
  }

  #look (): void {
    if (this.#stopped) return
    this.#tell().catch((error: Error) => { this.#init.log.warn({ error: error.message }, 'the own record was not told') }).finally(() => {
      if (!this.#stopped) this.#cancel = this.#init.clock.after(LOOK_MS, () => { this.#look() })
    })
  }

  /** To those connected on their own streams, for there it carries authority; to all others by gossip, once somebody listens. */
  async #tell (): Promise<void> {
    const { mesh, network, clock } = this.#init
    if (mesh.record.stale || clock.now() - this.#renewed >= EVERY_MS) {
      // Anew each time: the same bytes would pass for a message that everybody has seen.
      await mesh.record.renewed()
      this.#renewed = clock.now()
      this.#pending = true
      mesh.showRecord()
      await this.#init.onRenewed()
    }
    // A private ledger is not told of, and neither is one that may turn out to be.
    if (!this.#pending || mesh.spokenFor()?.chain?.access !== 'public' || mesh.host.subscribers(nodesTopic(network)).length === 0) return
    const { recipients } = await mesh.host.publish(nodesTopic(network), encodeAnnouncement({ record: await mesh.ownRecord() }))
    this.#pending = recipients === 0
  }
}
