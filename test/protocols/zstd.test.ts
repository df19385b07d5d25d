import { zstdCompressSync, constants } from 'node:zlib'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { compress, inflate } from '../../protocols/wire.js'
import { ZstdFrame } from '../../protocols/zstd-frame.js'
import { bytes, codeOf, noise } from './streams.js'

test('inflate undoes compress', async () => {
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 5_000 }), async (data) => {
      expect(Buffer.from(await inflate(await compress(data), data.byteLength))).toEqual(Buffer.from(data))
    }),
    { numRuns: 50 }
  )
})

test('noise of any size up to 700 bytes, with any share of zeros, is one frame', async () => {
  // A frame that just filled zlib's chunk had an empty second one behind it: an honest peer was kept out for it.
  for (let size = 0; size < 700; size++) {
    const data = noise(size)
    for (const zeros of [0, 14, 16, size >> 1]) {
      data.fill(0, 0, zeros)
      const packed = await compress(data)
      const frame = new ZstdFrame()
      expect(frame.take(packed), `${size} bytes, ${zeros} of them 0`).toBe(packed.byteLength)
    }
  }
})

test('the largest item survives, compressible or not', async () => {
  for (const data of [bytes(1_081_422), noise(1_081_422)]) {
    const packed = await compress(data)
    expect(packed.byteLength).toBeLessThan(1_114_112 - 64)
    expect(Buffer.compare(await inflate(packed, data.byteLength), data)).toBe(0)
  }
})

test('a size that is declared one too small or too large is refused', async () => {
  const packed = await compress(bytes(1_000))
  expect(await codeOf(inflate(packed, 999))).toBe('INVALID_FRAME')
  expect(await codeOf(inflate(packed, 1_001))).toBe('INVALID_FRAME')
  expect(await codeOf(inflate(packed, 0))).toBe('INVALID_FRAME')
})

test('a zip bomb is refused without being inflated', async () => {
  const bomb = zstdCompressSync(new Uint8Array(256 << 20))
  expect(bomb.byteLength).toBeLessThan(50_000)
  const before = process.memoryUsage().rss
  expect(await codeOf(inflate(bomb, 262_144))).toBe('INVALID_FRAME')
  expect(process.memoryUsage().rss - before).toBeLessThan(64 << 20)
})

test('a frame that wants a window above ours is refused', async () => {
  const chunks = zstdCompressSync(Buffer.concat([noise(1 << 20), noise(1 << 20), noise(1 << 21)]), {
    params: { [constants.ZSTD_c_windowLog]: 25 }
  })
  const wide = Buffer.from(chunks)
  expect(await codeOf(inflate(wide, 1 << 22))).toBe('INVALID_FRAME')
})

test('bytes after the frame, a second frame, and every truncation are refused', async () => {
  const data = noise(100)
  const packed = await compress(data)
  expect(await codeOf(inflate(Buffer.concat([packed, bytes(1)]), 100))).toBe('INVALID_FRAME')
  expect(await codeOf(inflate(Buffer.concat([packed, packed]), 100))).toBe('INVALID_FRAME')
  expect(await codeOf(inflate(Buffer.concat([packed, packed]), 200))).toBe('INVALID_FRAME')
  for (let cut = 0; cut < packed.byteLength; cut++)
    expect(await codeOf(inflate(packed.subarray(0, cut), 100))).toBe('INVALID_FRAME')
})

test('where a frame ends is found in whatever pieces it comes, and nowhere before', () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ maxLength: 150_000, size: 'max' }),
      fc.boolean(),
      fc.integer({ min: 1, max: 100_000 }),
      (data, checksum, piece) => {
        const packed = Buffer.concat([
          zstdCompressSync(data, { params: { [constants.ZSTD_c_checksumFlag]: checksum ? 1 : 0 } }),
          Buffer.from('more')
        ])
        const frame = new ZstdFrame()
        let taken = 0
        for (let at = 0; at < packed.length && !frame.isWhole; at += piece) {
          expect(frame.isWhole).toBe(false)
          taken += frame.take(packed.subarray(at, at + piece))
        }
        expect([frame.isWhole, taken]).toEqual([true, packed.length - 4])
      }
    ),
    { numRuns: 20 }
  )
})

test('a skippable frame ends, too; what is no frame is seen', () => {
  const [skipped, other] = [new ZstdFrame(), new ZstdFrame()]
  expect(skipped.take(Buffer.from('5f2a4d18030000000102030405', 'hex'))).toBe(11)
  other.take(Buffer.from('junk'))
  expect([skipped.isWhole, other.isWhole, other.isUnknown]).toEqual([true, false, true])
})

test('random bytes never fail uncoded', async () => {
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), fc.nat(1_000), async (data, size) => {
      expect(await codeOf(inflate(data, size))).toBe('INVALID_FRAME')
    }),
    { numRuns: 100 }
  )
})
