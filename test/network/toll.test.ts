/**
 * What libp2p's own protocols cost: counted before anybody keeps it, by peer and by host. Hostile peers here are plain
 * libp2p with frames written by hand.
 */
import fc from 'fast-check'
import { Uint8ArrayList } from 'uint8arraylist'
import { afterEach, describe, expect, onTestFinished, test, vi } from 'vitest'
import type { Connection, Stream, StreamMiddleware } from '@libp2p/interface'
import { protocolId } from '../../protocols/protocol.js'
import { Account } from '../../src/network/account.js'
import { dhtProtocol } from '../../src/network/libp2p-node.js'
import { RateLimiter } from '../../src/network/rate-limiter.js'
import { Held, PIECE_BYTES } from '../../src/network/held.js'
import { protocolHandler } from '../../src/network/host.js'
import { MessageScan } from '../../src/network/message-scan.js'
import { ITEM_UNITS } from '../../src/network/gossip-gate.js'
import { UNIT_BYTES } from '../../src/network/quota.js'
import { countItems } from '../../src/network/rpc-items.js'
import { StreamCount } from '../../src/network/stream-count.js'
import { HANDSHAKE, LINE, OPENING, protocolCosts } from '../../src/network/costs.js'
import { Toll, type TollOptions } from '../../src/network/toll.js'
import { Unfinished } from '../../src/network/unfinished.js'
import { encodeRpc, prefixed, varint } from '../helpers/gossip-frames.js'
import { sent, Stranger } from '../helpers/stranger.js'
import { addrOf, clock, collectLog, echo, startHost, stopAll, type TestHost } from './fixture.js'

vi.setConfig({ testTimeout: 60_000 })

afterEach(stopAll)

const DHT = dhtProtocol('test')
const reasons = ({ log }: TestHost): unknown[] =>
  log.lines.filter(({ message }) => message === 'peer disconnected and banned').map(({ fields }) => fields['reason'])

async function stranger(target: TestHost, localAddress?: string): Promise<Stranger> {
  const made = await Stranger.dial(addrOf(target), localAddress)
  onTestFinished(async () => {
    await made.stop()
  })
  return made
}

describe('messages in a stream', () => {
  test('are counted however the bytes are cut, and none is kept', () => {
    fc.assert(
      fc.property(
        fc.array(fc.nat(300), { maxLength: 40 }),
        fc.array(fc.integer({ min: 1, max: 200 }), { maxLength: 60 }),
        fc.nat(400),
        (sizes, cuts, tail) => {
          const whole = Buffer.concat([
            ...sizes.map((size) => prefixed(new Uint8Array(size))),
            ...(tail === 0 ? [] : [varint(tail), new Uint8Array(tail - 1)])
          ])
          const scan = new MessageScan('prefixed', 1_000)
          let [count, at] = [0, 0]
          for (const cut of [...cuts, whole.length]) {
            const piece = whole.subarray(at, at + cut)
            at += piece.length
            count += scan.count(cut % 2 === 0 ? piece : new Uint8ArrayList(piece.subarray(0, 3), piece.subarray(3)))
          }
          expect(count).toBe(sizes.length + (tail === 0 ? 0 : 1))
          expect(scan.unfinished).toBe(tail === 0 ? 0 : tail - 1)
          expect(scan.oversize).toBe(false)
        }
      )
    )
  })

  test('one that says it is too large is known by its first bytes, and so is a length that does not end', () => {
    for (const bytes of [
      varint(1_001),
      varint(2 ** 40),
      Buffer.alloc(9, 0x80),
      Buffer.from([0xff, 0xff, 0xff, 0x7f])
    ]) {
      const scan = new MessageScan('prefixed', 1_000)
      expect(scan.count(prefixed(new Uint8Array(1_000)))).toBe(1)
      expect(scan.count(bytes)).toBe(0)
      expect(scan.oversize).toBe(true)
    }
  })

  test('of a fixed size', () => {
    const scan = new MessageScan({ bytes: 32 }, 32)
    expect([31, 1, 33, 64].map((bytes) => scan.count(new Uint8Array(bytes)))).toEqual([1, 0, 2, 2])
    expect(scan.unfinished).toBe(1)
  })
})

