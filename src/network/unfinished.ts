import type { Stream } from '@libp2p/interface'
import type { Clock } from '../ports.js'
import type { Payer } from './account.js'
import { PIECE_BYTES, type Held } from './held.js'

/** Milliseconds from the first byte of a message to its last. */
const PATIENCE_MS = 30_000

/** Bounds the incomplete messages that libp2p's protocols hold: over all streams together, and in time. */
export class Unfinished {
  readonly #clock: Clock
  readonly #held: Held

  constructor(clock: Clock, held: Held) {
    this.#clock = clock
    this.#held = held
  }

  /**
   * Returns a function to call for each chunk, with the bytes of an unfinished message that the stream holds, and
   * whether the message is a new one; false: too many, the stream must be closed.
   */
  watch(payer: Payer, stream: Pick<Stream, 'abort' | 'addEventListener'>): (bytes: number, isNew: boolean) => boolean {
    const holding = this.#held.watch(payer, () => {
      stream.abort(new Error('the memory is needed for others'))
    })
    let cancel: (() => void) | null = null
    let pieces = 0
    stream.addEventListener(
      'close',
      () => {
        cancel?.()
        holding.end()
      },
      { once: true }
    )
    return (bytes, isNew) => {
      if (isNew || bytes === 0) {
        cancel?.()
        cancel = null
        pieces = 0
      }
      if (bytes > 0)
        cancel ??= this.#clock.after(PATIENCE_MS, () => {
          stream.abort(new Error('a message that does not end'))
        })
      return holding.set(bytes === 0 ? 0 : bytes + ++pieces * PIECE_BYTES)
    }
  }
}
