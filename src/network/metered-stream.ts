import type { Stream } from '@libp2p/interface'
import { FrameStream, WireError, type ReadOptions, type WaitOptions } from '../../protocols/wire.js'
import type { Held, Holding } from './held.js'
import type { Payer } from './account.js'
import { UNIT_BYTES } from './quota.js'

/** Units that a frame costs at least: the work of a small request is not its bytes. */
const FRAME_UNITS = 1 / 16

/**
 * Takes units from a quota and resolves with 0 when they may be used. Where that would take longer than `maxDelayMs`,
 * takes none and resolves with the wait at once. Throws CLOSED when the signal fires or the host stops while waiting.
 */
export type Charge = (units: number, signal: AbortSignal | undefined, maxDelayMs?: number) => Promise<number>

/** Where the memory is counted that a stream takes while nobody reads it. */
export interface Memory {
  readonly held: Held
  readonly payer: Payer
}

/** Whose idea the stream was: what we asked for ourselves costs the peer next to nothing. */
export type Opener = 'we' | 'they'

/**
 * A FrameStream whose peer pays: for the bytes that we send, for each frame it sends, and for its bytes if we did not
 * ask for them.
 */
export class MeteredStream extends FrameStream {
  readonly #charge: Charge
  readonly #opener: Opener
  #overran = false
  #written = 0
  #reading = false
  readonly #holding: Holding | undefined

  /**
   * True after a write of ours that was too large: a fault of this side, though its error looks like one of the peer's.
   */
  get overran(): boolean {
    return this.#overran
  }

  /** Frames that were handed to the stream. */
  get written(): number {
    return this.#written
  }

  /** Does this side wait for the remote to send something, or to take what it was sent? */
  get waits(): boolean {
    return this.#reading || this.unsent > 0
  }

  /** `memory`: of a stream that the remote opened; of how many we open ourselves, we are the judge. */
  constructor(stream: Stream, maxFrameBytes: number, charge: Charge, opener: Opener, memory?: Memory) {
    super(stream, maxFrameBytes)
    this.#holding = memory?.held.watch(memory.payer, () => {
      this.abort(new WireError('BUSY', 'others need the room'))
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
    if (this.#holding?.set(this.unread) === false) this.abort(new WireError('BUSY', 'too much that is not read'))
  }

  override async charge(units: number, signal: AbortSignal, maxDelayMs: number): Promise<number> {
    return await this.#charge(units, signal, maxDelayMs)
  }
}

function unitsOf({ byteLength }: Uint8Array): number {
  return Math.max(FRAME_UNITS, byteLength / UNIT_BYTES)
}