describe('by peer and by host', () => {
  test('many ids of one host have four shares; other hosts have their own, and a host that is not counted has none', () => {
    const account = new Account({ unitsPerSecond: 1, burstUnits: 10 })
    const taken = (host: string | null): number =>
      Array.from({ length: 100 }, (_, i) => account.over({ peer: `${host}${i}`, host }, 10, 0)).filter(
        (over) => over === null
      ).length
    expect([taken('a'), taken('b'), taken(null)]).toEqual([4, 4, 100])
    expect(account.over({ peer: 'a0', host: 'c' }, 1, 0)).toBe('peer')
    expect(account.over({ peer: 'new', host: 'a' }, 1, 0)).toBe('host')
  })

  test('streams: of a peer, of a host, in all; the last quarter is for those that have none', () => {
    const count = new StreamCount({ perPeer: 3, perHost: 4, inAll: 8 })
    const enter = (peer: string, host: string | null = peer): (() => void) | string => count.enter({ peer, host })
    const leave = enter('a') as () => void
    expect([enter('a'), enter('a'), enter('a')].map((one) => (typeof one === 'string' ? one : 'in'))).toEqual([
      'in',
      'in',
      'peer'
    ])
    expect([enter('b', 'a'), enter('c', 'a')].map((one) => (typeof one === 'string' ? one : 'in'))).toEqual([
      'in',
      'others'
    ])
    expect([enter('d'), enter('d'), enter('d')].map((one) => (typeof one === 'string' ? one : 'in'))).toEqual([
      'in',
      'in',
      'others'
    ])
    expect([enter('e'), enter('f'), enter('g')].map((one) => (typeof one === 'string' ? one : 'in'))).toEqual([
      'in',
      'in',
      'others'
    ])
    leave()
    leave()
    expect(count.open).toBe(7)
  })

  test('what is begun and not ended is bounded over all streams of a host, and in time', () => {
    let late: (() => void) | undefined
    const bound = new Held()
    const unfinished = new Unfinished(
      {
        ...clock,
        after: (_ms, call) => {
          late = call
          return () => {
            late = undefined
          }
        }
      },
      bound
    )
    const aborted: string[] = []
    const stream = (
      name: string
    ): { abort: () => void; addEventListener: (type: string, call: () => void) => void; close?: () => void } => {
      const made: ReturnType<typeof stream> = {
        abort: () => {
          aborted.push(name)
        },
        addEventListener: (_type, call) => {
          made.close = call
        }
      }
      return made
    }
    const streams = Array.from({ length: 9 }, (_, i) => stream(`${i}`))
    const held = streams.map((one, i) => unfinished.watch({ peer: `${i}`, host: 'a' }, one as never))
    expect(held.map((hold) => hold(1024 * 1024 - PIECE_BYTES, true))).toEqual([
      ...Array.from({ length: 8 }, () => true),
      false
    ])
    expect(unfinished.watch({ peer: 'b', host: 'b' }, stream('b') as never)(1024 * 1024 - PIECE_BYTES, true)).toBe(true)
    late!()
    expect(aborted).toEqual(['b'])
    for (const one of streams) one.close!()
    expect(bound.bytes).toBe(1024 * 1024)
  })
})

