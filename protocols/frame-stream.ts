import { Uint8ArrayList } from 'uint8arraylist'
import * as varint from 'uint8-varint'
import type { Stream, StreamCloseEvent, StreamMessageEvent } from '@libp2p/interface'
import { WireError, wireError } from './codes.js'
import { throwIfAborted, waitFor, type WaitOptions } from './wait.js'

/** Bytes: reading pauses the remote above this (or above one whole frame, if that is more). */
const HIGH_WATER_BYTES = 512 * 1024
/** Bytes: writing waits while more than this is unsent. */
const WRITE_HIGH_BYTES = 256 * 1024
/** Bytes of the longest length prefix; 4 would do for every limit we have. */
const MAX_PREFIX_BYTES = 5
/** Milliseconds that `end` gives unsent bytes to leave. */
const CLOSE_TIMEOUT_MS = 5_000

/**
 * Bytes below which a chunk is copied, because it would keep its whole packet in memory. And the number of chunks after
 * which they are joined.
 */
const SMALL_BYTES = 4096
const MAX_PIECES = 1024

const GONE = new WireError('CLOSED', 'the stream is closed')

export interface ReadOptions extends WaitOptions {
  /** A lower limit for this frame than the stream's. */
  maxBytes?: number
}

/**
 * Length-prefixed frames over a libp2p stream with backpressure in both directions. libp2p's own iteration of a stream
 * buffers without limit and may lose an early FIN, and its onDrain works only once; so we listen to the events. All
 * errors are WireErrors. One reader and one writer at a time.
 */
export class FrameStream {
  readonly maxFrameBytes: number
  /** Fires when the stream is closed on both sides, reset, or gone with its connection; the reason is a WireError. */
  readonly closed: AbortSignal
  readonly #closed = new AbortController()
  readonly #stream: Stream
  readonly #high: number
  readonly #buffer = new Uint8ArrayList()
  #error: WireError | undefined
  #ended: boolean
  #wake: (() => void) | undefined
  #resuming = false
  #wantPause = false
  #pieces = 0

