/** Floods against one host over TCP: the memory that they take is bounded, and an honest peer is served meanwhile. */
import { connect, type Socket } from 'node:net'
import { noise } from '@libp2p/noise'
import { tcp } from '@libp2p/tcp'
import { yamux } from '@libp2p/yamux'
import { multiaddr } from '@multiformats/multiaddr'
import { createLibp2p, type Libp2p } from 'libp2p'
import { afterEach, describe, expect, onTestFinished, test, vi } from 'vitest'
import { protocolHandler } from '../../src/network/host.js'
import { addrOf, echo, startHost, stopAll, within, type TestHost } from './fixture.js'

// What is abused is slow, on a machine that is busy with other things as well.
vi.setConfig({ testTimeout: 90_000 })

afterEach(stopAll)

/** ms in which an honest peer gets its answer, whatever goes on. */
const SERVED_MS = 5_000

async function attacker(): Promise<Libp2p> {
  const node = await createLibp2p({
    transports: [tcp()],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux()],
    connectionManager: { maxConnections: 2_000, maxDialQueueLength: 5_000 }
  })
  onTestFinished(async () => {
    await node.stop()
  })
  return node
}

/** One echo; ms that it took. */
async function asked(from: TestHost, to: TestHost): Promise<number> {
  const before = performance.now()
  const stream = await from.host.open(to.host.peerId, echo, within(SERVED_MS))
  await stream.write(new Uint8Array(100), { timeoutMs: SERVED_MS })
  expect((await stream.read({ timeoutMs: SERVED_MS }))?.byteLength).toBe(100)
  await stream.closeWrite()
  expect(await stream.read({ timeoutMs: SERVED_MS })).toBe(null)
  return performance.now() - before
}

function sockets(host: TestHost, count: number, localAddress: string): Socket[] {
  const port = Number(addrOf(host).split('/')[4])
  return Array.from({ length: count }, () => {
    const socket = connect({ port, host: '127.0.0.1', localAddress })
    socket.on('error', () => {
      /* refused: as it should be */
    })
    onTestFinished(() => {
      socket.destroy()
    })
    return socket
  })
}

