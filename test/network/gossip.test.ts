import { afterEach, describe, expect, test, vi } from 'vitest'
import { generateKeyPairFromSeed } from '@libp2p/crypto/keys'
import { gossipsub, StrictNoSign, type GossipSub } from '@libp2p/gossipsub'
import { identify } from '@libp2p/identify'
import type { Libp2p } from '@libp2p/interface'
import { noise } from '@libp2p/noise'
import { tcp } from '@libp2p/tcp'
import { yamux } from '@libp2p/yamux'
import { multiaddr } from '@multiformats/multiaddr'
import { createLibp2p } from 'libp2p'
import { MAX_GOSSIP_BYTES } from '../../src/network/gossip.js'
import type { Verdict } from '../../src/network/host.js'
import type { Clock } from '../../src/ports.js'
import { addrOf, clock, codeOf, random, startHost, stopAll, within, type TestHost } from './fixture.js'

const attackers: Libp2p[] = []
vi.setConfig({ testTimeout: 30_000 })
afterEach(async () => {
  await stopAll()
  await Promise.all(
    attackers.splice(0).map(async (node) => {
      await node.stop()
    })
  )
})

const TOPIC = '/ledgermesh/test/announce/x'
const ownId = (message: Uint8Array): Uint8Array => message
const message = (length = 40): Uint8Array => random.bytes(length)

/** A peer that keeps none of our rules. */
async function attacker(target: TestHost): Promise<{ node: Libp2p; pubsub: GossipSub; peer: string }> {
  const node = await createLibp2p({
    privateKey: await generateKeyPairFromSeed('Ed25519', random.bytes(32)),
    addresses: { listen: ['/ip4/127.0.0.1/tcp/0'] },
    transports: [tcp()],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux()],
    services: {
      identify: identify(),
      pubsub: gossipsub({
        globalSignaturePolicy: StrictNoSign,
        allowPublishToZeroTopicPeers: true,
        maxOutboundBufferSize: 1 << 24
      })
    }
  })
  attackers.push(node)
  await node.dial(multiaddr(addrOf(target)))
  return { node, pubsub: node.services.pubsub, peer: node.peerId.toString() }
}

/** Subscribes and collects what was accepted. */
function listen(
  { host }: TestHost,
  verdict: (peer: string, bytes: Uint8Array) => Promise<Verdict> | Verdict = () => 'accept'
): string[] {
  const got: string[] = []
  host.subscribe(
    TOPIC,
    async (peer, bytes) => {
      const result = await verdict(peer, bytes)
      if (result === 'accept') got.push(Buffer.from(bytes).toString('hex'))
      return result
    },
    ownId
  )
  return got
}

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')

