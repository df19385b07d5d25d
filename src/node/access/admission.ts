/**
 * Decides which peers may be connected in a closed network: peers and ledgers on the allow-list, and members. A network
 * is closed as soon as one of the two is configured. A pre-shared key hides a network from peers without it; only
 * admission keeps out a peer that has the key.
 */
import type { LedgerId } from '../../core/ledger-id.js'
import { isLedgerId } from '../../core/ledger-id.js'
import type { LedgerReader } from '../../ledger/ledger-reader.js'
import type { Ledgers } from '../../ledger/ledgers.js'
import type { Host } from '../../network/host.js'
import type { Clock, Log } from '../../ports.js'
import type { Directory } from '../peers/peer-directory.js'
import { Members } from './members.js'
import type { Refusals } from './refusals.js'

export interface AdmissionConfig {
  /** Peer ids and ledger ids. */
  allow?: readonly string[] | undefined
  /** Peer ids and ledger ids that are never connected, even if the allow-list or a membership admits them. */
  deny?: readonly string[] | undefined
  members?: { issuers: readonly LedgerId[] } | undefined
}

export interface AdmissionInit extends AdmissionConfig {
  /** Addresses with /p2p/: this node may dial their peers before it knows which peers are members. */
  bootstrap: readonly string[]
  ledgers: Ledgers
  directory: Directory
  refusals: Refusals
  clock: Clock
  log: Log
}

/** Longest run of a timer, in ms; then it is set again. */
const MAX_TIMER_MS = 24 * 60 * 60_000
/**
 * How long a peer may stay that may still become admitted (it has to prove its ledger, or this node has to learn which
 * peers are members), in ms.
 */
const GRACE_MS = 30_000
/** An expelled peer is not admitted by outdated memberships. */
const BAN_MS = 60_000

export class Admission {
  readonly members: Members
  readonly #init: AdmissionInit
  #peers: ReadonlySet<string> = new Set()
  #ledgers: ReadonlySet<LedgerId> = new Set()
  readonly #dialled: Set<string>
  readonly #admitted = new Set<string>()
  #watched: { host: Host; dismiss: (peer: string) => Promise<void> } | null = null
  #looking: Promise<void> | null = null
  #again = false
  #cancel: () => void = () => {}
  readonly #ends: (() => void)[] = []

  constructor(init: AdmissionInit) {
    this.#init = init
    this.allow(init.allow ?? [])
    this.#dialled = new Set(init.bootstrap.map((address) => address.split('/').at(-1)!))
    this.members = new Members(init.members?.issuers ?? [], init)
  }

  /**
   * Replaces the peer ids and ledger ids that may be connected beside members. A connected peer that is no longer
   * admitted is dropped.
   */
  allow(ids: readonly string[]): void {
    this.#peers = new Set(ids.filter((id) => !isLedgerId(id)))
    this.#ledgers = new Set(ids.filter(isLedgerId))
    this.look()
  }

  get closed(): boolean {
    return this.#init.allow !== undefined || this.#init.members !== undefined
  }

  /** The operator dials this peer. */
  dialled(address: string): void {
    this.#dialled.add(address.split('/').at(-1)!)
  }

