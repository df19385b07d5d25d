import type { Payer } from './account.js'
import type { RateLimiter } from './rate-limiter.js'
import type { Held, Holding } from './held.js'
import { UNIT_BYTES } from './quota.js'
import { LINE, OPENING, REFUSED } from './costs.js'

/** Milliseconds that a peer is refused after it flooded a connection. */
const BAN_MS = 60_000
/** Bytes of an unfinished frame that are not counted. */
const FEW_BYTES = 4096

export interface LineOptions {
  limiter: RateLimiter
  held: Held
  drop: (peer: string, reason: string, banMs: number) => void
}

/**
 * Limits of one connection below its streams: packets, frames of the multiplexer, opened streams. Its methods throw
 * when the connection must be closed.
 */
export class Line {
  readonly #options: LineOptions
  readonly #payer: Payer
  readonly #waiting: Holding
  #isOver = false

  constructor(options: LineOptions, payer: Payer, abort: (error: Error) => void) {
    this.#options = options
    this.#payer = payer
    this.#waiting = options.held.watch(payer, () => {
      abort(new Error('connection: the memory is needed for others'))
    })
  }

  /** One packet of the encryption, of any size. */
  packet(): void {
    this.#pay(LINE.packetUnits)
  }

  frame(isPing: boolean): void {
    this.#pay(isPing ? LINE.pingUnits : LINE.frameUnits)
  }

  /** A stream with these bytes of an invalid or endless negotiation. */
  failsToNegotiate(bytes: number): void {
    this.#pay(LINE.nonsenseUnits + (bytes / UNIT_BYTES) * LINE.strayFactor)
  }

  /** Bytes for a stream that does not exist. */
  wastes(bytes: number): void {
    this.#pay((bytes / UNIT_BYTES) * LINE.strayFactor)
  }

  /** The remote opens a stream; false: it must be refused. `isFull`: the remote has the maximum already. */
  opens(isFull: boolean): boolean {
    const { limiter } = this.#options
    if (!isFull && limiter.take(this.#payer, OPENING.name, 1, OPENING.quota) === null) return true
    const over = limiter.take(this.#payer, REFUSED.name, 1, REFUSED.quota)
    if (over !== null) this.#end('it opens too many streams', over === 'peer')
    return false
  }

  /** Bytes of an incomplete frame. `tooLarge`: the frame will never be accepted. */
  waits(bytes: number, tooLarge: boolean): void {
    if (tooLarge) this.#end('a frame that is larger than a window', true)
    if (!this.#waiting.set(bytes < FEW_BYTES ? 0 : bytes)) this.#end('too many unfinished frames', false)
  }

  /** The counter for bytes that a stream of this connection holds. */
  holding(letGo: () => void): Holding {
    return this.#options.held.watch(this.#payer, letGo)
  }

  closed(): void {
    this.#waiting.end()
  }

  #pay(units: number): void {
    if (this.#isOver) throw new Error('connection: over')
    const over = this.#options.limiter.take(this.#payer, LINE.name, units, LINE.quota)
    if (over !== null) this.#end('over its quota', over === 'peer')
  }

  /** The peer is banned only if it alone is the cause, and not other peers behind the same address. */
  #end(reason: string, isItsOwnFault: boolean): never {
    const first = !this.#isOver
    this.#isOver = true
    if (isItsOwnFault && first) this.#options.drop(this.#payer.peer, `connection: ${reason}`, BAN_MS)
    throw new Error(`connection: ${reason}`)
  }
}
