/** What arrives on our own protocols and is not read: bounded for a host, over all its peers and streams. */
import { afterEach, expect, onTestFinished, test, vi } from 'vitest'
import type { Protocol } from '../../protocols/protocol.js'
import { MeteredStream } from '../../src/network/metered-stream.js'
import { Held } from '../../src/network/held.js'
import { protocolHandler } from '../../src/network/host.js'
import { FLAG, frame, RawLine, repeated, TYPE } from '../helpers/raw-line.js'
import { prefixed } from '../helpers/gossip-frames.js'
import { Stranger } from '../helpers/stranger.js'
import { framePair } from '../protocols/streams.js'
import { addrOf, echo, startHost, stopAll, within } from './fixture.js'

vi.setConfig({ testTimeout: 60_000 })

afterEach(stopAll)

const MIB = 1024 * 1024
/** Reads nothing until it is told to stop. */
const deaf: Protocol<null> = {
  ...echo,
  name: 'deaf',
  serve: async (stream) => {
    await new Promise((resolve) => {
      stream.closed.addEventListener('abort', resolve)
    })
  }
}

test('many peers of one host pour into streams that are not read: eight MiB of it stay, and an honest peer is served', async () => {
  const a = await startHost({
    protocols: [protocolHandler(deaf, null), protocolHandler(echo, { served: 0 })],
    tuning: { countLoopback: true }
  })
  const crowd = await Promise.all(Array.from({ length: 8 }, async () => await Stranger.dial(addrOf(a), '127.0.0.2')))
  onTestFinished(async () => {
    for (const one of crowd) await one.stop()
  })
  const streams = (
    await Promise.all(
      crowd.flatMap((one) => Array.from({ length: 3 }, async () => await one.open('/ledgermesh/test/deaf/1')))
    )
  ).map((stream) => ({ stream, left: 2 * MIB }))
  const pour = (): boolean[] =>
    streams.map((one) => {
      if (one.stream.status !== 'open') return true
      while (one.left > 0 && one.stream.writeBufferLength < 128 * 1024) {
        one.stream.send(new Uint8Array(64 * 1024))
        one.left -= 64 * 1024
      }
      // A part of a window beyond the one MiB that a reader of such frames may have before it: three quarters, or all
      // of it.
      return 2 * MIB - one.left - one.stream.writeBufferLength >= 1.15 * MIB
    })
  await expect.poll(() => pour().every((done) => done), { timeout: 30_000 }).toBe(true)
  const kept = streams.filter(({ stream }) => stream.status === 'open')
  // 24 streams without a bound, 30 MiB; the last pieces of one may be on their way.
  expect(kept.length).toBeGreaterThan(2)
  expect(kept.length).toBeLessThanOrEqual(8)
  await expect.poll(() => a.host.kept().unread).toBeLessThanOrEqual(8 * MIB)
  expect(a.host.kept().unread).toBeGreaterThan(4 * MIB)
  const b = await startHost()
  await b.host.dial(addrOf(a), within(5_000))
  const stream = await b.host.open(a.host.peerId, echo, within(5_000))
  await stream.write(new Uint8Array(200_000), { timeoutMs: 5_000 })
  expect((await stream.read({ timeoutMs: 5_000 }))?.byteLength).toBe(200_000)
  await Promise.all(
    crowd.map(async (one) => {
      await one.stop()
    })
  )
  await expect.poll(() => a.host.kept().unread, { timeout: 10_000 }).toBe(0)
})

test('a frame of the multiplexer that is never complete counts as well, and so do its pieces', async () => {
  const a = await startHost()
  const line = await RawLine.dial(addrOf(a))
  onTestFinished(async () => {
    await line.stop()
  })
  await expect.poll(() => a.host.peers().length).toBe(1)
  await line.send(frame(TYPE.window, FLAG.syn, 1, 0))
  await line.send(Buffer.concat([frame(TYPE.data, FLAG.none, 1, 250 * 1024), new Uint8Array(100 * 1024)]))
  await expect.poll(() => a.host.kept().unread).toBeGreaterThan(100 * 1024)
  await line.sendEach(Array.from({ length: 1_000 }, () => Buffer.of(1)))
  await expect.poll(() => a.host.kept().unread).toBeGreaterThan(300 * 1024)
  await line.stop()
  await expect.poll(() => a.host.kept().unread).toBe(0)
})

test('a negotiated stream in bytes, one by one: it is served, and what it holds is what it says', async () => {
  const a = await startHost({ protocols: [protocolHandler(deaf, null)] })
  const line = await RawLine.dial(addrOf(a))
  onTestFinished(async () => {
    await line.stop()
  })
  await expect.poll(() => a.host.peers().length).toBe(1)
  const bytes = Buffer.concat([
    prefixed(Buffer.from('/multistream/1.0.0\n')),
    prefixed(Buffer.from('/ledgermesh/test/deaf/1\n')),
    new Uint8Array(5_000)
  ])
  await line.send(frame(TYPE.window, FLAG.syn, 1, 0))
  await line.send(repeated(bytes.length, (i) => frame(TYPE.data, FLAG.none, 1, 1, bytes.subarray(i, i + 1))))
  await expect.poll(() => a.host.kept().unread).toBe(5_000)
})

test('what is read is not held any more', async () => {
  const held = new Held()
  const { nearRaw, far } = await framePair()
  const near = new MeteredStream(nearRaw, MIB, async () => await Promise.resolve(0), 'they', {
    held,
    payer: { peer: 'p', host: null }
  })
  await far.write(new Uint8Array(1_000))
  await far.write(new Uint8Array(2_000))
  await expect.poll(() => held.bytes).toBe(3_004)
  expect((await near.read())?.byteLength).toBe(1_000)
  expect(held.bytes).toBe(2_002)
  far.abort(new Error('gone'))
  await expect.poll(() => held.bytes).toBe(0)
})
