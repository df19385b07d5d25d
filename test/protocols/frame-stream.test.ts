import { expect, test } from 'vitest'
import * as varint from 'uint8-varint'
import { streamPair } from '@libp2p/utils'
import { FrameStream, WireError } from '../../protocols/wire.js'
import { bytes, codeOf, framePair, noise, until } from './streams.js'

test('frames come out as they went in, the empty one too', async () => {
  const { near, far } = await framePair(200_000)
  const frames = [bytes(0), bytes(1), bytes(127), bytes(128), noise(200_000)]
  for (const frame of frames) await near.write(frame)
  await near.closeWrite()
  const got: Buffer[] = []
  for await (const frame of far.frames({ timeoutMs: 5_000 })) got.push(Buffer.from(frame))
  expect(got).toEqual(frames.map((frame) => Buffer.from(frame)))
})

test('a frame at the limit is read, one byte more is TOO_LARGE on both sides', async () => {
  const { near, far } = await framePair(1_000)
  await far.write(bytes(1_000))
  await far.write(bytes(1_001))
  expect((await near.read({ timeoutMs: 5_000 }))?.byteLength).toBe(1_000)
  expect(await codeOf(near.read({ timeoutMs: 5_000 }))).toBe('TOO_LARGE')
  expect(await codeOf(near.write(bytes(1_001)))).toBe('TOO_LARGE')
})

test('a lower limit for one read refuses by the prefix, before the frame is there', async () => {
  const { near, farRaw } = await framePair(1_000_000)
  farRaw.send(varint.encode(900_000))
  expect(await codeOf(near.read({ maxBytes: 500, timeoutMs: 5_000 }))).toBe('TOO_LARGE')
})

test.each([
  ['endless', [0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80]],
  ['not minimal', [0x81, 0x00, 0x05]]
])('a length prefix that is %s is INVALID_FRAME', async (_name, prefix) => {
  const { near, farRaw } = await framePair()
  farRaw.send(Uint8Array.from(prefix))
  expect(await codeOf(near.read({ timeoutMs: 5_000 }))).toBe('INVALID_FRAME')
})

test('a declared length of 2^34 is TOO_LARGE', async () => {
  const { near, farRaw } = await framePair()
  farRaw.send(Uint8Array.from([0x80, 0x80, 0x80, 0x80, 0x40]))
  expect(await codeOf(near.read({ timeoutMs: 5_000 }))).toBe('TOO_LARGE')
})

test('an end between frames is null, an end inside one is TRUNCATED, wherever it is cut', async () => {
  const empty = await framePair()
  await empty.farRaw.close()
  expect(await empty.near.read({ timeoutMs: 5_000 })).toBeNull()
  const whole = Uint8Array.from([0x81, 0x01, ...bytes(129)])
  for (let cut = 1; cut < whole.byteLength; cut++) {
    const { near, farRaw } = await framePair()
    farRaw.send(whole.slice(0, cut))
    await farRaw.close()
    expect(await codeOf(near.read({ timeoutMs: 5_000 }))).toBe('TRUNCATED')
  }
})

test('frames that arrived before anybody listened, and before the end, are not lost', async () => {
  const [nearRaw, farRaw] = await streamPair()
  farRaw.send(Uint8Array.from([2, 1, 2]))
  await farRaw.close()
  await until(() => nearRaw.readBufferLength > 0)
  const near = new FrameStream(nearRaw, 100)
  expect(Buffer.from((await near.read({ timeoutMs: 5_000 }))!)).toEqual(Buffer.from([1, 2]))
  expect(await near.read({ timeoutMs: 5_000 })).toBeNull()
})

test('whole frames before a reset are read, then CLOSED', async () => {
  const { near, far, nearRaw } = await framePair()
  await far.write(bytes(10))
  expect((await near.read({ timeoutMs: 5_000 }))?.byteLength).toBe(10)
  let received = 0
  nearRaw.addEventListener('message', ({ data }) => {
    received += data.byteLength
  })
  await far.write(bytes(20))
  await until(() => received === 21)
  far.abort(new Error('gone'))
  await until(() => near.closed.aborted)
  expect((await near.read({ timeoutMs: 5_000 }))?.byteLength).toBe(20)
  expect(await codeOf(near.read({ timeoutMs: 5_000 }))).toBe('CLOSED')
  expect(await codeOf(near.write(bytes(1)))).toBe('CLOSED')
})

test('after our own abort nothing is read any more', async () => {
  const { near, far } = await framePair()
  await far.write(bytes(10))
  near.abort(new WireError('TIMEOUT', 'enough'))
  expect(await codeOf(near.read())).toBe('TIMEOUT')
})

test('waiting ends with TIMEOUT, with the signal, or with the reason of a timed-out signal', async () => {
  const { near } = await framePair()
  expect(await codeOf(near.read({ timeoutMs: 10 }))).toBe('TIMEOUT')
  expect(await codeOf(near.read({ signal: AbortSignal.abort() }))).toBe('CLOSED')
  expect(await codeOf(near.read({ signal: AbortSignal.timeout(10) }))).toBe('TIMEOUT')
})

test('the reader pauses the remote instead of buffering', async () => {
  const { near, far, farRaw } = await framePair(65_536, 65_536)
  const writing = (async () => {
    for (let i = 0; i < 200; i++) await near.write(bytes(65_536, i))
    await near.closeWrite({ timeoutMs: 10_000 })
  })()
  await until(() => farRaw.readStatus === 'paused')
  let count = 0
  for await (const frame of far.frames({ timeoutMs: 5_000 })) expect(frame[0]).toBe(count++ & 255)
  await writing
  expect(count).toBe(200)
})

test('finish resets a stream whose other side never closes', async () => {
  const { near, nearRaw } = await framePair()
  await near.finish({ timeoutMs: 20 })
  expect(nearRaw.status).toBe('aborted')
  expect(near.closed.aborted).toBe(true)
})
