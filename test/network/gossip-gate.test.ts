/** What of a gossip RPC reaches gossipsub: honest bulk does, whole; what nobody asked for does not. */
import fc from 'fast-check'
import { afterEach, describe, expect, onTestFinished, test, vi } from 'vitest'
import { GossipGate, type GateOptions } from '../../src/network/gossip-gate.js'
import type { GossipInside } from '../../src/network/gossip-inside.js'
import { RateLimiter } from '../../src/network/rate-limiter.js'
import { countItems } from '../../src/network/rpc-items.js'
import { encodeRpc, rpcFrame, type Rpc } from '../helpers/gossip-frames.js'
import { sent, Stranger } from '../helpers/stranger.js'
import { addrOf, clock, random, startHost, stopAll, within, type TestHost } from './fixture.js'

vi.setConfig({ testTimeout: 60_000 })

afterEach(stopAll)

const reasons = ({ log }: TestHost): unknown[] =>
  log.lines.filter(({ message }) => message === 'peer disconnected and banned').map(({ fields }) => fields['reason'])

describe('entries of an RPC', () => {
  test('all kinds count, and ids and peers as well', () => {
    const id = new Uint8Array(32)
    const rpc: Rpc = {
      messages: [{ topic: 't', data: new Uint8Array(5_000) }],
      subscriptions: [
        { subscribe: true, topic: 'a' },
        { subscribe: false, topic: 'b' }
      ],
      ihave: [{ topic: 't', ids: [id, id] }],
      iwant: [[id]],
      graft: ['a', 'b'],
      prune: [{ topic: 'a', peers: [id, id, id], backoff: 60 }],
      idontwant: [[id, id]]
    }
    // 3 and control; IHAVE 1 + topic + 2, IWANT 1 + 1, GRAFT 2, PRUNE 1 + topic + 3 + backoff, IDONTWANT 1 + 2
    expect(countItems(encodeRpc(rpc), 1_000)).toBe(3 + 1 + 4 + 2 + 2 + 6 + 3)
    expect(
      countItems(encodeRpc({ subscriptions: Array.from({ length: 500 }, () => ({ subscribe: true, topic: '' })) }), 100)
    ).toBe(101)
  })

  test('any bytes have a number of entries, or are none; never more than there are bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        const items = countItems(bytes, 1_000)
        expect(items === Infinity || items <= bytes.length).toBe(true)
      })
    )
  })
})

