/**
 * Gossip of signed heads and evidence: one topic per public ledger. Gossip is only a hint; head exchanges are the
 * guarantee.
 */
import {
  announcementId,
  announceTopic,
  decodeAnnouncement,
  encodeAnnouncement,
  MAX_GOSSIP_EVIDENCE_BYTES,
  type Announcement
} from '../../../protocols/announce/index.js'
import { MAX_PER_SECOND, MAX_TOPICS } from '../../../protocols/announce/limits.js'
import { decodeSigned, ledgerOf, verifyEntrySignature, type Entry, type SignedHeader } from '../../core/entry.js'
import { isCoded } from '../../core/errors.js'
import type { LedgerId } from '../../core/ledger-id.js'
import type { Ledger } from '../../ledger/ledger.js'
import type { Ledgers } from '../../ledger/ledgers.js'
import type { Verdict } from '../../network/host.js'
import type { Clock, Log } from '../../ports.js'
import { gossipVerdict } from '../sessions/peer-fault.js'
import type { PeerNetwork } from '../sessions/peer-network.js'
import type { Verifier } from '../signatures/verifier.js'

/** Shortest time between two accepted announcements of a ledger; own ones keep to it as well. */
const MIN_INTERVAL_MS = 1000 / MAX_PER_SECOND

export interface AnnouncerInit {
  peerNetwork: Pick<PeerNetwork, 'host'>
  network: string
  ledgers: Ledgers
  verifier: Verifier
  clock: Clock
  log: Log
  /** A head, signed by its own `key`, that is not held or differs from the held entry. */
  onHead: (peer: string, ledger: Ledger, entry: Entry) => Promise<void>
  /** A head that does not follow the grammar. True: its author signed it nevertheless. */
  onBroken: (peer: string, ledger: Ledger, head: SignedHeader) => Promise<boolean>
  /** True: verified and new. Throws BAD_EVIDENCE. */
  onEvidence: (peer: string, ledger: LedgerId, evidence: Uint8Array) => Promise<boolean>
}

/** null: not allowed by the protocol. */
function readMessage(bytes: Uint8Array): Announcement | null {
  try {
    return decodeAnnouncement(bytes)
  } catch {
    return null // nothing else can throw here
  }
}

export class Announcer {
  readonly #init: AnnouncerInit
  readonly #topics = new Set<LedgerId>()
  /** Per ledger: when its last announcement was accepted, ms. */
  readonly #accepted = new Map<LedgerId, number>()
  /** Heads under examination, by peer and ledger. */
  readonly #looks = new Set<string>()
  #lastOwn = 0
  #pendingOwn: (() => void) | null = null

  constructor(init: AnnouncerInit) {
    this.#init = init
  }

