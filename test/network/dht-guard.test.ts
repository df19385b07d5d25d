/**
 * The DHT under attack by a peer that is not our code (FAULTS S1, R7): what is too much is cut before it is decoded, in
 * both directions, and does not travel on.
 */
import { multiaddr } from '@multiformats/multiaddr'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { cutMessage } from '../../src/network/dht/cut-message.js'
import { dice } from '../helpers/dice.js'
import {
  ADD_PROVIDER,
  addresses,
  decodeKad,
  encodeKad,
  fakeIds,
  field,
  FIND_NODE,
  frame,
  GET_PROVIDERS,
  PING,
  Stranger,
  type KadPeer
} from '../helpers/kad-peer.js'
import { addrOf, random, startHost, stopAll, within, type TestHost } from './fixture.js'
import { keyToCid } from '../../src/network/discovery.js'

vi.setConfig({ testTimeout: 60_000 })

const strangers: Stranger[] = []
async function stranger(options: Parameters<typeof Stranger.start>[0] = {}): Promise<Stranger> {
  const made = await Stranger.start(options)
  strangers.push(made)
  return made
}
afterEach(async () => {
  await Promise.all(
    strangers.splice(0).map(async (one) => {
      await one.stop()
    })
  )
  await stopAll()
})

const KEY = '/ledgermesh/test/ledger/b'
const keyBytes = keyToCid(KEY).multihash.bytes

const dropped = (host: TestHost): unknown[] =>
  host.log.lines
    .filter(({ message }) => message === 'peer disconnected and banned')
    .map(({ fields }) => fields['reason'])

/** cut: it is shorter, or as it was. */
function resultOf(bytes: Uint8Array): string {
  try {
    return cutMessage(bytes, 'heard').byteLength <= bytes.byteLength ? 'cut' : 'longer'
  } catch (error) {
    return (error as { code?: string }).code ?? 'uncoded'
  }
}

describe('a message is cut', () => {
  test('to twenty peers a list, sixteen addresses each, once each; providers in an answer to eight', async () => {
    const ids = await fakeIds(40)
    const many: KadPeer[] = ids.map((id, i) => ({ id, addrs: addresses(i === 0 ? 300 : 20, i * 1000) }))
    const whole = encodeKad({ type: GET_PROVIDERS, key: keyBytes, closer: [many[0]!, ...many], providers: many })
    const told = decodeKad(cutMessage(whole, 'told'))
    expect([told.closer.length, told.providers.length]).toEqual([19, 20])
    for (const { addrs } of [...told.closer, ...told.providers]) expect(addrs).toHaveLength(16)
    expect(decodeKad(cutMessage(whole, 'heard')).providers).toHaveLength(8)
    expect(decodeKad(cutMessage(whole, 'asked'))).toEqual({ closer: [], providers: [] })
    // What honest nodes send stays as it is.
    const honest = encodeKad({
      type: GET_PROVIDERS,
      key: keyBytes,
      closer: many.slice(1, 9).map(({ id }, i) => ({ id, addrs: addresses(3, i * 100) }))
    })
    expect(Buffer.from(cutMessage(honest, 'heard')).equals(honest)).toBe(true)
  })

  test('of addresses where no peer is, and of what is none', async () => {
    const [id] = await fakeIds(1)
    const good = multiaddr('/ip4/1.2.3.4/tcp/1').bytes
    const bad = [
      '/unix/%2Fvar%2Frun%2Fdocker.sock',
      '/ip4/169.254.169.254/tcp/80',
      '/ip6/fe80::1/tcp/1',
      '/ip4/224.0.0.1/tcp/1',
      '/dnsaddr/evil.example',
      '/ip4/0.0.0.0/tcp/1'
    ].map((text) => multiaddr(text).bytes)
    const message = encodeKad({
      type: FIND_NODE,
      key: id!,
      closer: [
        { id: id!, addrs: [...bad, random.bytes(9), new Uint8Array(), good, new Uint8Array(5_000)] },
        { id: random.bytes(200), addrs: [good] },
        { id: new Uint8Array(), addrs: [good] }
      ]
    })
    expect(
      decodeKad(cutMessage(message, 'heard')).closer.map(({ addrs }) => addrs.map((addr) => multiaddr(addr).toString()))
    ).toEqual([['/ip4/1.2.3.4/tcp/1']])
  })

  test('or refused: what stores values, has no type, is no protobuf, has a key that is none, is too large', () => {
    const codes = [
      encodeKad({ type: 0, key: keyBytes }),
      encodeKad({ type: 1, key: keyBytes }),
      encodeKad({ type: 6 }),
      new Uint8Array(),
      field(2, keyBytes),
      encodeKad({ type: FIND_NODE, key: new Uint8Array(1_000) }),
      Buffer.concat([encodeKad({ type: PING }), Buffer.from([0x42])]),
      Buffer.concat([encodeKad({ type: PING }), Buffer.from([0x42, 0x7f])]),
      Buffer.concat([encodeKad({ type: PING }), Buffer.from([0x0b])]),
      // a tag of 64 bits, found by chance
      Buffer.concat([
        encodeKad({ type: PING }),
        Buffer.from('fa46ffa86f1aa4c2375f25d96aa762bf'.replace('fa46', 'ffffffffffffff7f'), 'hex')
      ]),
      Buffer.concat([
        encodeKad({ type: PING }),
        Buffer.from([0x50, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01])
      ]),
      new Uint8Array(65_537)
    ].map(resultOf)
    expect(codes).toEqual([...Array.from({ length: 11 }, () => 'INVALID_FRAME'), 'TOO_LARGE'])
  })

  test('or refused with a code, whatever its bytes, in time', async () => {
    const [id] = await fakeIds(1)
    const seed = encodeKad({ type: ADD_PROVIDER, key: keyBytes, providers: [{ id: id!, addrs: addresses(3) }] })
    const worst = [
      field(9, field(2, new Uint8Array(3))),
      field(9, Buffer.concat([field(1, id!), ...Array.from({ length: 20_000 }, () => field(2, new Uint8Array([1])))])),
      field(9, new Uint8Array(1))
    ].map((one) =>
      Buffer.concat([
        Buffer.from([8, ADD_PROVIDER]),
        ...Array.from({ length: Math.floor(65_000 / one.byteLength) }, () => one)
      ])
    )
    const results = new Set<string>()
    const random = Number(process.env['SEED'] ?? Date.now() % 1e9)
    const next = dice(random)
    const before = performance.now()
    for (let i = 0; i < 3_000; i++) {
      const bytes = i < worst.length ? worst[i]! : Uint8Array.from(seed)
      if (i >= worst.length)
        for (let n = 0; n < 1 + (i % 4); n++) bytes[Math.floor(next() * bytes.byteLength)] = Math.floor(next() * 256)
      results.add(resultOf(bytes))
    }
    expect([...results].toSorted(), `SEED=${random}`).toEqual(['INVALID_FRAME', 'cut'])
    expect(performance.now() - before).toBeLessThan(5_000)
  })
})

