/**
 * Where a zstd frame ends (RFC 8878 §3.1), without inflating it. Node 22 takes a frame that was cut off for a whole
 * one, in all its interfaces: that what was inflated is all there was has to be seen here.
 */
const MAGIC = 0xfd2fb528
/** The lowest half byte is the user's. */
const SKIPPABLE = 0x184d2a50
const MAGIC_BYTES = 4
/** Of a skippable frame: the size of what is skipped. */
const LENGTH_BYTES = 4
const BLOCK_HEADER_BYTES = 3
const CHECKSUM_BYTES = 4
/** Block type 1: one byte that is repeated. */
const RLE = 1
/** Bytes of the frame content size and of the dictionary id, by their flags. */
const CONTENT_SIZES = [0, 2, 4, 8]
const DICTIONARY_SIZES = [0, 1, 2, 4]

type Part = 'magic' | 'length' | 'descriptor' | 'block' | 'end' | 'unknown'

/** One frame, whose bytes come in pieces. */
export class ZstdFrame {
  #part: Part = 'magic'
  /** Bytes of the part that is read, little-endian: the number so far, and how many are in it. */
  #value = 0
  #have = 0
  /** Bytes to go over before the next part. */
  #skip = 0
  #hasChecksum = false

  /** Has its last byte come? */
  get isWhole(): boolean {
    return this.#part === 'end' && this.#skip === 0
  }

  /** Is it no frame at all? */
  get isUnknown(): boolean {
    return this.#part === 'unknown'
  }

  /** How many of these bytes belong to it. */
  take(bytes: Uint8Array): number {
    let at = 0
    while (at < bytes.length && !this.isWhole && this.#part !== 'unknown') {
      if (this.#skip > 0) {
        const skipped = Math.min(this.#skip, bytes.length - at)
        this.#skip -= skipped
        at += skipped
      } else {
        this.#value += bytes[at++]! * 256 ** this.#have++
        if (this.#have === this.#wanted()) this.#next()
      }
    }
    return at
  }

  #wanted(): number {
    switch (this.#part) {
      case 'magic':
        return MAGIC_BYTES
      case 'length':
        return LENGTH_BYTES
      case 'block':
        return BLOCK_HEADER_BYTES
      default:
        return 1
    }
  }

  #next(): void {
    const value = this.#value
    this.#value = this.#have = 0
    switch (this.#part) {
      case 'magic':
        this.#part = value === MAGIC ? 'descriptor' : value - (value % 16) === SKIPPABLE ? 'length' : 'unknown'
        break
      case 'length':
        this.#skip = value
        this.#part = 'end'
        break
      case 'descriptor': {
        const isSingleSegment = (value & 0x20) !== 0
        const content = CONTENT_SIZES[value >> 6]!
        this.#hasChecksum = (value & 0x04) !== 0
        this.#skip = (isSingleSegment ? Math.max(content, 1) : 1 + content) + DICTIONARY_SIZES[value & 3]!
        this.#part = 'block'
        break
      }
      default: {
        const isLast = (value & 1) !== 0
        this.#skip = ((value >> 1) & 3) === RLE ? 1 : value >> 3
        if (!isLast) break
        if (this.#hasChecksum) this.#skip += CHECKSUM_BYTES
        this.#part = 'end'
      }
    }
  }
}
