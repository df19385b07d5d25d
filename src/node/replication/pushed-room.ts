/** Limits of ledgers that came by push: for each ledger, and for each pool. */
import type { LedgerId } from '../../core/ledger-id.js'
import type { Allowance } from '../../ledger/write/allowance.js'
import type { Ledgers } from '../../ledger/ledgers.js'
import type { Pool } from '../../sync/push/types.js'
import type { Follows } from './follows.js'

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
  /** Free bytes on the disk at the last check; null: not known. */
  freeBytes: () => number | null
}

export class PushedRoom {
  readonly #init: PushedRoomInit

  constructor(init: PushedRoomInit) {
    this.#init = init
  }

  get bytesPerLedger(): number {
    return this.#init.limits.bytesPerLedger
  }

  /** Is there a place for one more, from this peer? */
  hasRoom(pool: Pool, peer: string, host: string): boolean {
    const { limits, follows } = this.#init
    const members = this.#members(pool)
    const ofOne = members.filter((id) => {
      const origin = follows.get(id)!.origin!
      return origin.peer === peer || (origin.host !== undefined && origin.host === host)
    })
    return (
      members.length < limits.ledgers &&
      this.#taken(members) < limits.bytes &&
      (pool !== 'anyone' || ofOne.length < MAX_OF_ONE_STRANGER) &&
      this.#isDiskFree()
    )
  }

  /** null: followed by the operator. */
  allowanceOf(ledger: LedgerId): Allowance | null {
    return this.#init.follows.get(ledger)?.origin === undefined
      ? null
      : { admits: (taken) => this.#admits(ledger, taken) }
  }

  #admits(ledger: LedgerId, taken: number): boolean {
    const origin = this.#init.follows.get(ledger)?.origin
    if (origin === undefined) return true
    return (
      this.#isDiskFree() &&
      taken <= origin.bytes &&
      this.#taken(this.#members(origin.pool).filter((id) => id !== ledger)) + taken <= this.#init.limits.bytes
    )
  }

  #isDiskFree(): boolean {
    const { limits, freeBytes } = this.#init
    const free = freeBytes()
    return free === null || free >= limits.freeDisk
  }

  #members(pool: Pool): LedgerId[] {
    const { follows } = this.#init
    return follows.list().filter((id) => follows.get(id)!.origin?.pool === pool)
  }

  #taken(members: LedgerId[]): number {
    return members.reduce((sum, id) => sum + (this.#init.ledgers.get(id)?.taken ?? 0), 0)
  }
}