  /** False: the topic limit is reached; the ledger lives by head exchange alone. */
  join(ledger: LedgerId): boolean {
    if (this.#topics.has(ledger)) return true
    if (this.#topics.size >= MAX_TOPICS) return false
    this.#topics.add(ledger)
    this.#init.peerNetwork.host.subscribe(
      this.#topic(ledger),
      (peer, bytes) => this.#judge(ledger, peer, bytes),
      announcementId
    )
    return true
  }

  leave(ledger: LedgerId): void {
    if (!this.#topics.delete(ledger)) return
    this.#accepted.delete(ledger)
    this.#init.peerNetwork.host.unsubscribe(this.#topic(ledger))
  }

  has(ledger: LedgerId): boolean {
    return this.#topics.has(ledger)
  }

  /** Announces the own head, at most ten times a second; the newest one always goes out. */
  announceOwn(ledger: Ledger): void {
    if (this.#pendingOwn !== null || !this.#topics.has(ledger.id)) return
    const wait = this.#lastOwn + MIN_INTERVAL_MS - this.#init.clock.now()
    if (wait <= 0) this.#publishHead(ledger)
    else
      this.#pendingOwn = this.#init.clock.after(wait, () => {
        this.#publishHead(ledger)
      })
  }

  announceEvidence(ledger: LedgerId, evidence: Uint8Array): void {
    // Evidence that is too large for gossip travels with the heads.
    if (this.#topics.has(ledger) && evidence.byteLength <= MAX_GOSSIP_EVIDENCE_BYTES)
      this.#publish(ledger, encodeAnnouncement({ evidence }))
  }

  stop(): void {
    this.#pendingOwn?.()
    for (const ledger of this.#topics) this.leave(ledger)
  }

  #publishHead(ledger: Ledger): void {
    this.#pendingOwn = null
    this.#lastOwn = this.#init.clock.now()
    const head = ledger.head()
    if (head !== null)
      this.#publish(ledger.id, encodeAnnouncement({ head: { header: head.header, signature: head.signature } }))
  }

  #publish(ledger: LedgerId, message: Uint8Array): void {
    this.#init.peerNetwork.host.publish(this.#topic(ledger), message).catch((error: Error) => {
      this.#init.log.warn(
        { event: 'announce.publish-failed', ledger, error: error.message },
        'an announcement could not be published'
      )
    })
  }

  /** I5. Reject only what the message alone proves. */
  async #judge(id: LedgerId, peer: string, bytes: Uint8Array): Promise<Verdict> {
    const message = readMessage(bytes)
    if (message !== null && 'evidence' in message) return await this.#judgeEvidence(id, peer, message.evidence)
    if (message === null || !('head' in message)) return 'reject'
    let entry: Entry
    try {
      entry = decodeSigned(message.head)
    } catch (error) {
      return isCoded(error, 'UPGRADE_NEEDED') ? 'ignore' : await this.#judgeBroken(id, peer, message.head)
    }
    if (ledgerOf(entry) !== id) return 'reject'
    const ledger = this.#init.ledgers.get(id)
    if (ledger === undefined) return 'ignore'
    const { seq, key } = entry.header
    // A head that is already disputed is nothing new.
    if (ledger.frozenAt !== null && seq >= ledger.visible) return 'ignore'
    // Compare first: a repeated, held head needs no signature check.
    if (seq < ledger.visible && (await ledger.hashAt(seq)) === entry.hash) return 'ignore'
    try {
      if (!(await verifyEntrySignature(entry, this.#init.verifier.forPeer(peer)))) return 'reject'
    } catch (error) {
      return gossipVerdict(error)
    }
    const inForce = ledger.chain?.key === key
    this.#handOn(peer, ledger, entry, inForce)
    if (seq < ledger.size || !inForce) return 'ignore'
    const now = this.#init.clock.now()
    if (now - (this.#accepted.get(id) ?? 0) < MIN_INTERVAL_MS) return 'ignore'
    this.#accepted.set(id, now)
    return 'accept'
  }

  /** A head that its author signed against the rules is not relayed: the evidence is sent instead. */
  async #judgeBroken(id: LedgerId, peer: string, head: SignedHeader): Promise<Verdict> {
    const ledger = this.#init.ledgers.get(id)
    if (ledger === undefined) return 'reject'
    try {
      return (await this.#init.onBroken(peer, ledger, head)) ? 'ignore' : 'reject'
    } catch (error) {
      return gossipVerdict(error)
    }
  }

  /**
   * The examination may need requests to the peer, which gossip does not wait for; one examination per peer and ledger
   * at a time.
   */
  #handOn(peer: string, ledger: Ledger, entry: Entry, inForce: boolean): void {
    const look = `${peer} ${ledger.id}`
    const asks = !inForce || entry.header.seq < ledger.size
    if (asks && this.#looks.has(look)) return
    if (asks) this.#looks.add(look)
    this.#init
      .onHead(peer, ledger, entry)
      .catch((error: Error) => {
        this.#init.log.error(
          { event: 'announce.handle-failed', ledger: ledger.id, error: error.message },
          'an announcement could not be handled'
        )
      })
      .finally(() => {
        if (asks) this.#looks.delete(look)
      })
  }

  async #judgeEvidence(ledger: LedgerId, peer: string, evidence: Uint8Array): Promise<Verdict> {
    try {
      return (await this.#init.onEvidence(peer, ledger, evidence)) ? 'accept' : 'ignore'
    } catch (error) {
      return gossipVerdict(error)
    }
  }

  #topic(ledger: LedgerId): string {
    return announceTopic(this.#init.network, ledger)
  }
}