describe('a node that is asked', () => {
  test('keeps sixteen addresses of a provider that names thousands, goes on serving at once, and does not pass them on', async () => {
    const a = await startHost()
    const liar = await stranger()
    const other = await stranger()
    const before = performance.now()
    for (let i = 0; i < 20; i++)
      await liar.tell(addrOf(a), {
        type: ADD_PROVIDER,
        key: keyBytes,
        providers: [{ id: liar.id, addrs: addresses(5_000, i * 5_000) }]
      })
    const answer = await other.ask(addrOf(a), { type: GET_PROVIDERS, key: keyBytes })
    expect(performance.now() - before).toBeLessThan(10_000)
    const { providers } = decodeKad(answer!)
    expect(providers).toHaveLength(1)
    expect(providers[0]!.addrs.length).toBeLessThanOrEqual(16)
    expect(answer!.byteLength).toBeLessThan(1_000)
    expect(dropped(a)).toEqual([]) // surplus is no lie
    expect(liar.connected).toBe(true)
  })

  test('drops who sends an oversize message, before it has arrived', async () => {
    const a = await startHost()
    const liar = await stranger()
    const stream = await liar.open(addrOf(a))
    stream.send(frame(new Uint8Array(2 * 1024 * 1024)).subarray(0, 100))
    await expect.poll(() => liar.connected, { timeout: 10_000 }).toBe(false)
    expect(dropped(a)).toEqual(['dht: a message of more than 65536 bytes'])
    await expect(
      liar.ask(addrOf(a), { type: PING }).then((answer) => {
        if (answer === null) throw new Error('refused')
      })
    ).rejects.toThrow(/refused|reset|closed|encrypt|upgrade|connection|stream/i)
  })

  test('lets unfinished messages, and those that nobody waits for, go within seconds; others are answered meanwhile', async () => {
    const a = await startHost()
    const honest = await stranger()
    const slow = await Promise.all(Array.from({ length: 6 }, async () => await stranger()))
    const half = frame(new Uint8Array(60_000)).subarray(0, 50_000)
    for (const one of slow) await one.ask(addrOf(a), { type: PING })
    const opened = (
      await Promise.all(
        slow.map(
          async (one) =>
            await Promise.allSettled(
              Array.from({ length: 32 }, async () => {
                const stream = await one.open(addrOf(a))
                stream.send(half)
                return stream
              })
            )
        )
      )
    ).flat()
    expect(opened.filter(({ status }) => status === 'fulfilled').length).toBeGreaterThan(100)
    const before = performance.now()
    expect(await honest.ask(addrOf(a), { type: FIND_NODE, key: honest.id })).not.toBe(null)
    expect(performance.now() - before).toBeLessThan(5_000)
    await expect
      .poll(
        () =>
          slow
            .flatMap(({ node }) => node.getConnections().flatMap(({ streams }) => streams))
            .filter(({ protocol, status }) => protocol.endsWith('/kad/1') && status === 'open').length,
        { timeout: 25_000 }
      )
      .toBe(0)
  })

  test('refuses values, malformed messages and floods without dropping anybody, and serves on', async () => {
    const a = await startHost()
    const liar = await stranger()
    for (const message of [
      encodeKad({ type: 0, key: keyBytes }),
      encodeKad({ type: 1, key: keyBytes }),
      random.bytes(100),
      encodeKad({ type: FIND_NODE })
    ]) {
      expect(await liar.ask(addrOf(a), message)).toBe(null)
    }
    const stream = await liar.open(addrOf(a))
    const question = frame(encodeKad({ type: FIND_NODE, key: liar.id }))
    for (let i = 0; i < 20_000 && stream.status === 'open'; i++) {
      stream.send(question)
      // A turn for whoever closes the stream: the loop ends when it is closed.
      if (i % 100 === 0)
        await new Promise((resolve) => {
          setTimeout(resolve, 1)
        })
    }
    await expect.poll(() => stream.status, { timeout: 15_000 }).not.toBe('open')
    expect(dropped(a)).toEqual([])
    const honest = await stranger()
    expect(decodeKad((await honest.ask(addrOf(a), { type: PING }))!)).toEqual({ closer: [], providers: [] })
  })
})