describe('what is kept for all', () => {
  const MIB = 1024 * 1024

  test('when it is too much, whoever has the most lets go of its largest stream, and not the one who has little', () => {
    const held = new Held()
    const gone: string[] = []
    const hold = (host: string, mib: number, name = host): boolean =>
      held
        .watch({ peer: name, host }, () => {
          gone.push(name)
        })
        .set(mib * MIB)
    for (const host of ['a', 'b']) expect(hold(host, 7)).toBe(true)
    expect([hold('f', 5, 'f1'), hold('f', 3, 'f2')]).toEqual([true, true])
    expect(held.bytes).toBe(22 * MIB)
    expect(hold('honest', 1)).toBe(true)
    expect(gone).toEqual([])
    expect(hold('honest', 2)).toBe(true)
    expect(gone).toEqual(['f1'])
    expect(held.bytes).toBe(20 * MIB)
    expect(hold('g', 4)).toBe(true)
    // The one who would have the most is the one who is refused.
    expect(hold('a', 0.5)).toBe(false)
  })
})

describe('a stranger on the streams of', () => {
  test('ping: what it does not read back is not collected, and going on costs the connection', async () => {
    const a = await startHost()
    const evil = await stranger(a)
    let [bytes, streams] = [0, 0]
    while (evil.connected) {
      const stream = await evil.open('/ipfs/ping/1.0.0').catch(() => null)
      streams++
      for (let i = 0; i < 64 && stream !== null && (await sent(stream, new Uint8Array(64 * 1024))); i++)
        bytes += 64 * 1024
    }
    expect(reasons(a)).toEqual([expect.stringMatching(/^ping: .*repeatedly$/)])
    // The first piece of each stream is too much already; what comes behind it was on its way.
    expect(bytes / streams).toBeLessThan(512 * 1024)
    expect(streams).toBeLessThan(400)
  })

  test('the DHT: a message over 64 KiB is refused by its length alone', async () => {
    const a = await startHost()
    const evil = await stranger(a)
    const stream = await evil.open(DHT)
    await sent(stream, varint(65_537))
    await expect.poll(() => evil.connected).toBe(false)
    expect(reasons(a)).toEqual(['dht: a message of more than 65536 bytes'])
  })

  test('the DHT: messages without end on one stream, and streams without end', async () => {
    const a = await startHost()
    const evil = await stranger(a)
    const stream = await evil.open(DHT)
    let bytes = 0
    while (await sent(stream, prefixed(new Uint8Array(16 * 1024)))) bytes += 16 * 1024
    // The last pieces were on their way.
    expect(bytes).toBeLessThan(1024 * 1024)
    expect(evil.connected).toBe(true)
    const open = await Promise.all(Array.from({ length: 60 }, async () => await evil.open(DHT).catch(() => null)))
    await expect.poll(() => open.filter((one) => one?.status === 'open').length).toBeLessThanOrEqual(32)
    expect(evil.connected).toBe(true)
  })

  test.each(['/ipfs/id/1.0.0', '/ipfs/id/push/1.0.0'])('%s: bytes that nobody asked for', async (protocol) => {
    const a = await startHost()
    const evil = await stranger(a)
    let [bytes, streams] = [0, 0]
    while (evil.connected && streams < 20) {
      const stream = await evil.open(protocol).catch(() => null)
      streams++
      while (stream !== null && (await sent(stream, prefixed(new Uint8Array(4096))))) bytes += 4096
    }
    expect(bytes / streams).toBeLessThan(512 * 1024)
  })

  test('gossip: RPCs of no bytes cost the connection', async () => {
    const a = await startHost()
    const evil = await stranger(a)
    await evil.node.handle('/meshsub/1.1.0', () => {
      /* the link is one from both sides, or the watchdog closes it */
    })
    const stream = await evil.open('/meshsub/1.1.0')
    const before = performance.now()
    while (await sent(stream, new Uint8Array(1024))) {
      /* 1,024 RPCs */
    }
    await expect.poll(() => evil.connected).toBe(false)
    expect(reasons(a)).toEqual(['gossip: over its quota'])
    expect(performance.now() - before).toBeLessThan(10_000)
  })

  test('gossip: what it sends on the stream that we opened', async () => {
    const a = await startHost()
    const evil = await stranger(a)
    await evil.node.handle('/meshsub/1.1.0', (stream) => {
      stream.send(new Uint8Array(100))
    })
    await evil.open('/meshsub/1.1.0')
    await expect.poll(() => evil.connected).toBe(false)
    expect(reasons(a)).toEqual(['gossip: more bytes than a stream may have'])
  })

  test('many ids of one host: together they have no more than the host', async () => {
    const a = await startHost({ tuning: { countLoopback: true } })
    const crowd = await Promise.all(Array.from({ length: 8 }, async () => await stranger(a, '127.0.0.2')))
    const { quota } = protocolCosts(DHT).find(({ name }) => name === 'identify-push')!
    const before = performance.now()
    await Promise.all(
      crowd.map(async (one) => {
        for (let i = 0; i < 40; i++) {
          const stream = await one.open('/ipfs/id/push/1.0.0')
          await sent(stream, Uint8Array.of(0))
          stream.abort(new Error('next'))
        }
      })
    )
    const share = quota.burstUnits + (quota.unitsPerSecond * (performance.now() - before)) / 1000
    const charged = a.host.charged().get('identify-push')!
    expect(charged).toBeGreaterThan(2 * share)
    expect(charged).toBeLessThanOrEqual(4 * share)
    // It is the host that was over, not each of them: none of them lost its connection for that.
    expect(reasons(a)).toEqual([])
  })
})

