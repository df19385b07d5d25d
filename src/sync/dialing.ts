import type { Random } from '../ports.js'
import type { FollowedLedger } from './followed-ledger.js'
import type { SyncLimits } from './limits.js'
import type { Peer, PeerBook } from './peer-book.js'
import { statusOf } from './stall-codes.js'
import type { SyncEffect, SyncStatus } from './types.js'

/** Concurrent dials. */
const DIAL_BURST = 16
/** Connected peers that are asked again at each dial. */
const ASKED_AROUND = 16

/**
 * Searches a peer that has a ledger when no connected peer sends it: less and less often, and never for all ledgers at
 * once.
 */
export class Dialing {
  readonly #limits: SyncLimits
  readonly #random: Random
  readonly #peers: PeerBook
  readonly #emit: (effect: SyncEffect) => void
  readonly #touchPeer: (peer: Peer) => void
  #nextSlot = 0
  #nextLook = 0

  constructor(options: {
    limits: SyncLimits
    random: Random
    peers: PeerBook
    emit: (effect: SyncEffect) => void
    touchPeer: (peer: Peer) => void
  }) {
    this.#limits = options.limits
    this.#random = options.random
    this.#peers = options.peers
    this.#emit = options.emit
    this.#touchPeer = options.touchPeer
  }

  turn(ledger: FollowedLedger, now: number): void {
    if (!this.#isWanted(ledger, now)) {
      ledger.dialAt = null
      ledger.dialReserved = false
      ledger.dialBackoff.reset()
      this.#lookAround(ledger, now)
      return
    }
    ledger.stopLooking()
    if (ledger.dialAt === null) {
      // Connected peers may still answer that they have it.
      if (this.#peers.size > 0) ledger.dialBackoff.fail(now, this.#limits, this.#random)
      ledger.dialAt = Math.max(now, ledger.dialBackoff.until)
    }
    if (ledger.dialAt > now || !this.#mayGo(ledger, now)) return
    this.#emit({ type: 'dial', ledger: ledger.id })
    this.#askAround(ledger)
    ledger.dialBackoff.fail(now, this.#limits, this.#random)
    ledger.dialAt = ledger.dialBackoff.until
  }

  /**
   * The ledger is synced according to connected peers; but a few peers that confirm the same old head to each other
   * (after a network partition, for example) cannot be told from peers with the newest one. So another peer is searched
   * now and then: soon after the follow began or a peer that has it left, then ever more rarely, because each search
   * makes one more connection.
   */
  #lookAround(ledger: FollowedLedger, now: number): void {
    if (!ledger.active) return ledger.stopLooking()
    if (ledger.lookAt === null) this.#lookLater(ledger, now)
    if (ledger.lookAt! > now) return
    if (!ledger.lookReserved) {
      const slot = Math.max(this.#nextLook, now)
      this.#nextLook = slot + this.#limits.lookSpacingMs
      ledger.lookAt = slot
      ledger.lookReserved = slot > now
      if (ledger.lookReserved) return
    }
    ledger.lookReserved = false
    this.#lookLater(ledger, now)
    this.#emit({ type: 'dial', ledger: ledger.id, more: 1 })
  }

  #lookLater(ledger: FollowedLedger, now: number): void {
    ledger.lookBackoff.fail(
      now,
      { backoffBaseMs: this.#limits.lookBaseMs, backoffMaxMs: this.#limits.lookMaxMs },
      this.#random
    )
    ledger.lookAt = ledger.lookBackoff.until
  }

  /** Connected peers had nothing when they were asked; they may have got it since. */
  #askAround(ledger: FollowedLedger): void {
    const peers = [...this.#peers.all()]
    const start = Math.floor(this.#random.next() * peers.length)
    for (let n = 0; n < Math.min(peers.length, ASKED_AROUND); n++) {
      const peer = peers[(start + n) % peers.length]!
      peer.toAsk.add(ledger.id)
      this.#touchPeer(peer)
    }
  }

  #isWanted(ledger: FollowedLedger, now: number): boolean {
    if (!ledger.active || ledger.storeFailedAt !== null) return false
    for (const view of ledger.views.values()) {
      if (!view.denied && view.size > 0) return isInNeed(statusOf(ledger, now, null, this.#limits))
    }
    return true
  }

  /** A few at once, then one every `dialSpacingMs`: a ledger that is too early is queued. */
  #mayGo(ledger: FollowedLedger, now: number): boolean {
    if (ledger.dialReserved) {
      ledger.dialReserved = false
      return true
    }
    const slot = Math.max(this.#nextSlot, now)
    this.#nextSlot = slot + this.#limits.dialSpacingMs
    if (slot < now + DIAL_BURST * this.#limits.dialSpacingMs) return true
    ledger.dialReserved = true
    ledger.dialAt = slot
    return false
  }
}

/** More peers that have it do not help when slots or bandwidth are lacking here. */
function isInNeed(status: SyncStatus): boolean {
  return status.status === 'stalled' && status.code !== 'QUEUED' && status.code !== 'THROTTLED'
}