describe('a peer that', () => {
  test('joins 513 topics in one RPC, is grafted to them and pruned from them, loses nothing', async () => {
    const a = await startHost()
    const topics = Array.from({ length: 513 }, (_, i) => `/ledgermesh/test/announce/${i}`)
    for (const topic of topics)
      a.host.subscribe(
        topic,
        async () => await Promise.resolve('accept'),
        (bytes) => bytes
      )
    const peer = await Stranger.dial(addrOf(a))
    onTestFinished(async () => {
      await peer.stop()
    })
    await peer.node.handle('/meshsub/1.1.0', () => {
      /* our half of the link */
    })
    const stream = await peer.open('/meshsub/1.1.0')
    const joins = rpcFrame({ subscriptions: topics.map((topic) => ({ subscribe: true, topic })), graft: topics })
    for (let i = 0; i < 3; i++) await sent(stream, joins)
    await expect.poll(() => topics.filter((topic) => a.host.subscribers(topic).includes(peer.id)).length).toBe(513)
    await sent(stream, rpcFrame({ prune: topics.map((topic) => ({ topic, backoff: 60 })) }))
    await sent(stream, rpcFrame({ subscriptions: topics.map((topic) => ({ subscribe: false, topic })) }))
    await expect.poll(() => topics.filter((topic) => a.host.subscribers(topic).includes(peer.id)).length).toBe(0)
    expect(reasons(a)).toEqual([])
  })

  test('says more than 64 things at once: the first ones are heard; other topics are not even remembered', async () => {
    const a = await startHost()
    const heard = new Set<number>()
    a.host.subscribe(
      't',
      async (_peer, bytes) => {
        heard.add(bytes[0]!)
        return await Promise.resolve('accept')
      },
      (bytes) => bytes
    )
    const peer = await Stranger.dial(addrOf(a))
    onTestFinished(async () => {
      await peer.stop()
    })
    await peer.node.handle('/meshsub/1.1.0', () => {
      /* our half of the link */
    })
    const stream = await peer.open('/meshsub/1.1.0')
    await sent(
      stream,
      rpcFrame({
        subscriptions: [
          { subscribe: true, topic: 'elsewhere' },
          { subscribe: true, topic: '/ledgermesh/test/nodes' }
        ],
        messages: Array.from({ length: 100 }, (_, i) => ({ topic: 't', data: Uint8Array.of(i, 1) }))
      })
    )
    await expect.poll(() => heard.size).toBe(64)
    expect(Math.max(...heard)).toBe(63)
    expect(a.host.subscribers('elsewhere')).toEqual([])
    expect(a.host.subscribers('/ledgermesh/test/nodes')).toEqual([peer.id])
    expect(reasons(a)).toEqual([])
  })

  test.each<[string, Rpc]>([
    ['signs', { messages: [{ topic: 't', data: Uint8Array.of(1), signature: new Uint8Array(64) }] }],
    ['names an author', { messages: [{ topic: 't', data: Uint8Array.of(1), from: new Uint8Array(38) }] }],
    ['sends too much', { messages: [{ topic: 't', data: new Uint8Array(128 * 1024 + 1) }] }]
  ])('%s again and again is out', async (_name, rpc) => {
    const a = await startHost()
    a.host.subscribe(
      't',
      async () => await Promise.resolve('accept'),
      (bytes) => bytes
    )
    const peer = await Stranger.dial(addrOf(a))
    onTestFinished(async () => {
      await peer.stop()
    })
    await peer.node.handle('/meshsub/1.1.0', () => {
      /* our half of the link */
    })
    const stream = await peer.open('/meshsub/1.1.0')
    for (let i = 0; i < 12; i++) {
      const [message] = rpc.messages!
      message!.data![0] = i // another one each time
      await sent(stream, rpcFrame(rpc))
    }
    await expect.poll(() => peer.connected).toBe(false)
    expect(reasons(a)).toEqual(['too many rejected gossip messages'])
  })

  test('tells of topics that nobody asked for, without end, is out, and nothing is kept of it', async () => {
    const a = await startHost()
    const b = await startHost({ bootstrap: [addrOf(a)] })
    const peer = await Stranger.dial(addrOf(a))
    onTestFinished(async () => {
      await peer.stop()
    })
    await peer.node.handle('/meshsub/1.1.0', () => {
      /* our half of the link */
    })
    const stream = await peer.open('/meshsub/1.1.0')
    const frame = rpcFrame({
      messages: Array.from({ length: 4_000 }, (_, i) => ({
        topic: i % 2 === 0 ? '' : `nobody ${i}`,
        data: random.bytes(17)
      }))
    })
    let frames = 0
    while (await sent(stream, frame)) frames++
    await expect.poll(() => peer.connected).toBe(false)
    expect(reasons(a)).toEqual(['gossip: over its quota'])
    expect(frames).toBeLessThan(20)
    expect(await a.host.dial(addrOf(b), within(5_000))).toBe(b.host.peerId)
  })
})

test('what is above a quota is left out before it is hashed', async () => {
  let [hashed, passed] = [0, 0]
  const peer = { toString: () => 'a' }
  const inside = {
    peers: new Map([['a', peer]]),
    fastMsgIdCache: { entries: new Map(), has: () => false },
    seenCache: { entries: new Map(), has: () => false },
    score: { deliveryRecords: { records: new Map(), queue: { length: 0 } } },
    decodeRpc: () => ({ subscriptions: [], messages: [] }),
    handleReceivedRpc: async (_from: unknown, rpc: { messages: unknown[] }) => {
      passed += rpc.messages.length
      await Promise.resolve()
    }
  }
  new GossipGate(inside as unknown as GossipInside, {
    clock,
    load: { level: 'normal', costFactor: 1 },
    limiter: new RateLimiter({
      limits: { unitsPerSecond: 1, burstUnits: 1 },
      clock: { ...clock, now: () => 0 },
      stopped: new AbortController().signal
    }),
    payerOf: () => ({ peer: 'a', host: null }),
    prefix: '/',
    isKnown: () => true,
    fastId: () => `${hashed++}`,
    maxBytes: 1_000,
    reject: () => {},
    isHopeless: () => false,
    drop: () => {}
  } satisfies GateOptions)
  const messages = Array.from({ length: 64 }, () => ({ topic: 't', data: new Uint8Array(100) }))
  for (let i = 0; i < 200; i++)
    await (inside.handleReceivedRpc as (from: unknown, rpc: unknown) => Promise<void>)(peer, {
      subscriptions: [],
      messages
    })
  // A burst of 1,024 units, a quarter of one and a little more for each; and of as many for all peers together.
  expect([hashed, passed].map((count) => Math.ceil(count / 100))).toEqual([41, 41])
})