/** Without a host, that drops nobody. */
function bareToll(given: Partial<TollOptions> = {}): Toll {
  return new Toll({
    limiter: new RateLimiter({
      limits: { unitsPerSecond: 1, burstUnits: 1 },
      clock,
      stopped: new AbortController().signal
    }),
    held: new Held(),
    load: { level: 'normal', costFactor: 1 },
    clock,
    log: collectLog(),
    countLoopback: false,
    drop: () => {},
    ...given
  })
}

test('what nobody charges is named, and its streams are refused: on a host that serves it, none is free', () => {
  const toll = bareToll()
  for (const cost of protocolCosts(DHT)) toll.cover(cost)
  toll.covered('/ledgermesh/test/ours/1')
  expect(toll.uncovered(['/ipfs/id/1.0.0', '/meshsub/1.2.0', DHT, '/ledgermesh/test/ours/1', '/libp2p/new/1'])).toEqual(
    ['/libp2p/new/1']
  )
  const registrar = { getProtocols: () => ['/libp2p/new/1'], getMiddleware: (): StreamMiddleware[] => [] }
  toll.service()({ registrar })
  const [middleware] = (registrar.getMiddleware as (protocol: string) => StreamMiddleware[])('/libp2p/new/1')
  expect(() => middleware!({} as Stream, {} as Connection, () => {})).toThrow('no costs are defined for /libp2p/new/1')
  expect([toll.isServed('/libp2p/new/1'), toll.isServed(DHT)]).toEqual([true, false])
})

test('a stream that ended before its turn takes no place and no timer; one that lives takes both until it closes', () => {
  let timers = 0
  const after = (): (() => void) => {
    timers++
    return () => {
      timers--
    }
  }
  const toll = bareToll({ clock: { ...clock, after }, countLoopback: true })
  const cost = protocolCosts(DHT).find(({ name }) => name === 'dht')!
  toll.cover(cost)
  const registrar = { getProtocols: () => [DHT], getMiddleware: (): StreamMiddleware[] => [] }
  toll.service()({ registrar })
  const [middleware] = (registrar.getMiddleware as (protocol: string) => StreamMiddleware[])(DHT)
  const enter = (status: string, peer: string): EventTarget => {
    const stream = Object.assign(new EventTarget(), {
      status,
      direction: 'inbound',
      readBuffer: new Uint8ArrayList(),
      onData: () => {}
    })
    const connection = { remotePeer: peer, remoteAddr: `/ip4/203.0.113.${peer}/tcp/1` } as unknown as Connection
    void middleware!(stream as unknown as Stream, connection, () => {})
    return stream
  }
  for (const status of ['closed', 'aborted', 'reset'])
    for (let i = 0; i < cost.streams.inAll; i++)
      expect(() => enter(status, `${i % 8}`)).toThrow('dht: the stream has ended')
  expect(timers).toBe(0)
  const open = Array.from({ length: cost.streams.perPeer }, () => enter('open', '9'))
  expect(timers).toBe(cost.streams.perPeer)
  expect(() => enter('open', '9')).toThrow('too many streams at once')
  for (const one of open) one.dispatchEvent(new Event('close'))
  expect(timers).toBe(0)
  enter('open', '9')
})

