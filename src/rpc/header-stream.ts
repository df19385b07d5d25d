/**
 * Messages with header lines before each, as language servers send them: `Content-Length: <bytes>`, an empty line, the
 * message.
 */
import { JsonStream, type StreamItem, type StreamLimits } from './json-stream.js'

/** Bytes of the header lines of one message. */
const MAX_HEADER_BYTES = 1024
const LENGTH = /^content-length: *(\d{1,12})$/im
const END = '\r\n\r\n'

export class HeaderStream {
  readonly #limits: StreamLimits
  #buffer = Buffer.alloc(0)
  /** What came of a message that is not whole yet, joined once. */
  #parts: Uint8Array[] = []
  #gathered = 0
  /** Of the message whose header lines were read; null: they are being read. */
  #length: number | null = null
  /** Bytes still to come of a message that was refused for its size. */
  #skip = 0
  #broken = false

  constructor(limits: StreamLimits) {
    this.#limits = limits
  }

  get incomplete(): boolean {
    return !this.#broken && (this.#buffer.length > 0 || this.#gathered > 0 || this.#length !== null || this.#skip > 0)
  }

  push(chunk: Uint8Array): StreamItem[] {
    const items: StreamItem[] = []
    if (this.#broken) return items
    const skipped = Math.min(this.#skip, chunk.length)
    this.#skip -= skipped
    this.#parts.push(chunk.subarray(skipped))
    this.#gathered += chunk.length - skipped
    if (this.#length !== null && this.#gathered < this.#length) return items
    this.#buffer = Buffer.concat(this.#parts)
    this.#parts = []
    this.#gathered = 0
    while (
      this.#skip === 0 &&
      !this.#broken &&
      (this.#length === null ? this.#readHeader(items) : this.#readMessage(items))
    );
    if (this.#buffer.length > 0) {
      this.#parts = [this.#buffer]
      this.#gathered = this.#buffer.length
      this.#buffer = Buffer.alloc(0)
    }
    return items
  }

  /** No more bytes will come. */
  end(): StreamItem[] {
    return this.incomplete
      ? [{ ok: false, code: 'PARSE_ERROR', reason: 'the message ends before its Content-Length' }]
      : []
  }

  #readHeader(items: StreamItem[]): boolean {
    const end = this.#buffer.indexOf(END)
    if (end === -1 && this.#buffer.length <= MAX_HEADER_BYTES) return false
    const length = LENGTH.exec(this.#buffer.toString('latin1', 0, end === -1 ? 0 : end))?.[1]
    if (length === undefined || end > MAX_HEADER_BYTES) {
      // Where the next message begins cannot be known any more.
      this.#broken = true
      this.#buffer = Buffer.alloc(0)
      items.push({ ok: false, code: 'PARSE_ERROR', reason: 'the header lines before a message have no Content-Length' })
      return false
    }
    this.#buffer = this.#buffer.subarray(end + END.length)
    if (Number(length) > this.#limits.maxBytes) {
      items.push({ ok: false, code: 'TOO_LARGE', reason: `the message is larger than ${this.#limits.maxBytes} bytes` })
      const here = Math.min(Number(length), this.#buffer.length)
      this.#skip = Number(length) - here
      this.#buffer = this.#buffer.subarray(here)
    } else this.#length = Number(length)
    return true
  }

  #readMessage(items: StreamItem[]): boolean {
    const length = this.#length!
    if (this.#buffer.length < length) return false
    const inside = new JsonStream(this.#limits)
    const found = [...inside.push(this.#buffer.subarray(0, length)), ...inside.end()]
    items.push(
      ...(found.length > 0
        ? found.slice(0, 1)
        : [{ ok: false as const, code: 'PARSE_ERROR' as const, reason: 'the Content-Length is not valid' }])
    )
    this.#buffer = this.#buffer.subarray(length)
    this.#length = null
    return true
  }
}
