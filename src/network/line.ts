import type { Payer } from './account.js'
import type { RateLimiter } from './rate-limiter.js'
import type { Held, Holding } from './held.js'
import { UNIT_BYTES } from './quota.js'
import { LINE, OPENING, REFUSED } from './costs.js'

/** Milliseconds that a peer which floods a connection stays out. */
const BAN_MS = 60_000
/** Bytes of an unfinished frame that are not worth counting. */
const FEW_BYTES = 4096

export interface LineOptions {
  limiter: RateLimiter
  held: Held
  drop: (peer: string, reason: string, banMs: number) => void
}

/**
 * One connection below its streams: packets, frames of the multiplexer, streams that are opened. Its methods throw when
 * the connection has to go.
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
      abort(new Error('connection: others need the room'))
    })
  }

  /** One packet of the encryption, of whatever size. */
  packet(): void {
    this.#pay(LINE.packetUnits)
  }

  frame(isPing: boolean): void {
    this.#pay(isPing ? LINE.pingUnits : LINE.frameUnits)
  }

  /** A stream with these bytes of a negotiation that is none, or does not end. */
  failsToNegotiate(bytes: number): void {
    this.#pay(LINE.nonsenseUnits + (bytes / UNIT_BYTES) * LINE.strayFactor)
  }

  /** Bytes for a stream that is not there. */
  wastes(bytes: number): void {
    this.#pay((bytes / UNIT_BYTES) * LINE.strayFactor)
  }

  /** The remote opens a stream; false: it is to be refused. `isFull`: it has as many as there may be. */
  opens(isFull: boolean): boolean {
    const { limiter } = this.#options
    if (!isFull && limiter.take(this.#payer, OPENING.name, 1, OPENING.quota) === null) return true
    const over = limiter.take(this.#payer, REFUSED.name, 1, REFUSED.quota)
    if (over !== null) this.#end('it opens streams without end', over === 'peer')
    return false
  }

  /** Bytes of a frame that is not complete. `tooLarge`: the frame will never be taken. */
  waits(bytes: number, tooLarge: boolean): void {
    if (tooLarge) this.#end('a frame that is larger than a window', true)
    if (!this.#waiting.set(bytes < FEW_BYTES ? 0 : bytes)) this.#end('too many unfinished frames', false)
  }

  /** For what a stream of this connection holds. */
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

  /** Kept out only if nobody but the peer is the cause: not its neighbours behind one address. */
  #end(reason: string, isItsOwnFault: boolean): never {
    const first = !this.#isOver
    this.#isOver = true
    if (isItsOwnFault && first) this.#options.drop(this.#payer.peer, `connection: ${reason}`, BAN_MS)
    throw new Error(`connection: ${reason}`)
  }
}
