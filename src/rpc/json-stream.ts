/**
 * Splits a stream of bytes into JSON messages. A message ends where its top-level `{…}` or `[…]` closes, newline or
 * not:
 * the clients of this ecosystem send objects back to back, a line each, or pretty-printed.
 *
 * Every byte is looked at once. A message that fits into one chunk is not copied; one that does not is gathered in a
 * buffer that doubles.
 */
import { isCoded } from '../core/errors.js'
import { checkNumbers } from '../core/ijson.js'
import { parseText, type Json } from '../core/parse-text.js'

export type StreamItem =
  /** `bytes`: its size on the wire. */
  | { ok: true; value: unknown; bytes: number }
  /** `code`: PARSE_ERROR unless JSON itself was understood; `message`: the JSON that was, for its id. */
  | { ok: false; code: Refusal; reason: string; details?: Record<string, unknown> | undefined; message?: unknown }

/**
 * PARSE_ERROR: not JSON. MALFORMED: JSON that no entry can be made of (grammar, depth). TOO_LARGE: more bytes than a
 * message may have.
 */
type Refusal = 'PARSE_ERROR' | 'MALFORMED' | 'TOO_LARGE'

export interface StreamLimits {
  maxBytes: number
  maxDepth: number
}

const LF = 0x0a
const QUOTE = 0x22
const BACKSLASH = 0x5c
const COLON = 0x3a
const OPEN_BRACKET = 0x5b
const CLOSE_BRACKET = 0x5d
const OPEN_BRACE = 0x7b
const CLOSE_BRACE = 0x7d
/** First bytes of JSON that is neither an object nor a list: - " 0–9 f n t. */
const SCALAR_STARTS = [0x2d, QUOTE, ...Buffer.from('0123456789fnt')]
/** Bytes of a line that is looked at whether it is JSON, though no request. */
const MAX_SCALAR_BYTES = 1024
/** First size of the gathering buffer, in bytes. */
const FIRST_BUFFER_BYTES = 4096

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

type State =
  | 'between' // messages: white space, or the first byte of a message
  | 'message' // inside a message
  | 'skip' // inside a message that was refused already (size, depth): only its end matters
  | 'scalar' // in a line that begins as a number, a text, true, false or null
  | 'discard' // after a byte that cannot be right: nothing counts until the next LF

export class JsonStream {
  readonly #limits: StreamLimits
  #state: State = 'between'
  #scalar: number[] = []
  #inString = false
  #escaped = false
  /** The closing bracket of every open one; deeper than the limit only the depth is counted. */
  readonly #closers: Uint8Array
  #depth = 0
  /** Colons outside strings: as many as the message has keys. */
  #colons = 0
  #buffer = Buffer.alloc(0)
  #gathered = 0

  constructor(limits: StreamLimits) {
    this.#limits = limits
    this.#closers = new Uint8Array(limits.maxDepth)
  }

  /** Is the sender in the middle of something (so that idle time counts)? */
  get incomplete(): boolean {
    return this.#state !== 'between'
  }

