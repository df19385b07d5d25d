import type { Uint8ArrayList } from 'uint8arraylist'

/** Bytes of a protocol's name with its line end, the limit of multistream-select. */
const MAX_NAME_BYTES = 1024
/**
 * Names up to one that is served, the header included. Our nodes need two; a peer that offers all versions of a
 * protocol, a few more.
 */
const MAX_NAMES = 16
const HEADER = '/multistream/1.0.0'

/**
 * Follows the remote's side of multistream-select before libp2p sees it: libp2p answers every name that it does not
 * serve, without limit, and does not yield while more of them are buffered (65,536 bytes of two-byte names stop the
 * process for more than a second). The bytes after the name that is served belong to the protocol.
 */
export class Negotiation {
  readonly #isServed: (protocol: string) => boolean
  #name = Buffer.alloc(0)
  #names = 0
  #done = false

  constructor(isServed: (protocol: string) => boolean) {
    this.#isServed = isServed
  }

  /** Is a protocol agreed on? */
  get done(): boolean {
    return this.#done
  }

  /** False: the negotiation is invalid or endless. */
  admits(data: Uint8Array | Uint8ArrayList): boolean {
    if (this.#done) return true
    let bytes = Buffer.concat([this.#name, data instanceof Uint8Array ? data : data.subarray()])
    while (!this.#done) {
      const at = lengthOf(bytes)
      if (at === 'none') return false
      if (at === 'more' || bytes.length < at.end) break
      this.#done = this.#takes(bytes.toString('utf8', at.start, at.end))
      if (++this.#names > MAX_NAMES) return false
      bytes = bytes.subarray(at.end)
    }
    this.#name = this.#done ? Buffer.alloc(0) : Buffer.from(bytes)
    return true
  }

  #takes(line: string): boolean {
    const name = line.trimEnd()
    return line.endsWith('\n') && name !== HEADER && this.#isServed(name)
  }
}

/** The place of the name at the beginning; more: not known yet; none: its length is zero or too large. */
function lengthOf(bytes: Buffer): { start: number; end: number } | 'more' | 'none' {
  const [first, second] = bytes
  if (first === undefined) return 'more'
  if (first < 128) return first === 0 ? 'none' : { start: 1, end: 1 + first }
  if (second === undefined) return 'more'
  const length = first - 128 + second * 128
  return second >= 128 || length === 0 || length > MAX_NAME_BYTES ? 'none' : { start: 2, end: 2 + length }
}
