import { WireError } from '../../protocols/wire.js'
import type { Clock } from '../ports.js'
import type { MeteredStream } from './metered-stream.js'

/**
 * Milliseconds between two checks while a request waits, and the number of checks after which an idle stream is closed.
 */
const LOOK_MS = 250
const STALLED_LOOKS = 8
/** Milliseconds that a request waits for a slot; clients wait for 15 s. */
const PATIENCE_MS = 10_000
/**
 * Share of the slots that only peers without one may take, so that peers with few requests do not wait for peers with
 * many.
 */
const RESERVED_SHARE = 1 / 4

interface Held {
  peer: string
  stream: MeteredStream
  written: number
  unsent: number
  looks: number
}
interface Waiting {
  peer: string
  stream: MeteredStream
  admit: (held: Held) => void
}

/**
 * How many streams of a protocol are served at once, over all peers: each holds a few MiB while its reader is slow.
 * When all slots are taken, the next one goes to the peer with the fewest, and a remote that neither sends nor reads
 * loses its slot to waiting peers.
 */
export class ServeSlots {
  readonly #max: number
  readonly #clock: Clock
  readonly #held = new Set<Held>()
  readonly #waiting: Waiting[] = []
  #looking = false

  constructor(options: { max: number; clock: Clock }) {
    this.#max = options.max
    this.#clock = options.clock
  }

  get held(): number {
    return this.#held.size
  }

  /** Resolves with a function that frees the slot. Throws BUSY. */
  async enter(peer: string, stream: MeteredStream): Promise<() => void> {
    const held = this.#mayTake(peer, this.#counts()) ? this.#take(peer, stream) : await this.#wait(peer, stream)
    return () => {
      if (this.#held.delete(held)) this.#next()
    }
  }

  #take(peer: string, stream: MeteredStream): Held {
    const held: Held = { peer, stream, written: stream.written, unsent: stream.unsent, looks: 0 }
    this.#held.add(held)
    return held
  }

  async #wait(peer: string, stream: MeteredStream): Promise<Held> {
    const { promise, resolve, reject } = Promise.withResolvers<Held>()
    const waiting: Waiting = { peer, stream, admit: resolve }
    const giveUp = (): void => {
      const index = this.#waiting.indexOf(waiting)
      if (index === -1) return
      this.#waiting.splice(index, 1)
      reject(new WireError('BUSY', 'all slots are taken'))
    }
    const cancel = this.#clock.after(PATIENCE_MS, giveUp)
    stream.closed.addEventListener('abort', giveUp, { once: true })
    this.#waiting.push(waiting)
    this.#look()
    try {
      return await promise
    } finally {
      cancel()
      stream.closed.removeEventListener('abort', giveUp)
    }
  }

  #mayTake(peer: string, counts: Map<string, number>): boolean {
    return this.#held.size < (counts.has(peer) ? Math.ceil(this.#max * (1 - RESERVED_SHARE)) : this.#max)
  }

  #next(): void {
    if (this.#waiting.length === 0) return
    const counts = this.#counts()
    const next = this.#waiting.reduce((best, one) =>
      (counts.get(one.peer) ?? 0) < (counts.get(best.peer) ?? 0) ? one : best
    )
    if (!this.#mayTake(next.peer, counts)) return
    this.#waiting.splice(this.#waiting.indexOf(next), 1)
    next.admit(this.#take(next.peer, next.stream))
  }

  /** Stalls count only while a peer waits: with free slots, a slow reader is not closed. */
  #look(): void {
    if (this.#looking) return
    this.#looking = true
    this.#clock.after(LOOK_MS, () => {
      this.#looking = false
      this.#cut()
      if (this.#waiting.length > 0) this.#look()
    })
  }

  #cut(): void {
    let worst: Held | undefined
    const counts = this.#counts()
    for (const held of this.#held) {
      const { written, unsent } = held.stream
      held.looks = held.stream.waits && unsent === held.unsent && written === held.written ? held.looks + 1 : 0
      Object.assign(held, { written, unsent })
      if (held.looks >= STALLED_LOOKS && (worst === undefined || counts.get(held.peer)! > counts.get(worst.peer)!))
        worst = held
    }
    if (worst === undefined || this.#waiting.length === 0) return
    worst.stream.abort(new WireError('CLOSED', 'idle while others wait'))
    this.#held.delete(worst)
    this.#next()
  }

  #counts(): Map<string, number> {
    const counts = new Map<string, number>()
    for (const { peer } of this.#held) counts.set(peer, (counts.get(peer) ?? 0) + 1)
    return counts
  }
}