test('an honest node that passes on as much as any lets pass, to one peer, stays below its quotas for ever', () => {
  const rpcs = [
    encodeRpc({ messages: [{ topic: `/ledgermesh/test/announce/${'a'.repeat(53)}`, data: new Uint8Array(2_000) }] }),
    encodeRpc({ idontwant: [[new Uint8Array(32)]] })
  ]
  const gossip = protocolCosts(DHT).find(({ name }) => name === 'gossip')!
  let now = 0
  const limiter = new RateLimiter({
    limits: { unitsPerSecond: 1, burstUnits: 1 },
    clock: { ...clock, now: () => now },
    stopped: new AbortController().signal
  })
  const payer = { peer: 'relay', host: '203.0.113.7' }
  const overs = new Set<string | null>()
  // 1,024 messages a second (gossip-gate.ts), each told in two RPCs, for a minute.
  for (let at = 0; at < 60_000; at += 125) {
    now = at
    for (let i = 0; i < 128; i++)
      for (const rpc of rpcs) {
        overs.add(limiter.take(payer, LINE.name, LINE.packetUnits + LINE.frameUnits, LINE.quota))
        overs.add(
          limiter.take(
            payer,
            gossip.name,
            gossip.messageUnits + rpc.length / UNIT_BYTES + countItems(rpc, 100) * ITEM_UNITS,
            gossip.quota
          )
        )
      }
  }
  expect(overs).toEqual(new Set([null]))
})

test('whatever a running host serves is charged to the peer and to the host that it comes from', async () => {
  const [taken, waited] = [vi.spyOn(RateLimiter.prototype, 'take'), vi.spyOn(RateLimiter.prototype, 'for')]
  onTestFinished(() => {
    vi.restoreAllMocks()
  })
  const a = await startHost({ protocols: [protocolHandler(echo, { served: 0 })], tuning: { countLoopback: true } })
  const own = protocolId('test', echo)
  const accountOf = (protocol: string): string =>
    protocol === own ? own : protocolCosts(DHT).find(({ protocols }) => protocols.includes(protocol))!.name
  expect(a.host.protocols().toSorted()).toEqual(
    [own, ...protocolCosts(DHT).flatMap(({ protocols }) => protocols)].toSorted()
  )
  for (const protocol of [...a.host.protocols(), LINE.name, OPENING.name]) {
    const one = await stranger(a, '127.0.0.2')
    if (protocol.startsWith('/')) await sent(await one.open(protocol), new Uint8Array(32))
    else await one.open('/ipfs/ping/1.0.0')
    const account = protocol.startsWith('/') ? accountOf(protocol) : protocol
    await expect
      .poll(
        () =>
          [...taken.mock.calls, ...waited.mock.calls]
            .filter(([{ peer }, name]) => peer === one.id && name === account)
            .map(([{ host }]) => host),
        { message: protocol, timeout: 10_000 }
      )
      .toContain('127.0.0.2')
    await one.stop()
  }
  expect(taken.mock.calls.filter(([, name]) => name === HANDSHAKE.name).map(([{ peer }]) => peer)).toContain(
    '127.0.0.2'
  )
})