  /** candidate: may be connected for a limited time, but gets only what admission itself needs. */
  stateOf(peer: string): 'admitted' | 'candidate' | 'refused' {
    if (this.#isDenied(peer)) return 'refused'
    if (!this.closed || this.#peers.has(peer)) return 'admitted'
    const membership = this.members.stateOf(peer)
    if (membership === 'member') return 'admitted'
    const proven = this.#ledgers.size === 0 ? null : this.#init.directory.provenLedger(peer)
    if (proven !== null && this.#ledgers.has(proven)) return 'admitted'
    if (this.#ledgers.size > 0) return 'candidate'
    return membership === 'unknown' && this.#dialled.has(peer) ? 'candidate' : 'refused'
  }

  /**
   * Denies by the operator's own list, which needs no entry of a ledger, so it works also while the issuer's ledger is
   * frozen and signs nothing (R6).
   */
  #isDenied(peer: string): boolean {
    const { deny = [], directory } = this.#init
    if (deny.length === 0) return false
    const proven = directory.provenLedger(peer)
    return deny.includes(peer) || (proven !== null && deny.includes(proven))
  }

  /** For the gater: is every connection refused? */
  refuses(peer: string): boolean {
    if (this.stateOf(peer) !== 'refused') return false
    this.#init.refusals.note({ peer, ledger: null, reason: this.#reasonOf(peer), reader: null })
    return true
  }

  /**
   * May the peer get anything of this ledger? A candidate may get the issuers' ledgers, and the own one if it is
   * public, because these may admit it.
   */
  allows(peer: string, ledger: LedgerReader): boolean {
    const state = this.stateOf(peer)
    return state === 'admitted' || (state === 'candidate' && (this.members.issuers.includes(ledger.id) || ledger.own))
  }

  /**
   * Checks at once, and from then on whenever an admission may have begun or ended. `dismiss` sends a Bye to the peer,
   * so that its operator can see the reason.
   */
  async watch(host: Host, dismiss: (peer: string) => Promise<void>): Promise<void> {
    if (!this.closed && (this.#init.deny ?? []).length === 0) return
    this.#watched = { host, dismiss }
    const changed = ({ id }: { id: LedgerId }): void => {
      if (this.members.issuers.includes(id)) this.look()
    }
    for (const type of ['stored', 'audited', 'frozen', 'cut', 'removed'] as const)
      this.#ends.push(this.#init.ledgers.on(type, changed))
    this.look()
    await this.#looking
  }

  /**
   * To be called when a peer has connected or shown its ledger, and when the nodes or keys of a ledger have changed.
   */
  look(): void {
    if (this.#watched === null) return
    this.#again = true
    this.#looking ??= this.#lookUntilSame().finally(() => {
      this.#looking = null
    })
  }

  async #lookUntilSame(): Promise<void> {
    for (; this.#again && this.#watched !== null;) {
      this.#again = false
      await this.#lookAtAll(this.#watched.host)
    }
  }

  async #lookAtAll(host: Host): Promise<void> {
    try {
      await this.members.refresh()
      await this.members.admitSelf(host.peerId)
    } catch (error) {
      this.#init.log.error(
        { event: 'admission.members-unreadable', error: (error as Error).message },
        'memberships could not be loaded'
      )
    }
    if (this.#watched === null) return
    const { dismiss } = this.#watched
    const peers = host.peers()
    for (const peer of this.#admitted)
      if (!peers.some((connected) => connected.peer === peer)) this.#admitted.delete(peer)
    for (const { peer, since } of peers) this.#look(host, peer, since, dismiss)
    this.#awaitNext(host, peers)
  }

  /**
   * Handles what expires: memberships, the time of candidates, the records that prove a peer's ledger; and renews the
   * own membership.
   */
  #awaitNext(host: Host, peers: readonly { peer: string; since: number }[]): void {
    const { clock, directory } = this.#init
    const now = clock.now()
    const ends = [
      ...this.members.ends(host.peerId),
      ...peers.map(({ since }) => since + GRACE_MS),
      ...peers.flatMap(({ peer }) => directory.get(peer)?.record.expires ?? [])
    ].filter((at) => at > now)
    this.#cancel()
    if (ends.length > 0)
      this.#cancel = clock.after(Math.min(Math.min(...ends) - now, MAX_TIMER_MS), () => {
        this.look()
      })
  }

  #reasonOf(peer: string): 'NOT_ADMITTED' | 'NO_LONGER_ADMITTED' {
    return this.members.stateOf(peer) === 'ended' ? 'NO_LONGER_ADMITTED' : 'NOT_ADMITTED'
  }

  stop(): void {
    this.#watched = null
    for (const end of this.#ends) end()
    this.#cancel()
  }

  #look(host: Host, peer: string, since: number, dismiss: (peer: string) => Promise<void>): void {
    const state = this.stateOf(peer)
    if (state === 'admitted') {
      this.#admitted.add(peer)
      return
    }
    if (state === 'candidate' && this.#init.clock.now() - since < GRACE_MS) return
    const reason = this.#admitted.delete(peer) ? 'NO_LONGER_ADMITTED' : this.#reasonOf(peer)
    this.#init.refusals.note({ peer, ledger: null, reason, reader: this.#init.directory.provenLedger(peer) })
    dismiss(peer)
      .catch((error: Error) => {
        this.#init.log.debug(
          { event: 'admission.dismissal-failed', peer, error: error.message },
          'a dismissed peer could not be notified'
        )
      })
      .finally(() => {
        host.drop(peer, reason, state === 'refused' ? 0 : BAN_MS)
      })
  }
}
