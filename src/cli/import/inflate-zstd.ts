/** All frames of a zstd file: Node's stream ends after the first one and says nothing about the rest. */
import { createZstdDecompress, type ZstdDecompress } from 'node:zlib'
import { ZstdFrame } from '../../../protocols/zstd-frame.js'

/** Bytes that are inflated at once: zstd can make 128 KiB of 4 bytes, and what comes out is held in memory. */
const SLICE_BYTES = 4096

/** Throws for what is no zstd, or was cut off. */
export async function* inflateZstd(source: AsyncIterable<Buffer>): AsyncIterable<Buffer> {
  let frame = new Frame()
  for await (const chunk of source) {
    for (let at = 0; at < chunk.length;) {
      const slice = chunk.subarray(at, at + SLICE_BYTES)
      const own = slice.subarray(0, frame.take(slice))
      yield* await frame.write(own)
      at += own.length
      if (!frame.isWhole) continue
      yield* await frame.end()
      frame = new Frame()
    }
  }
  if (frame.isBegun) throw new Error('it was cut off: the zstd frame is not complete')
}

class Frame {
  readonly #inflate: ZstdDecompress = createZstdDecompress()
  readonly #failed: Promise<never>
  readonly #bounds = new ZstdFrame()
  #out: Buffer[] = []
  isBegun = false

  constructor() {
    this.#inflate.on('data', (bytes: Buffer) => this.#out.push(bytes))
    this.#failed = new Promise((_resolve, reject) => this.#inflate.on('error', reject))
    this.#failed.catch(() => undefined) // who waits for a write or the end gets it
  }

  get isWhole(): boolean {
    return this.#bounds.isWhole
  }

  /** How many of these bytes belong to this frame. Throws for what is no frame. */
  take(bytes: Buffer): number {
    this.isBegun = true
    const taken = this.#bounds.take(bytes)
    if (this.#bounds.isUnknown) throw new Error('it is no zstd, or something else stands behind its end')
    return taken
  }

  async write(bytes: Buffer): Promise<Buffer[]> {
    await Promise.race([
      this.#failed,
      new Promise<void>((resolve) => {
        this.#inflate.write(bytes, () => resolve())
      })
    ])
    return this.#take()
  }

  async end(): Promise<Buffer[]> {
    const ended = new Promise<void>((resolve) => {
      this.#inflate.once('end', resolve)
    })
    this.#inflate.end()
    await Promise.race([this.#failed, ended])
    return this.#take()
  }

  #take(): Buffer[] {
    const out = this.#out
    this.#out = []
    return out
  }
}
