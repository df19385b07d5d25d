/** All frames of a zstd file: Node's stream ends after the first one and says nothing about the rest. */
import { createZstdDecompress, type ZstdDecompress } from 'node:zlib'

/** Bytes that are inflated at once: zstd can make 128 KiB of 4 bytes, and what comes out is held in memory. */
const SLICE_BYTES = 4096

export async function * inflateZstd (source: AsyncIterable<Buffer>): AsyncIterable<Buffer> {
  let frame = new Frame()
  for await (const chunk of source) {
    for (let at = 0; at < chunk.length; at += SLICE_BYTES) {
      let rest = chunk.subarray(at, at + SLICE_BYTES)
      while (rest.length > 0) {
        yield * await frame.write(rest)
        rest = rest.subarray(rest.length - frame.unread)
        if (rest.length > 0) frame = new Frame()
      }
    }
  }
  yield * await frame.end()
}

class Frame {
  readonly #inflate: ZstdDecompress = createZstdDecompress()
  readonly #failed: Promise<never>
  #out: Buffer[] = []
  #written = 0

  constructor () {
    this.#inflate.on('data', (bytes: Buffer) => this.#out.push(bytes))
    this.#failed = new Promise((_resolve, reject) => this.#inflate.on('error', reject))
    this.#failed.catch(() => undefined) // who waits for a write or the end gets it
  }

  /** Bytes at the end of what was written that do not belong to this frame. */
  get unread (): number {
    return this.#written - this.#inflate.bytesWritten
  }

  async write (bytes: Buffer): Promise<Buffer[]> {
    this.#written += bytes.length
    await Promise.race([this.#failed, new Promise<void>((resolve) => { this.#inflate.write(bytes, () => resolve()) })])
    return this.#take()
  }

  /** Rejects when the frame is cut off. */
  async end (): Promise<Buffer[]> {
    const ended = new Promise<void>((resolve) => { this.#inflate.once('end', resolve) })
    this.#inflate.end()
    await Promise.race([this.#failed, ended])
    return this.#take()
  }

  #take (): Buffer[] {
    const out = this.#out
    this.#out = []
    return out
  }
}
