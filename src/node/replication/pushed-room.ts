/** Limits of ledgers that came by push: for each ledger, and for each pool. */
import type { LedgerId } from '../../core/ledger-id.js'
import type { Allowance } from '../../ledger/write/allowance.js'
import type { Ledgers } from '../../ledger/ledgers.js'
import type { Pool } from '../../sync/push/types.js'
import type { Follows } from './follows.js'
import type { SharedDisk } from './free-disk.js'

/**
 * Separate limits per pool, so that a flood from unknown peers does not take the places of tokens and of trusted
 * ledgers.
 */
export interface PushLimits {
  /** Ledgers that are followed because they were offered. */
  ledgers: number
  /** Bytes of headers, signatures and payloads of one such ledger. */
  bytesPerLedger: number
  /** The same of all together. */
  bytes: number
  /** Bytes of disk space that pushed ledgers may not use. */
  freeDisk: number
}

const GIB = 1024 ** 3
export const DEFAULT_PUSH_LIMITS: PushLimits = {
  ledgers: 64,
  bytesPerLedger: GIB,
  bytes: 16 * GIB,
  freeDisk: GIB
}
/** Places in the pool of unknown peers that one peer or host may take. */
const MAX_OF_ONE_STRANGER = 8

export interface PushedRoomInit {
  ledgers: Pick<Ledgers, 'get'>
  follows: Follows
  limits: PushLimits
  disk: SharedDisk
}

/** Whoever is about to be followed: accepted, and not stored yet. */
interface Newcomer {
  pool: Pool
  peer: string
  host?: string
}

export class PushedRoom {
  readonly #init: PushedRoomInit
  readonly #newcomers = new Map<LedgerId, Newcomer>()
  /** What a batch that is being written will have made of a ledger that had `from` bytes before. */
  readonly #underway = new Map<LedgerId, { from: number; to: number }>()

  constructor(init: PushedRoomInit) {
    this.#init = init
  }

  get bytesPerLedger(): number {
    return this.#init.limits.bytesPerLedger
  }

  /** Is there a place for one more, from this peer? */
  hasRoom(pool: Pool, peer: string, host: string): boolean {
    const { limits, follows } = this.#init
    for (const id of this.#underway.keys()) if (!follows.has(id)) this.#underway.delete(id)
    const members = this.#members(pool)
    const places: Newcomer[] = [
      ...members.map((id) => follows.get(id)!.origin!),
      ...[...this.#newcomers].filter(([id, one]) => one.pool === pool && !follows.has(id)).map(([, one]) => one)
    ]
    const ofOne = places.filter((one) => one.peer === peer || (one.host !== undefined && one.host === host))
    return (
      places.length < limits.ledgers &&
      this.#taken(members) < limits.bytes &&
      (pool !== 'anyone' || ofOne.length < MAX_OF_ONE_STRANGER) &&
      this.#isDiskFree()
    )
  }

  /**
   * A place for a ledger that is about to be followed, until the returned function is called; null: there is none any
   * more. Offers that are decided at once would otherwise all get the last one.
   */
  reserve(ledger: LedgerId, pool: Pool, peer: string, host: string): (() => void) | null {
    if (this.#newcomers.has(ledger) || !this.hasRoom(pool, peer, host)) return null
    this.#newcomers.set(ledger, { pool, peer, host })
    return () => {
      this.#newcomers.delete(ledger)
    }
  }

  /** null: followed by the operator. */
  allowanceOf(ledger: LedgerId): Allowance | null {
    return this.#init.follows.get(ledger)?.origin === undefined
      ? null
      : { admits: (taken) => this.#admits(ledger, taken) }
  }

  /** May a ledger that came by push grow? */
  mayGrow(ledger: LedgerId): boolean {
    return (
      this.#init.follows.get(ledger)?.origin !== undefined &&
      this.#fits(ledger, (this.#init.ledgers.get(ledger)?.taken ?? 0) + 1)
    )
  }

  /** What is admitted is about to be written, and is nobody else's any more. */
  #admits(ledger: LedgerId, taken: number): boolean {
    if (!this.#fits(ledger, taken)) return false
    const from = this.#init.ledgers.get(ledger)?.taken ?? 0
    this.#init.disk.announce(Math.max(0, taken - from))
    this.#underway.set(ledger, { from, to: taken })
    return true
  }

  #fits(ledger: LedgerId, taken: number): boolean {
    const { follows, limits } = this.#init
    const origin = follows.get(ledger)?.origin
    if (origin === undefined) return true
    const others = this.#members(origin.pool).filter((id) => id !== ledger)
    return this.#isDiskFree() && taken <= origin.bytes && this.#taken(others) + taken <= limits.bytes
  }

  #isDiskFree(): boolean {
    const { limits, disk } = this.#init
    const { bytes } = disk
    return bytes === null || bytes >= limits.freeDisk
  }

  #members(pool: Pool): LedgerId[] {
    const { follows } = this.#init
    return follows.list().filter((id) => follows.get(id)!.origin?.pool === pool)
  }

  #taken(members: LedgerId[]): number {
    return members.reduce((sum, id) => {
      const taken = this.#init.ledgers.get(id)?.taken ?? 0
      const underway = this.#underway.get(id)
      return sum + (underway?.from === taken ? Math.max(taken, underway.to) : taken)
    }, 0)
  }
}
