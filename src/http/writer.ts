/** Answers, in pieces: a reader that takes nothing for a while is not waited for, and holds no memory for long. */
import type { ServerResponse } from 'node:http'
import { MAX_UNSENT_BYTES, STALL_MS, WRITE_BYTES } from './limits.js'

/** Of every answer: for its reader alone, and nothing for a browser to guess, frame, run or pass on. */
export const SAFE_HEADERS: Readonly<Record<string, string>> = {
  'Cache-Control': 'no-store',
  'Content-Security-Policy': "default-src 'none'; frame-ancestors 'none'",
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Referrer-Policy': 'no-referrer',
  'X-Content-Type-Options': 'nosniff'
}

export class Writer {
  readonly #stallMs: number
  #unsent = 0

  constructor({ stallMs = STALL_MS }: { stallMs?: number | undefined } = {}) {
    this.#stallMs = stallMs
  }

  /** So much waits for slow readers that nothing more should be made for any. */
  get isFull(): boolean {
    return this.#unsent > MAX_UNSENT_BYTES
  }

  async answer(
    response: ServerResponse,
    status: number,
    type: string,
    text: string,
    headers: Readonly<Record<string, string>> = {}
  ): Promise<void> {
    const body = Buffer.from(text)
    response.writeHead(status, {
      ...SAFE_HEADERS,
      ...headers,
      'Content-Type': type,
      'Content-Length': body.length
    })
    if (body.length <= WRITE_BYTES) {
      response.end(body)
      return
    }
    this.#unsent += body.length
    let at = 0
    try {
      for (; at < body.length; at += WRITE_BYTES)
        if (!(await this.write(response, body.subarray(at, at + WRITE_BYTES)))) return
      response.end()
    } finally {
      this.#unsent -= body.length
    }
  }

  /** When the reader has room again; false: it has gone, or takes nothing, and the connection is cut. */
  async write(response: ServerResponse, chunk: string | Uint8Array): Promise<boolean> {
    if (response.destroyed) return false
    if (response.write(chunk)) return true
    const { promise, resolve } = Promise.withResolvers<boolean>()
    const drained = (): void => resolve(true)
    const closed = (): void => resolve(false)
    const timer = setTimeout(closed, this.#stallMs).unref()
    response.once('drain', drained)
    response.once('close', closed)
    const went = await promise
    clearTimeout(timer)
    response.off('drain', drained)
    response.off('close', closed)
    if (!went) response.destroy()
    return went
  }
}