describe('gossip', () => {
  test('only what is accepted is forwarded, and a sender of rejected messages is not heard any more', async () => {
    const a = await startHost()
    const b = await startHost({ bootstrap: [addrOf(a)] })
    const bad = message()
    const atA = listen(a, (_peer, bytes) =>
      bytes.byteLength === 50 ? 'reject' : bytes.byteLength === 51 ? 'ignore' : 'accept'
    )
    const atB = listen(b)
    const evil = await attacker(a)
    evil.pubsub.subscribe(TOPIC)
    await expect
      .poll(() => a.host.subscribers(TOPIC).length + b.host.subscribers(TOPIC).length, { timeout: 15_000 })
      .toBe(3)
    await expect.poll(() => evil.pubsub.getSubscribers(TOPIC).length).toBe(1)
    await evil.pubsub.publish(TOPIC, bad)
    await expect.poll(() => [atA, atB], { timeout: 15_000 }).toEqual([[hex(bad)], [hex(bad)]])
    await evil.pubsub.publish(TOPIC, message(51))
    for (let i = 0; i < 3; i++) await evil.pubsub.publish(TOPIC, message(50))
    await expect
      .poll(() => a.log.lines.filter((line) => line.message === 'gossip message rejected').length, { timeout: 15_000 })
      .toBe(3)
    // Graylisted once gossipsub computes the score again (every second): even good messages of this peer are dropped,
    // those of others are not.
    await expect
      .poll(
        async () => {
          const [unheard, heard] = [message(), message()]
          await evil.pubsub.publish(TOPIC, unheard)
          await b.host.publish(TOPIC, heard)
          await expect.poll(() => atA.includes(hex(heard)), { timeout: 15_000 }).toBe(true)
          return atA.includes(hex(unheard))
        },
        { timeout: 10_000, interval: 300 }
      )
      .toBe(false)
  }, 20_000)

  test('a validator or a message id that throws costs the message, not the process', async () => {
    const a = await startHost()
    const b = await startHost({ bootstrap: [addrOf(a)] })
    let mode: 'throw' | 'reject-promise' | 'good' = 'throw'
    const got: string[] = []
    a.host.subscribe(
      TOPIC,
      (_peer, bytes) => {
        if (mode === 'throw') throw new Error('sync')
        if (mode === 'reject-promise') return Promise.reject(new Error('async'))
        got.push(hex(bytes))
        return Promise.resolve('accept')
      },
      () => {
        throw new Error('no id')
      }
    )
    await expect.poll(() => b.host.subscribers(TOPIC).length, { timeout: 15_000 }).toBe(1)
    await b.host.publish(TOPIC, message())
    await expect.poll(() => a.log.lines.filter(({ level }) => level === 'error').length, { timeout: 15_000 }).toBe(1)
    mode = 'reject-promise'
    await b.host.publish(TOPIC, message())
    await expect.poll(() => a.log.lines.filter(({ level }) => level === 'error').length, { timeout: 15_000 }).toBe(2)
    mode = 'good'
    const last = message()
    await b.host.publish(TOPIC, last)
    await expect.poll(() => got, { timeout: 15_000 }).toEqual([hex(last)])
    expect(a.log.lines.some((line) => line.message === 'gossip message rejected')).toBe(false)
  })

  test('a validator that hangs is given up', async () => {
    const hurried: Clock = {
      now: clock.now,
      after: (delayMs, callback) => clock.after(delayMs === 5_000 ? 50 : delayMs, callback)
    }
    const a = await startHost({ clock: hurried })
    const b = await startHost({ bootstrap: [addrOf(a)] })
    a.host.subscribe(
      TOPIC,
      async () =>
        await new Promise(() => {
          /* never */
        }),
      ownId
    )
    await expect.poll(() => b.host.subscribers(TOPIC).length, { timeout: 15_000 }).toBe(1)
    await b.host.publish(TOPIC, message())
    await expect
      .poll(() => a.log.lines.filter(({ level }) => level === 'warn').map((line) => line.message), { timeout: 15_000 })
      .toEqual(['a gossip validator timed out'])
  })

  test('a message sent to a wrong topic first still arrives on the right one', async () => {
    const a = await startHost()
    a.host.subscribe(`${TOPIC}2`, () => Promise.resolve('reject'), ownId)
    const atA = listen(a)
    const evil = await attacker(a)
    await expect
      .poll(() => evil.pubsub.getSubscribers(TOPIC).length + evil.pubsub.getSubscribers(`${TOPIC}2`).length, {
        timeout: 15_000
      })
      .toBe(2)
    const target = message()
    await evil.pubsub.publish(`${TOPIC}2`, target)
    await expect.poll(() => a.log.lines.some((line) => line.message === 'gossip message rejected')).toBe(true)
    const b = await startHost({ bootstrap: [addrOf(a)] })
    await expect.poll(() => b.host.subscribers(TOPIC).length, { timeout: 15_000 }).toBe(1)
    await b.host.publish(TOPIC, target)
    await expect.poll(() => atA, { timeout: 15_000 }).toEqual([hex(target)])
  })

  test('the largest message passes, one byte more is refused here and rejected from others', async () => {
    const a = await startHost()
    const b = await startHost({ bootstrap: [addrOf(a)] })
    const atA = listen(a)
    const evil = await attacker(a)
    await expect
      .poll(() => b.host.subscribers(TOPIC).length + evil.pubsub.getSubscribers(TOPIC).length, { timeout: 15_000 })
      .toBe(2)
    const largest = message(MAX_GOSSIP_BYTES)
    expect(await b.host.publish(TOPIC, largest)).toEqual({ recipients: 1 })
    await expect.poll(() => atA.length, { timeout: 15_000 }).toBe(1)
    expect(await codeOf(b.host.publish(TOPIC, message(MAX_GOSSIP_BYTES + 1)))).toBe('TOO_LARGE')
    await evil.pubsub.publish(TOPIC, message(MAX_GOSSIP_BYTES + 1))
    await expect
      .poll(
        () =>
          a.log.lines.filter((line) => line.message === 'gossip message rejected').map(({ fields }) => fields['peer']),
        { timeout: 15_000 }
      )
      .toEqual([evil.peer])
    expect(atA).toEqual([hex(largest)])
  })

  test('an RPC over the limit costs the connection, and the peer stays out', async () => {
    const a = await startHost()
    listen(a)
    const evil = await attacker(a)
    await expect.poll(() => evil.pubsub.getSubscribers(TOPIC).length, { timeout: 15_000 }).toBe(1)
    await evil.pubsub.publish(TOPIC, message(1536 * 1024))
    await expect.poll(() => a.host.isConnected(evil.peer), { timeout: 15_000 }).toBe(false)
    expect(
      a.log.lines
        .filter((line) => line.message === 'peer disconnected and banned')
        .map(({ fields }) => fields['reason'])
    ).toEqual(['gossip: a message of more than 1048576 bytes'])
    await evil.node.dial(multiaddr(addrOf(a))).catch(() => {
      /* refused at once or after the handshake */
    })
    await expect.poll(() => evil.node.getConnections().length).toBe(0)
  })

  test('a link that is lost: the watchdog closes the connection so that a new one can be made', async () => {
    const a = await startHost()
    const atA = listen(a)
    const evil = await attacker(a)
    await expect.poll(() => evil.pubsub.getSubscribers(TOPIC).length, { timeout: 15_000 }).toBe(1)
    for (const { streams } of evil.node.getConnections())
      for (const stream of streams) if (stream.protocol.startsWith('/meshsub/')) stream.abort(new Error('lost'))
    await expect.poll(() => a.host.isConnected(evil.peer), { timeout: 15_000 }).toBe(false)
    expect(a.log.lines.some((line) => line.message === 'gossip stream lost; connection closed')).toBe(true)
    const good: string[] = []
    await expect
      .poll(
        async () => {
          await evil.node.dial(multiaddr(addrOf(a)))
          const next = message()
          good.push(hex(next))
          await evil.pubsub.publish(TOPIC, next)
          return atA.length
        },
        { timeout: 15_000, interval: 200 }
      )
      .toBeGreaterThan(0)
    expect(good).toContain(atA[0])
  })

  test('a peer that does not speak gossip is left alone, and links that live are too', async () => {
    const a = await startHost()
    const b = await startHost({ bootstrap: [addrOf(a)] })
    const mute = await createLibp2p({
      transports: [tcp()],
      connectionEncrypters: [noise()],
      streamMuxers: [yamux()],
      services: { identify: identify() }
    })
    attackers.push(mute)
    await mute.dial(multiaddr(addrOf(a)))
    const from = Date.now()
    await expect.poll(() => Date.now() - from > 2_500, { timeout: 15_000 }).toBe(true) // well over the grace
    expect(a.host.isConnected(mute.peerId.toString())).toBe(true)
    expect(a.events).toEqual(expect.arrayContaining([`+${b.host.peerId}`, `+${mute.peerId.toString()}`]))
    expect(a.events.length).toBe(2)
  })

  test('nothing is heard of a topic that was left', async () => {
    const a = await startHost()
    const b = await startHost({ bootstrap: [addrOf(a)] })
    const atA = listen(a)
    await expect.poll(() => b.host.subscribers(TOPIC).length, { timeout: 15_000 }).toBe(1)
    a.host.unsubscribe(TOPIC)
    await expect.poll(() => b.host.subscribers(TOPIC).length, { timeout: 15_000 }).toBe(0)
    expect(await b.host.publish(TOPIC, message())).toEqual({ recipients: 0 })
    expect(atA).toEqual([])
    expect(await codeOf(a.host.dial(addrOf(b), within(5_000)))).toBe('no error')
  })
})
