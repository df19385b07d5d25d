import type { Stream } from '@libp2p/interface'
import { FrameStream, WireError, type ReadOptions, type WaitOptions } from '../../protocols/wire.js'
import type { Held, Holding } from './held.js'
import type { Payer } from './account.js'
import { UNIT_BYTES } from './quota.js'

/** Minimum units of a frame: a small request costs more work than its bytes. */
const FRAME_UNITS = 1 / 16

/**
 * Takes units from a quota and resolves with 0 when they may be used. Where that would take longer than `maxDelayMs`,
 * takes none and resolves with the wait at once. Throws CLOSED when the signal fires or the host stops while waiting.
 */
export type Charge = (units: number, signal: AbortSignal | undefined, maxDelayMs?: number) => Promise<number>

/** Counts the memory that a stream takes while it is not read. */
export interface Memory {
  readonly held: Held
  readonly payer: Payer
}

/** Which side opened the stream: answers to this node's own requests cost the peer next to nothing. */
export type Opener = 'we' | 'they'

/**
 * A FrameStream that charges its peer: for the bytes that this node sends, for each frame that the peer sends, and for
 * the peer's bytes if this node did not ask for them.
 */
export class MeteredStream extends FrameStream {
  readonly #charge: Charge
  readonly #opener: Opener
  #overran = false
  #written = 0
  #reading = false
  readonly #holding: Holding | undefined

  /**
   * True after this side wrote a frame that was too large: a fault of this side, although its error looks like the
   * peer's.
   */
  get overran(): boolean {
    return this.#overran
  }

  /** Frames that were passed to the stream. */
  get written(): number {
    return this.#written
  }

  /** Is this side waiting for the remote to send, or to read what was sent? */
  get waits(): boolean {
    return this.#reading || this.unsent > 0
  }

  /** `memory`: for a stream that the remote opened; this node limits its own streams itself. */
  constructor(stream: Stream, maxFrameBytes: number, charge: Charge, opener: Opener, memory?: Memory) {
    super(stream, maxFrameBytes)
    this.#holding = memory?.held.watch(memory.payer, () => {
      this.abort(new WireError('BUSY', 'the memory is needed for others'))
    })
    this.closed.addEventListener(
      'abort',
      () => {
        this.#holding?.end()
      },
      { once: true }
    )
    this.#charge = charge
    this.#opener = opener
  }

  override async read(options: ReadOptions = {}): Promise<Uint8Array | null> {
    this.#reading = true
    const frame = await super.read(options).finally(() => {
      this.#reading = false
    })
    this.#holding?.set(this.unread)
    if (frame !== null) await this.#charge(this.#opener === 'we' ? FRAME_UNITS : unitsOf(frame), options.signal)
    return frame
  }

  override async write(frame: Uint8Array, options: WaitOptions = {}): Promise<void> {
    this.#overran ||= frame.byteLength > this.maxFrameBytes
    await this.#charge(unitsOf(frame), options.signal)
    this.#written++
    await super.write(frame, options)
  }

  protected override arrived(): void {
    if (this.#holding?.set(this.unread) === false) this.abort(new WireError('BUSY', 'too many unread bytes'))
  }

  override async charge(units: number, signal: AbortSignal, maxDelayMs: number): Promise<number> {
    return await this.#charge(units, signal, maxDelayMs)
  }
}

function unitsOf({ byteLength }: Uint8Array): number {
  return Math.max(FRAME_UNITS, byteLength / UNIT_BYTES)
}
