/**
 * Who may be connected in a closed network: peers and ledgers on the allow-list, and members. Closed as soon as one of the two is configured.
 * A pre-shared key hides a network from those without it; only admission keeps out somebody who has it.
 */
import type { LedgerId } from '../core/ledger-id.js'
import { isLedgerId } from '../core/ledger-id.js'
import type { Ledger } from '../ledger/ledger.js'
import type { Ledgers } from '../ledger/ledgers.js'
import type { Host } from '../network/host.js'
import type { Clock, Log } from '../ports.js'
import type { Directory } from './directory.js'
import { Members } from './members.js'
import type { Refusals } from './refusals.js'

export interface AdmissionConfig {
  /** Peer ids and ledger ids. */
  allow?: readonly string[] | undefined
  members?: { issuers: readonly LedgerId[] } | undefined
}

export interface AdmissionInit extends AdmissionConfig {
  /** Addresses with /p2p/: this node may dial their peers before it knows who is a member. */
  bootstrap: readonly string[]
  ledgers: Ledgers
  directory: Directory
  refusals: Refusals
  clock: Clock
  log: Log
}

/** Between two looks at who is connected. A membership that ends is noticed so soon after its entry is here. */
const LOOK_MS = 1_000
/** A peer that may become admitted (it has yet to prove its ledger, or this node to learn who is a member) has so long. */
const GRACE_MS = 30_000
/** An expelled peer is not let in by old knowledge. */
const BAN_MS = 60_000

export class Admission {
  readonly members: Members
  readonly #init: AdmissionInit
  readonly #peers: ReadonlySet<string>
  readonly #ledgers: ReadonlySet<LedgerId>
  readonly #dialled: Set<string>
  readonly #admitted = new Set<string>()
  #cancel: () => void = () => {}

  constructor (init: AdmissionInit) {
    this.#init = init
    this.#peers = new Set((init.allow ?? []).filter((id) => !isLedgerId(id)))
    this.#ledgers = new Set((init.allow ?? []).filter(isLedgerId))
    this.#dialled = new Set(init.bootstrap.map((address) => address.split('/').at(-1)!))
    this.members = new Members(init.members?.issuers ?? [], init)
  }

  get closed (): boolean {
    return this.#init.allow !== undefined || this.#init.members !== undefined
  }

  /** The operator dials this peer. */
  dialled (address: string): void {
    this.#dialled.add(address.split('/').at(-1)!)
  }

  /** candidate: may be connected for a while, but gets only what admission itself needs. */
  stateOf (peer: string): 'admitted' | 'candidate' | 'refused' {
    if (!this.closed || this.#peers.has(peer)) return 'admitted'
    const membership = this.members.stateOf(peer)
    if (membership === 'member') return 'admitted'
    const proven = this.#ledgers.size === 0 ? null : this.#init.directory.provenLedger(peer)
    if (proven !== null && this.#ledgers.has(proven)) return 'admitted'
    if (this.#ledgers.size > 0) return 'candidate'
    return membership === 'unknown' && this.#dialled.has(peer) ? 'candidate' : 'refused'
  }

  /** For the gater: no connection at all. */
  refuses (peer: string): boolean {
    if (this.stateOf(peer) !== 'refused') return false
    this.#init.refusals.note({ peer, ledger: null, reason: this.#reasonOf(peer), reader: null })
    return true
  }

  /** May the peer have anything of this ledger? A candidate: the issuers' ledgers, and the own one if it is public, for by them it may be admitted. */
  allows (peer: string, ledger: Ledger): boolean {
    const state = this.stateOf(peer)
    return state === 'admitted' || (state === 'candidate' && (this.members.issuers.includes(ledger.id) || ledger.own))
  }

  /** Looks at once, and then every second, until `stop`. `dismiss` says Bye to the peer, so that its operator can see why. */
  async watch (host: Host, dismiss: (peer: string) => Promise<void>): Promise<void> {
    if (!this.closed) return
    try {
      await this.members.refresh()
      await this.members.admitSelf(host.peerId)
    } catch (error) {
      this.#init.log.error({ error: (error as Error).message }, 'the memberships could not be read')
    }
    const peers = host.peers()
    for (const peer of this.#admitted) if (!peers.some((connected) => connected.peer === peer)) this.#admitted.delete(peer)
    for (const { peer, since } of peers) this.#look(host, peer, since, dismiss)
    this.#cancel = this.#init.clock.after(LOOK_MS, () => { this.#watchOn(host, dismiss) })
  }

  #reasonOf (peer: string): 'NOT_ADMITTED' | 'NO_LONGER_ADMITTED' {
    return this.members.stateOf(peer) === 'ended' ? 'NO_LONGER_ADMITTED' : 'NOT_ADMITTED'
  }

  stop (): void {
    this.#cancel()
  }

  #watchOn (host: Host, dismiss: (peer: string) => Promise<void>): void {
    this.watch(host, dismiss).catch((error: Error) => { this.#init.log.error({ error: error.message }, 'admission failed') })
  }

  #look (host: Host, peer: string, since: number, dismiss: (peer: string) => Promise<void>): void {
    const state = this.stateOf(peer)
    if (state === 'admitted') {
      this.#admitted.add(peer)
      return
    }
    if (state === 'candidate' && this.#init.clock.now() - since < GRACE_MS) return
    const reason = this.#admitted.delete(peer) ? 'NO_LONGER_ADMITTED' : this.#reasonOf(peer)
    this.#init.refusals.note({ peer, ledger: null, reason, reader: this.#init.directory.provenLedger(peer) })
    dismiss(peer).catch((error: Error) => { this.#init.log.debug({ peer, error: error.message }, 'a peer was not told that it is dismissed') })
      .finally(() => { host.drop(peer, reason, state === 'refused' ? 0 : BAN_MS) })
  }
}