describe('a flood of', () => {
  test('peers: strangers get a part of the places, who matters gets in, and takes a place when there is none', async () => {
    const known = new Set<string>()
    const a = await startHost({
      protocols: [protocolHandler(echo, { served: 0 })],
      tuning: { maxConnections: 10 },
      callbacks: { priorityOf: (peer) => (known.has(peer) ? 2 : 1), onConnect: () => {}, onDisconnect: () => {} }
    })
    const early = await startHost()
    await early.host.dial(addrOf(a), within(5_000))
    const crowd = await Promise.all(Array.from({ length: 30 }, attacker))
    const flood = Promise.allSettled(
      crowd.map(async (node) => await node.dial(multiaddr(addrOf(a)), { signal: within(10_000) }))
    )
    expect(await asked(early, a)).toBeLessThan(SERVED_MS)
    await flood
    // Handshakes that were under way at the same time may all see the last place.
    await expect.poll(() => a.host.peers().length).toBeLessThanOrEqual(10)
    const friends = await Promise.all([1, 2, 3].map(async () => await startHost()))
    for (const { host } of friends) known.add(host.peerId)
    for (const friend of friends) {
      await friend.host.dial(addrOf(a), within(5_000))
      expect(await asked(friend, a)).toBeLessThan(SERVED_MS)
    }
    expect(a.host.peers().length).toBeLessThanOrEqual(12)
  })

  test('silent sockets from one host: those of others are not kept out', async () => {
    const a = await startHost({ protocols: [protocolHandler(echo, { served: 0 })], tuning: { countLoopback: true } })
    const silent = sockets(a, 300, '127.0.0.2')
    await expect
      .poll(() => silent.filter((socket) => socket.closed).length, { timeout: 10_000 })
      .toBeGreaterThanOrEqual(300 - 16)
    const b = await startHost()
    await b.host.dial(addrOf(a), within(5_000))
    expect(await asked(b, a)).toBeLessThan(SERVED_MS)
  })

  test('streams that are not used: others are served meanwhile', async () => {
    const a = await startHost({ protocols: [protocolHandler(echo, { served: 0 })] })
    const b = await startHost()
    await b.host.dial(addrOf(a), within(5_000))
    const flooder = await attacker()
    const connection = await flooder.dial(multiaddr(addrOf(a)))
    await connection.newStream('/ipfs/ping/1.0.0', { signal: within(5_000) })
    let worst = 0
    const flood = (async () => {
      for (let opened = 0; connection.status === 'open' && opened < 2_000; opened += 50) {
        await Promise.allSettled(
          Array.from({ length: 50 }, async () => {
            const stream = await connection.newStream('/ledgermesh/test/echo/1', {
              signal: within(2_000),
              maxOutboundStreams: 10_000
            })
            stream.abort(new Error('next'))
          })
        )
      }
    })()
    let over = false
    const ended = flood.finally(() => {
      over = true
    })
    while (!over) worst = Math.max(worst, await asked(b, a))
    await ended
    expect(worst).toBeLessThan(SERVED_MS)
    expect(await asked(b, a)).toBeLessThan(SERVED_MS)
  })

  test('rejected gossip costs the connection, and keeps the peer out', async () => {
    const a = await startHost({ protocols: [protocolHandler(echo, { served: 0 })] })
    const [b, liar] = [await startHost(), await startHost()]
    for (const { host } of [a, liar])
      host.subscribe(
        't',
        async (_peer, bytes) => await Promise.resolve(bytes[0] === 1 ? 'accept' : 'reject'),
        (bytes) => bytes
      )
    for (const { host } of [b, liar]) await host.dial(addrOf(a), within(5_000))
    await expect.poll(() => liar.host.subscribers('t'), { timeout: 10_000 }).toEqual([a.host.peerId])
    for (let i = 0; i < 500 && liar.host.isConnected(a.host.peerId); i++) {
      await liar.host.publish('t', Uint8Array.of(0, i >> 8, i & 255))
      if (i % 20 === 0)
        await new Promise((resolve) => {
          setImmediate(resolve)
        })
    }
    await expect.poll(() => liar.host.isConnected(a.host.peerId), { timeout: 10_000 }).toBe(false)
    expect(
      new Set(
        a.log.lines
          .filter(({ message }) => message === 'peer disconnected and banned')
          .map(({ fields }) => fields['reason'])
      )
    ).toEqual(new Set(['too many rejected gossip messages']))
    expect(await asked(b, a)).toBeLessThan(SERVED_MS)
  })

  test("gossip above a peer's quota is not looked at, and is no offence", async () => {
    const a = await startHost()
    const b = await startHost()
    let seen = 0
    const size = 120_000
    a.host.subscribe(
      't',
      async () => {
        seen++
        return await Promise.resolve('accept')
      },
      (bytes) => bytes
    )
    b.host.subscribe(
      't',
      async () => await Promise.resolve('accept'),
      (bytes) => bytes
    )
    await b.host.dial(addrOf(a), within(5_000))
    await expect.poll(() => b.host.subscribers('t'), { timeout: 10_000 }).toEqual([a.host.peerId])
    const start = performance.now()
    for (let i = 0; i < 650; i++) {
      const bytes = new Uint8Array(size)
      bytes.set([i >> 8, i & 255])
      await b.host.publish('t', bytes)
      await new Promise((resolve) => {
        setImmediate(resolve)
      })
    }
    // Some of it: gossipsub drops what a slow machine does not get out in time.
    await expect.poll(() => seen, { timeout: 20_000 }).toBeGreaterThan(20)
    const most = (1024 + (128 * (performance.now() - start)) / 1000) / (0.25 + size / 65_536)
    expect(seen).toBeLessThanOrEqual(most + 1)
    expect(a.host.isConnected(b.host.peerId)).toBe(true)
  })
})

test('several pings at once: the heartbeat does not lose a connection because the DHT pings as well', async () => {
  const a = await startHost()
  const connection = await (await attacker()).dial(multiaddr(addrOf(a)))
  const pings = await Promise.all(
    [1, 2, 3, 4, 5].map(
      async () => await connection.newStream('/ipfs/ping/1.0.0', { signal: within(5_000), maxOutboundStreams: 8 })
    )
  )
  await Promise.all(
    pings.map(async (stream) => {
      const pong = new Promise((resolve) => {
        stream.addEventListener('message', resolve, { once: true })
      })
      stream.send(new Uint8Array(32))
      await pong
    })
  )
  expect(pings.map(({ status }) => status)).toEqual(pings.map(() => 'open'))
})