  constructor(stream: Stream, maxFrameBytes: number) {
    this.#stream = stream
    this.closed = this.#closed.signal
    this.maxFrameBytes = maxFrameBytes
    this.#high = Math.max(HIGH_WATER_BYTES, maxFrameBytes + MAX_PREFIX_BYTES)
    stream.addEventListener('message', this.#onMessage)
    stream.addEventListener('end', this.#onEnd)
    stream.addEventListener('close', this.#onClose)
    this.#ended = stream.readableEnded // it may have fired before we listened
    if (stream.status === 'aborted' || stream.status === 'reset')
      this.#error = new WireError('CLOSED', `the stream is ${stream.status}`)
    if (this.#error !== undefined || stream.status === 'closed') this.#closed.abort(this.#error ?? GONE)
  }

  /** False once nothing can be written any more. */
  get writable(): boolean {
    return this.#stream.writeStatus === 'writable'
  }

  /** Bytes that arrived and are unread. */
  get unread(): number {
    return this.#buffer.byteLength
  }

  /** Bytes that the remote has not read yet. */
  get unsent(): number {
    return this.#stream.writeBufferLength
  }

  /** The next frame; null: the remote closed its side between two frames, which proves nothing about a reply. */
  async read(options: ReadOptions = {}): Promise<Uint8Array | null> {
    const max = Math.min(options.maxBytes ?? this.maxFrameBytes, this.maxFrameBytes)
    for (;;) {
      const frame = this.#take(max) // whole frames that arrived before a reset still count
      if (frame !== undefined) {
        if (this.#buffer.byteLength < this.#high / 2) this.#resume()
        return frame
      }
      const before = this.#buffer.byteLength
      this.#resume()
      if (this.#buffer.byteLength !== before) continue
      if (this.#error !== undefined) throw this.#error
      if (this.#ended) {
        if (this.#stream.status === 'reset' || this.#stream.status === 'aborted')
          throw new WireError('CLOSED', `the stream is ${this.#stream.status}`)
        if (this.#buffer.byteLength > 0) throw new WireError('TRUNCATED', 'the stream ended inside a frame')
        return null
      }
      await waitFor(options, (wake) => {
        this.#wake = wake
        return () => {
          this.#wake = undefined
        }
      })
    }
  }

  /**
   * All frames until the remote closes its side; `timeoutMs` counts for each one. Leaving early does not close the
   * stream.
   */
  async *frames(options: ReadOptions = {}): AsyncGenerator<Uint8Array> {
    for (let frame = await this.read(options); frame !== null; frame = await this.read(options)) yield frame
  }

  /** Resolves when the stream takes more. TOO_LARGE for a frame that the other side would refuse. */
  async write(frame: Uint8Array, options: WaitOptions = {}): Promise<void> {
    throwIfAborted(options.signal)
    if (frame.byteLength > this.maxFrameBytes)
      throw new WireError('TOO_LARGE', `a frame of ${frame.byteLength} bytes; the limit is ${this.maxFrameBytes}`)
    try {
      this.#stream.send(new Uint8ArrayList(varint.encode(frame.byteLength), frame))
    } catch (error) {
      throw this.#error ?? wireError(error)
    }
    await this.#drained(options)
  }

  /**
   * Work for the peer beyond the bytes of its frames, in units of 64 KiB: waits until its quota has them and resolves
   * with 0; where that would take longer than `maxDelayMs`, takes nothing and resolves with the wait. This stream has
   * no quota; a metered one does.
   */
  async charge(_units: number, _signal: AbortSignal, _maxDelayMs: number): Promise<number> {
    return await Promise.resolve(0)
  }

  /** Closes our side after what was written has left; the remote may still send. */
  async closeWrite({ signal, timeoutMs }: WaitOptions = {}): Promise<void> {
    const signals = [...(signal === undefined ? [] : [signal]), AbortSignal.timeout(timeoutMs ?? CLOSE_TIMEOUT_MS)]
    try {
      await this.#stream.close({ signal: AbortSignal.any(signals) })
    } catch (error) {
      throw wireError(error)
    }
  }

  /**
   * Closes our side, waits until the remote has closed its own, and resets the stream if it does not within the time.
   * What it still sends is not read: that much may come as a stream holds.
   */
  async finish({ signal, timeoutMs = CLOSE_TIMEOUT_MS }: WaitOptions = {}): Promise<void> {
    await this.closeWrite({ signal, timeoutMs: CLOSE_TIMEOUT_MS })
    try {
      while (!this.#ended && this.#error === undefined) {
        await waitFor({ signal, timeoutMs }, (wake) => {
          this.#wake = wake
          return () => {
            this.#wake = undefined
          }
        })
      }
    } catch (error) {
      this.abort(error)
    }
  }

  /** Resets both directions at once, without a reason for the remote. */
  abort(error: unknown): void {
    const coded = wireError(error)
    this.#error ??= coded
    if (this.#buffer.byteLength > 0) this.#buffer.consume(this.#buffer.byteLength)
    this.#stream.abort(coded)
    this.#notify()
  }

  /** Called when bytes have come. This stream does nothing then; one whose memory is counted does. */
  protected arrived(): void {}

  #keep(data: Uint8Array | Uint8ArrayList): void {
    this.#buffer.append(data.byteLength < SMALL_BYTES ? data.slice() : data)
    if (this.#buffer.byteLength === data.byteLength) this.#pieces = 0
    if (++this.#pieces < MAX_PIECES) return
    const whole = this.#buffer.slice()
    this.#buffer.consume(whole.byteLength)
    this.#buffer.append(whole)
    this.#pieces = 1
  }

  readonly #onMessage = (event: StreamMessageEvent): void => {
    if (this.#error !== undefined) return
    this.#keep(event.data)
    this.arrived()
    if (this.#buffer.byteLength >= this.#high) this.#pause()
    this.#notify()
  }

  readonly #onEnd = (): void => {
    this.#ended = true
    this.#notify()
  }

  readonly #onClose = (event: StreamCloseEvent): void => {
    if (event.error !== undefined) this.#error ??= new WireError('CLOSED', event.error.message, { cause: event.error })
    else if (this.#stream.readBufferLength === 0) this.#ended = true
    this.#closed.abort(this.#error ?? GONE)
    this.#notify()
  }

  #notify(): void {
    this.#wake?.()
  }

  #pause(): void {
    if (this.#resuming) {
      this.#wantPause = true // a pause() inside resume() is lost by yamux
      return
    }
    if (this.#stream.readStatus === 'readable') this.#stream.pause()
  }

  #resume(): void {
    if (this.#stream.readStatus !== 'paused') return
    this.#resuming = true
    try {
      this.#stream.resume() // dispatches 'message' synchronously
    } finally {
      this.#resuming = false
    }
    if (!this.#wantPause) return
    this.#wantPause = false
    if (this.#buffer.byteLength >= this.#high) this.#pause()
  }

  #take(max: number): Uint8Array | undefined {
    let length = 0
    let head = 0
    for (; ; head++) {
      if (head === MAX_PREFIX_BYTES) throw new WireError('INVALID_FRAME', 'the length prefix is too long')
      if (head >= this.#buffer.byteLength) return undefined
      const byte = this.#buffer.get(head)
      length += (byte & 0x7f) * 2 ** (7 * head)
      if (byte < 0x80) {
        if (byte === 0 && head > 0) throw new WireError('INVALID_FRAME', 'the length prefix is not minimal')
        head++
        break
      }
    }
    if (length > max) throw new WireError('TOO_LARGE', `a frame of ${length} bytes; the limit is ${max}`)
    if (this.#buffer.byteLength < head + length) return undefined
    const frame = this.#buffer.subarray(head, head + length)
    this.#buffer.consume(head + length)
    return frame
  }

  /** A 'drain' event alone is no proof: a busy sibling stream wakes all of them. */
  async #drained(options: WaitOptions): Promise<void> {
    const stream = this.#stream
    while (stream.writableNeedsDrain || stream.writeBufferLength > WRITE_HIGH_BYTES) {
      if (stream.writeStatus !== 'writable')
        throw this.#error ?? new WireError('CLOSED', `the stream is ${stream.status}`)
      await waitFor(options, (wake, fail) => {
        const onClose = (event: StreamCloseEvent): void => {
          fail(event.error ?? new WireError('CLOSED', 'closed while writing'))
        }
        stream.addEventListener('drain', wake)
        stream.addEventListener('idle', wake)
        stream.addEventListener('close', onClose)
        return () => {
          stream.removeEventListener('drain', wake)
          stream.removeEventListener('idle', wake)
          stream.removeEventListener('close', onClose)
        }
      })
    }
  }
}