  push(chunk: Uint8Array): StreamItem[] {
    const items: StreamItem[] = []
    /** Where the message that goes on in this chunk begins in it. */
    let start = 0
    for (let index = 0; index < chunk.length; index++) {
      if (this.#inString && !this.#escaped) {
        // Most bytes are text of strings: a tight loop of its own makes the whole several times as fast.
        index = endOfText(chunk, index)
        if (index === chunk.length) break
      }
      const byte = chunk[index]!
      if (this.#state === 'discard') {
        const end = chunk.indexOf(LF, index)
        if (end === -1) return items
        index = end
        this.#state = 'between'
      } else if (this.#state === 'between') {
        if (byte === OPEN_BRACE || byte === OPEN_BRACKET) {
          this.#begin(byte)
          start = index
        } else if (SCALAR_STARTS.includes(byte)) {
          this.#state = 'scalar'
          this.#scalar = [byte]
        } else if (!isSpace(byte)) items.push(this.#refuse(byte, `a message cannot start with ${show(byte)}`))
      } else if (this.#state === 'scalar') {
        if (byte === LF) items.push(this.#finishScalar())
        else if (this.#scalar.push(byte) > MAX_SCALAR_BYTES)
          items.push(this.#refuse(byte, 'a message starts with a bracket'))
      } else if (this.#inString) {
        if (this.#escaped) this.#escaped = false
        else if (byte === QUOTE) this.#inString = false
        else if (byte === BACKSLASH) this.#escaped = true
        if (byte < 0x20) this.#fail(byte, 'a raw control character in a string', items)
      } else if (byte === QUOTE) this.#inString = true
      else if (byte === COLON) this.#colons++
      else if (byte === OPEN_BRACE || byte === OPEN_BRACKET) {
        if (!this.#open(byte) && this.#state === 'message') {
          items.push({ ok: false, code: 'MALFORMED', reason: `the message nests deeper than ${this.#limits.maxDepth}` })
          this.#skip()
        }
      } else if (byte === CLOSE_BRACE || byte === CLOSE_BRACKET) {
        if (!this.#close(byte)) this.#fail(byte, `${show(byte)} closes a bracket of the other kind`, items)
        else if (this.#depth === 0) this.#finish(chunk.subarray(start, index + 1), items)
      }
    }
    if (this.#state === 'message') this.#gather(chunk.subarray(start), items)
    return items
  }

  /** No more bytes will come. */
  end(): StreamItem[] {
    if (this.#state === 'scalar') return [this.#finishScalar()]
    const cut = this.#state === 'message'
    this.#reset('between')
    return cut ? [{ ok: false, code: 'PARSE_ERROR', reason: 'the message ends before its brackets close' }] : []
  }

  #begin(bracket: number): void {
    this.#reset('message')
    this.#open(bracket)
  }

  #open(bracket: number): boolean {
    const fits = this.#depth < this.#limits.maxDepth
    if (fits) this.#closers[this.#depth] = bracket + 2
    this.#depth++
    return fits
  }

  #close(bracket: number): boolean {
    this.#depth--
    return this.#depth >= this.#limits.maxDepth || this.#closers[this.#depth] === bracket
  }

  /** Whoever was told already that this message is refused is not told again. */
  #fail(byte: number, reason: string, items: StreamItem[]): void {
    const told = this.#state === 'skip'
    const item = this.#refuse(byte, reason)
    if (!told) items.push(item)
  }

  #refuse(byte: number, reason: string): StreamItem {
    this.#reset(byte === LF ? 'between' : 'discard')
    return { ok: false, code: 'PARSE_ERROR', reason }
  }

  /** JSON, but no request: whoever answers says so. */
  #finishScalar(): StreamItem {
    const bytes = Uint8Array.from(this.#scalar)
    this.#reset('between')
    const item = parse(bytes, 0)
    return item.ok ? item : { ok: false, code: 'PARSE_ERROR', reason: `a message cannot start with ${show(bytes[0]!)}` }
  }

  #skip(): void {
    this.#state = 'skip'
    this.#buffer = Buffer.alloc(0)
    this.#gathered = 0
  }

  #reset(state: State): void {
    this.#skip()
    this.#state = state
    this.#inString = false
    this.#escaped = false
    this.#depth = 0
    this.#colons = 0
  }

  #finish(rest: Uint8Array, items: StreamItem[]): void {
    if (this.#state === 'message') {
      this.#gather(rest, items, true)
      if (this.#state === 'message')
        items.push(parse(this.#gathered === 0 ? rest : this.#buffer.subarray(0, this.#gathered), this.#colons))
    }
    this.#reset('between')
  }

  /** Keeps the part of a message that this chunk has, unless it is all of it. */
  #gather(part: Uint8Array, items: StreamItem[], last = false): void {
    const size = this.#gathered + part.length
    if (size > this.#limits.maxBytes) {
      items.push({ ok: false, code: 'TOO_LARGE', reason: `the message is larger than ${this.#limits.maxBytes} bytes` })
      this.#skip()
      return
    }
    if (last && this.#gathered === 0) return
    if (size > this.#buffer.length) {
      const larger = Buffer.allocUnsafe(Math.min(Math.max(2 * size, FIRST_BUFFER_BYTES), this.#limits.maxBytes))
      this.#buffer.copy(larger, 0, 0, this.#gathered)
      this.#buffer = larger
    }
    this.#buffer.set(part, this.#gathered)
    this.#gathered = size
  }
}

/** Where the first byte is that matters in a string. */
function endOfText(chunk: Uint8Array, from: number): number {
  let at = from
  while (at < chunk.length) {
    const byte = chunk[at]!
    if (byte === QUOTE || byte === BACKSLASH || byte < 0x20) return at
    at++
  }
  return at
}

function parse(bytes: Uint8Array, colons: number): StreamItem {
  let text: string
  try {
    text = decoder.decode(bytes)
  } catch (error) {
    if (!(error instanceof TypeError)) throw error
    return { ok: false, code: 'PARSE_ERROR', reason: 'not UTF-8' }
  }
  let value: Json | undefined
  try {
    value = parseText(text)
    // JSON.parse keeps the last of duplicate keys: what was meant and what would be signed could differ.
    if (countKeys(value) !== colons)
      return { ok: false, code: 'MALFORMED', reason: 'an object has a key twice', message: value }
    checkNumbers(text, value)
    return { ok: true, value, bytes: bytes.length }
  } catch (error) {
    if (!isCoded(error, 'MALFORMED')) throw error
    if (value === undefined) return { ok: false, code: 'PARSE_ERROR', reason: 'not JSON' }
    return { ok: false, code: 'MALFORMED', reason: error.message, details: error.details, message: value }
  }
}

function countKeys(value: Json): number {
  if (typeof value !== 'object' || value === null) return 0
  if (Array.isArray(value)) {
    let sum = 0
    for (const item of value) sum += countKeys(item)
    return sum
  }
  const members = Object.values(value)
  let sum = members.length
  for (const member of members) sum += countKeys(member)
  return sum
}

function isSpace(byte: number): boolean {
  return byte === 0x20 || byte === LF || byte === 0x0d || byte === 0x09
}

function show(byte: number): string {
  return byte > 0x20 && byte < 0x7f ? `"${String.fromCharCode(byte)}"` : `byte 0x${byte.toString(16).padStart(2, '0')}`
}
