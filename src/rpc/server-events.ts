/** Splits a stream of server-sent events into the data of each; ids are in the data of the feed, too. */
import { LedgermeshError } from '../core/errors.js'

const LF = 0x0a

export class ServerEvents {
  readonly #maxBytes: number
  /** A line whose end has not come. */
  #parts: Uint8Array[] = []
  #bytes = 0
  #data: string[] = []

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes
  }

  /** Throws TOO_LARGE for an event beyond the limit. */
  push(chunk: Uint8Array): string[] {
    const events: string[] = []
    for (let at = 0; at < chunk.length;) {
      const end = chunk.indexOf(LF, at)
      const part = chunk.subarray(at, end === -1 ? chunk.length : end)
      this.#parts.push(part)
      this.#bytes += part.length
      if (this.#bytes > this.#maxBytes)
        throw new LedgermeshError('TOO_LARGE', 'an event is larger than an answer may be')
      if (end === -1) break
      at = end + 1
      const line = Buffer.concat(this.#parts).toString().replace(/\r$/, '')
      this.#parts = []
      if (line.startsWith('data:')) this.#data.push(line.slice(5).replace(/^ /, ''))
      else if (line === '') {
        this.#bytes = 0
        if (this.#data.length > 0) events.push(this.#data.join('\n'))
        this.#data = []
      }
    }
    return events
  }
}
