import type { Uint8ArrayList } from 'uint8arraylist'

/** A length prefix of more bytes than this belongs to no message of these protocols (2^28 bytes). */
const MAX_PREFIX_BYTES = 4

/** How a protocol delimits its messages: a varint of the length before each, or a fixed number of bytes. */
export type Framing = 'prefixed' | { bytes: number }

/**
 * Follows the messages in the bytes of one stream without storing any: how many there are, and how many bytes of the
 * last one are missing.
 */
export class MessageScan {
  readonly #framing: Framing
  readonly #maxBytes: number
  /** The length that is being read, and the bytes of it so far. */
  #length = 0
  #prefixBytes = 0
  #left = 0
  #here = 0
  #oversize = false
  #empty = 0

  constructor(framing: Framing, maxBytes: number) {
    this.#framing = framing
    this.#maxBytes = maxBytes
  }

  /** Received bytes of the unfinished message. */
  get unfinished(): number {
    return this.#here
  }

  /** True from the moment when a message announced itself as larger than allowed; nothing is counted any more. */
  get oversize(): boolean {
    return this.#oversize
  }

  /** How many messages of the last count are empty. */
  get empty(): number {
    return this.#empty
  }

  /** The number of messages that begin in these bytes, which follow those of the last call. */
  count(data: Uint8Array | Uint8ArrayList): number {
    let count = (this.#empty = 0)
    for (const chunk of data instanceof Uint8Array ? [data] : data) {
      for (let at = 0; at < chunk.byteLength && !this.#oversize;) {
        if (this.#left === 0) {
          if (this.#framing === 'prefixed') at = this.#prefix(chunk, at)
          else this.#left = this.#framing.bytes
          if (this.#prefixBytes > 0 || this.#oversize) continue
          count++
          this.#here = 0
          if (this.#left === 0) this.#empty++
        }
        const taken = Math.min(this.#left, chunk.byteLength - at)
        at += taken
        this.#left -= taken
        this.#here = this.#left === 0 ? 0 : this.#here + taken
      }
    }
    return count
  }

  /** Continues to read the length; when it is complete, `#prefixBytes` is 0 and `#left` is the length. */
  #prefix(chunk: Uint8Array, from: number): number {
    let at = from
    while (at < chunk.byteLength) {
      const byte = chunk[at++]!
      this.#length += (byte & 127) * 2 ** (7 * this.#prefixBytes++)
      const ended = byte < 128
      if (this.#length > this.#maxBytes || (!ended && this.#prefixBytes >= MAX_PREFIX_BYTES)) {
        this.#oversize = true
        return at
      }
      if (!ended) continue
      this.#left = this.#length
      this.#length = this.#prefixBytes = 0
      return at
    }
    return at
  }
}
