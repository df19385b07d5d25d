/** A peer that is lost while gossipsub opens its stream, and comes again, hears of our topics: with gossipsub itself. */
import { generateKeyPair } from '@libp2p/crypto/keys'
import { gossipsub, type GossipSubComponents } from '@libp2p/gossipsub'
import type { Connection, Topology } from '@libp2p/interface'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import { multiaddr } from '@multiformats/multiaddr'
import { expect, onTestFinished, test } from 'vitest'
import { insideOf } from '../../src/network/gossip-inside.js'
import { forgetDeadLinks } from '../../src/network/gossip-links.js'
import { quietLogger } from '../../src/network/quiet-logger.js'

class FakeStream extends EventTarget {
  readonly protocol = '/meshsub/1.2.0'
  readonly writeBufferLength = 0
  writeStatus = 'writable'
  sent = 0

  send(): void {
    if (this.writeStatus !== 'writable') throw new Error('cannot write to a stream that is closed')
    this.sent++
  }

  close(): Promise<void> {
    this.writeStatus = 'closed'
    return Promise.resolve()
  }
}

async function started(): Promise<{
  connect: (connection: Promise<FakeStream>) => void
  lose: () => void
  asked: () => number
  links: () => number
}> {
  const [ours, theirs] = [await generateKeyPair('Ed25519'), peerIdFromPrivateKey(await generateKeyPair('Ed25519'))]
  let topology: Topology = {}
  let asked = 0
  const pubsub = gossipsub()({
    privateKey: ours,
    peerId: peerIdFromPrivateKey(ours),
    logger: quietLogger,
    registrar: {
      handle: () => Promise.resolve(),
      unhandle: () => Promise.resolve(),
      unregister: () => {},
      register: (_protocol: string, registered: Topology) => {
        topology = registered
        return Promise.resolve('')
      }
    }
  } as unknown as GossipSubComponents)
  const inside = insideOf(pubsub)
  forgetDeadLinks(inside)
  const service = pubsub as typeof pubsub & { start: () => Promise<void>; stop: () => Promise<void> }
  await service.start()
  onTestFinished(async () => {
    await service.stop()
  })
  pubsub.subscribe('t')
  return {
    connect: (stream) => {
      const connection = { status: 'open', direction: 'outbound', remoteAddr: multiaddr('/ip4/127.0.0.1/tcp/1') }
      const newStream = async (): Promise<FakeStream> => {
        asked++
        return await stream
      }
      void topology.onConnect?.(theirs, { ...connection, newStream } as unknown as Connection)
    },
    lose: () => {
      void topology.onDisconnect?.(theirs)
    },
    asked: () => asked,
    links: () => inside.streamsOutbound.size
  }
}

test('a stream that is opened after the peer was lost is forgotten', async () => {
  const gossip = await started()
  const [opening, late] = [Promise.withResolvers<FakeStream>(), new FakeStream()]
  gossip.connect(opening.promise)
  await expect.poll(() => gossip.asked()).toBe(1)
  gossip.lose()
  late.writeStatus = 'closed'
  opening.resolve(late)
  await new Promise(setImmediate)
  expect(gossip.links()).toBe(0)
})

test('one that is opened too late, when the peer is back already, does not stand for the next', async () => {
  const gossip = await started()
  const [opening, late, next] = [Promise.withResolvers<FakeStream>(), new FakeStream(), new FakeStream()]
  gossip.connect(opening.promise)
  await expect.poll(() => gossip.asked()).toBe(1)
  gossip.lose()
  gossip.connect(Promise.resolve(next))
  late.writeStatus = 'closed'
  opening.resolve(late)
  await expect.poll(() => next.sent).toBe(1)
  expect(gossip.links()).toBe(1)
})

test('a stream that lives is kept, and a second one is not opened', async () => {
  const gossip = await started()
  const [one, two] = [new FakeStream(), new FakeStream()]
  gossip.connect(Promise.resolve(one))
  await expect.poll(() => one.sent).toBe(1)
  gossip.connect(Promise.resolve(two))
  await new Promise(setImmediate)
  expect([one.sent, two.sent, gossip.links()]).toEqual([1, 0, 1])
})
