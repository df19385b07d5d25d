import type { Random } from '../ports.js'
import type { FollowedLedger } from './followed-ledger.js'
import type { SyncLimits } from './limits.js'
import type { Peer, PeerBook } from './peer-book.js'
import { statusOf } from './stall-codes.js'
import type { SyncEffect } from './types.js'

/** Dials that may go out together. */
const DIAL_BURST = 16
/** Connected peers that are asked again at each dial. */
const ASKED_AROUND = 16

/** Looks for somebody who has a ledger when nobody connected hands it over: less and less often, and never for all ledgers at once. */
export class Dialing {
  readonly #limits: SyncLimits
  readonly #random: Random
  readonly #peers: PeerBook
  readonly #emit: (effect: SyncEffect) => void
  readonly #touchPeer: (peer: Peer) => void
  #nextSlot = 0

  constructor (options: { limits: SyncLimits, random: Random, peers: PeerBook, emit: (effect: SyncEffect) => void, touchPeer: (peer: Peer) => void }) {
    this.#limits = options.limits
    this.#random = options.random
    this.#peers = options.peers
    this.#emit = options.emit
    this.#touchPeer = options.touchPeer
  }

  turn (ledger: FollowedLedger, now: number): void {
    if (!this.#isWanted(ledger, now)) {
      ledger.dialAt = null
      ledger.dialReserved = false
      ledger.dialBackoff.reset()
      this.#lookAround(ledger, now)
      return
    }
    ledger.stopLooking()
    if (ledger.dialAt === null) {
      // Those who are connected may still answer that they have it.
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
   * A few who have it may know only each other, and confirm to each other for ever what they have: none of them would hear of a new entry.
   * So more are looked for, rarely, also when somebody has it.
   */
  #lookAround (ledger: FollowedLedger, now: number): void {
    const { holdersWanted, lookBaseMs, lookMaxMs, dialSpacingMs } = this.#limits
    if (!ledger.active || ledger.storeFailedAt !== null || holdersOf(ledger) >= holdersWanted) return ledger.stopLooking()
    const due = ledger.lookAt !== null && ledger.lookAt <= now
    if (ledger.lookAt !== null && !due) return
    if (due && this.#nextSlot > now) {
      ledger.lookAt = this.#nextSlot
      this.#nextSlot += dialSpacingMs
      return
    }
    if (due) {
      this.#nextSlot = now + dialSpacingMs
      this.#emit({ type: 'dial', ledger: ledger.id })
    }
    ledger.lookBackoff.fail(now, { backoffBaseMs: lookBaseMs, backoffMaxMs: lookMaxMs }, this.#random)
    ledger.lookAt = ledger.lookBackoff.until
  }

  /** Those who are connected had nothing when they were asked; they may have got it since. */
  #askAround (ledger: FollowedLedger): void {
    const peers = [...this.#peers.all()]
    const start = Math.floor(this.#random.next() * peers.length)
    for (let n = 0; n < Math.min(peers.length, ASKED_AROUND); n++) {
      const peer = peers[(start + n) % peers.length]!
      peer.toAsk.add(ledger)
      this.#touchPeer(peer)
    }
  }

  #isWanted (ledger: FollowedLedger, now: number): boolean {
    if (!ledger.active || ledger.storeFailedAt !== null) return false
    for (const view of ledger.views.values()) {
      if (!view.denied && view.size > 0) return statusOf(ledger, now, null, this.#limits).status === 'stalled'
    }
    return true
  }

  /** A few at once, then one every `dialSpacingMs`: who comes too early gets a place in the line. */
  #mayGo (ledger: FollowedLedger, now: number): boolean {
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

/** Connected peers that have some of it. */
function holdersOf (ledger: FollowedLedger): number {
  let count = 0
  for (const view of ledger.views.values()) if (!view.denied && view.size > 0) count++
  return count
}
