/** The messages of a client, and how it wants its answers: the first letter that it sends tells. */
import { HeaderStream } from './header-stream.js'
import { JsonStream, type StreamItem, type StreamLimits } from './json-stream.js'

/** `Content-Length`, `Content-Type`. No JSON begins so. */
const HEADER_STARTS = [0x43, 0x63]

export class MessageStream {
  readonly #limits: StreamLimits
  #inner: JsonStream | HeaderStream | null = null

  constructor(limits: StreamLimits) {
    this.#limits = limits
  }

  get incomplete(): boolean {
    return this.#inner?.incomplete ?? false
  }

  push(chunk: Uint8Array): StreamItem[] {
    if (chunk.length === 0) return []
    this.#inner ??= HEADER_STARTS.includes(chunk[0]!) ? new HeaderStream(this.#limits) : new JsonStream(this.#limits)
    return this.#inner.push(chunk)
  }

  /** No more bytes will come. */
  end(): StreamItem[] {
    return this.#inner?.end() ?? []
  }

  /** An answer (ASCII) as it goes over the wire. */
  frame(line: string): string {
    return this.#inner instanceof HeaderStream ? `Content-Length: ${line.length}\r\n\r\n${line}` : `${line}\n`
  }
}
