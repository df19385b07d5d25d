/** What lies below all protocols: length prefixes, and compressed groups. */
import assert from 'node:assert/strict'
import { streamPair } from '@libp2p/utils'
import { entryItems } from '../../../protocols/pull/response.js'
import { FrameStream, WireError } from '../../../protocols/wire.js'
import { compress, inflate } from '../../../protocols/zstd.js'
import { varint } from '../mutation.js'
import { decoder, type Target } from '../target.js'
import { entries, wire } from './wire-samples.js'

export const framingTargets: Target[] = [
  decoder({
    // The first three bytes: the declared size.
    name: 'zstd',
    coded: wire('INVALID_FRAME'),
    shortRuns: 150,
    seeds: async () =>
      await Promise.all(
        [entryItems.encode(entries), Buffer.alloc(100_000, 7), Buffer.alloc(1, 7)].map(async (data) =>
          Buffer.concat([size(data.byteLength), await compress(data)])
        )
      ),
    decode: (bytes) =>
      inflate(bytes.subarray(3), Buffer.concat([bytes.subarray(0, 3), Buffer.alloc(3)]).readUIntBE(0, 3)),
    check: (inflated, bytes) => {
      assert.equal(inflated.byteLength, Buffer.from(bytes).readUIntBE(0, 3))
    }
  }),
  {
    // The first byte: in chunks of how many bytes the rest arrives.
    name: 'frame-stream',
    shortRuns: 150,
    seeds: () => [
      Buffer.concat([Buffer.of(3), ...[5, 0, 200].flatMap((length) => [varint(length), Buffer.alloc(length, 9)])]),
      Buffer.concat([Buffer.of(255), varint(4096), Buffer.alloc(4096, 1)])
    ],
    run: readFrames
  }
]

function size(bytes: number): Buffer {
  const buffer = Buffer.alloc(3)
  buffer.writeUIntBE(bytes, 0, 3)
  return buffer
}

/** Frames that were read are the beginning of what was sent; what follows them is an error of the layer, or nothing. */
async function readFrames(bytes: Uint8Array): Promise<boolean> {
  const [near, far] = await streamPair()
  const stream = new FrameStream(far, 65_536)
  const sent = Buffer.from(bytes.subarray(1))
  const step = (bytes[0] ?? 0) + 1
  for (let at = 0; at < sent.length && near.writeStatus === 'writable'; at += step)
    near.send(sent.subarray(at, at + step))
  const closing = near.close()
  const frames: Buffer[] = []
  let failed = false
  try {
    for await (const frame of stream.frames({ timeoutMs: 5_000 }))
      frames.push(Buffer.concat([varint(frame.byteLength), frame]))
  } catch (error) {
    if (!wire('INVALID_FRAME', 'TOO_LARGE', 'TRUNCATED')(error)) throw error
    failed = true
  }
  stream.abort(new WireError('CLOSED', 'done'))
  await closing.catch(() => undefined) // the other side may be gone by now
  const read = Buffer.concat(frames)
  assert.deepEqual(read, sent.subarray(0, read.length))
  if (!failed) assert.equal(read.length, sent.length)
  return !failed
}
