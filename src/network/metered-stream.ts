import type { Stream } from '@libp2p/interface'
import { FrameStream, type ReadOptions, type WaitOptions } from '../../protocols/wire.js'
import { UNIT_BYTES } from './quota.js'

/** Units that a frame costs at least: the work of a small request is not its bytes. */
const FRAME_UNITS = 1 / 16

/** Takes units from a quota and resolves when they may be used; rejects when the signal fires. */
export type Charge = (units: number, signal: AbortSignal | undefined) => Promise<void>

/** A FrameStream whose peer pays: for each frame it sends, and for the bytes we send it. The bytes we receive are paced by backpressure. */
export class MeteredStream extends FrameStream {
  readonly #charge: Charge
  #overran = false

  /** True after a write of ours that was too large: a fault of this side, though its error looks like one of the peer's. */
  get overran (): boolean { return this.#overran }

  constructor (stream: Stream, maxFrameBytes: number, charge: Charge) {
    super(stream, maxFrameBytes)
    this.#charge = charge
  }

  override async read (options: ReadOptions = {}): Promise<Uint8Array | null> {
    const frame = await super.read(options)
    if (frame !== null) await this.#charge(FRAME_UNITS, options.signal)
    return frame
  }

  override async write (frame: Uint8Array, options: WaitOptions = {}): Promise<void> {
    this.#overran ||= frame.byteLength > this.maxFrameBytes
    await this.#charge(Math.max(FRAME_UNITS, frame.byteLength / UNIT_BYTES), options.signal)
    await super.write(frame, options)
  }
}