describe('a node that asks', () => {
  test('is not harmed by answers that name thousands, and goes on finding who is there', async () => {
    const ids = await fakeIds(120)
    const many: KadPeer[] = ids.map((id, i) => ({ id, addrs: addresses(i === 0 ? 3_000 : 10, i * 5_000) }))
    const answers = {
      [FIND_NODE]: encodeKad({ type: FIND_NODE, closer: many }),
      [GET_PROVIDERS]: encodeKad({
        type: GET_PROVIDERS,
        key: keyBytes,
        closer: many.slice(60),
        providers: many.slice(0, 60)
      }),
      [PING]: encodeKad({ type: PING })
    } as Record<number, Uint8Array>
    for (const answer of Object.values(answers)) expect(answer.byteLength).toBeLessThan(65_536)
    const answer = (question: Uint8Array): Uint8Array | undefined => answers[question[1]!]
    const liars = await Promise.all([0, 1, 2].map(async () => await stranger({ answer })))
    const provider = await startHost()
    const asker = await startHost()
    await asker.host.dial(addrOf(provider), within(5_000))
    for (const liar of liars) await asker.host.dial(liar.node.getMultiaddrs()[0]!.toString(), within(5_000))
    await expect.poll(() => asker.host.dhtSize(), { timeout: 15_000 }).toBeGreaterThanOrEqual(4)
    await expect.poll(() => provider.host.dhtSize(), { timeout: 15_000 }).toBeGreaterThanOrEqual(1)
    expect(await provider.host.provide(KEY, within(10_000))).toBeGreaterThan(0)
    const search = async (): Promise<string[]> => {
      const found: string[] = []
      for await (const { peer, addrs } of asker.host.findProviders(KEY, within(20_000))) {
        expect(addrs.length).toBeLessThanOrEqual(8)
        found.push(peer)
        if (peer === provider.host.peerId) break
      }
      return found
    }
    // ADD_PROVIDER has no answer: that it was sent does not say that it is there
    await expect.poll(search, { timeout: 15_000 }).toContain(provider.host.peerId)
    const before = performance.now()
    expect(await search()).toContain(provider.host.peerId)
    expect(performance.now() - before).toBeLessThan(15_000)
    expect(dropped(asker)).toEqual([])
  })

  test('drops whose answer is oversize', async () => {
    const liar = await stranger({ answer: () => new Uint8Array(100_000) })
    const asker = await startHost()
    await asker.host.dial(liar.node.getMultiaddrs()[0]!.toString(), within(5_000))
    await expect.poll(() => dropped(asker), { timeout: 15_000 }).toEqual(['dht: a message of more than 65536 bytes'])
  })
})
