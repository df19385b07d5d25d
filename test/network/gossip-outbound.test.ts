/** What waits for those who do not read is bounded, for each and for all; who reads hears meanwhile. */
import { afterEach, describe, expect, onTestFinished, test, vi } from 'vitest'
import type { GossipInside } from '../../src/network/gossip-inside.js'
import { GossipOutbound } from '../../src/network/gossip-outbound.js'
import { rpcFrame } from '../helpers/gossip-frames.js'
import { Stranger } from '../helpers/stranger.js'
import { addrOf, clock, startHost, stopAll, within } from './fixture.js'

vi.setConfig({ testTimeout: 60_000 })

afterEach(stopAll)

const MIB = 1024 * 1024
const message = { subscriptions: [], messages: [{ topic: 't', data: new Uint8Array(1) }] }

function outbound(): {
  unsent: Map<string, number>
  sent: string[]
  dropped: string[]
  inside: GossipInside
  pass: (ms: number) => void
} {
  const unsent = new Map<string, number>()
  const [sent, dropped]: string[][] = [[], []]
  let [now, due]: [number, { at: number; call: () => void }[]] = [0, []]
  const streamsOutbound = {
    keys: () => unsent.keys(),
    get: (peer: string) => ({ rawStream: { writeBufferLength: unsent.get(peer) ?? 0 } })
  }
  const inside = {
    streamsOutbound,
    sendRpc: (peer: string) => sent!.push(peer) > 0,
    sendRpcInBatch: (peers: Set<string>) => {
      sent!.push(...peers)
    }
  } as unknown as GossipInside
  new GossipOutbound(inside, {
    clock: {
      ...clock,
      now: () => now,
      after: (ms, call) => {
        due.push({ at: now + ms, call })
        return () => {
          due = []
        }
      }
    },
    drop: (peer) => {
      dropped!.push(peer)
    }
  })
  return {
    unsent,
    sent: sent!,
    dropped: dropped!,
    inside,
    pass: (ms) => {
      for (const end = now + ms; now < end; now += 1_000)
        for (const { call } of due.splice(0).filter((one) => one.at <= now || (due.push(one), false))) call()
    }
  }
}

describe('messages are left out', () => {
  test('for one who has a MiB to read; what a link is made of is not', () => {
    const { unsent, sent, inside } = outbound()
    unsent.set('slow', MIB + 1).set('fast', MIB)
    expect([inside.sendRpc('slow', message), inside.sendRpc('fast', message)]).toEqual([false, true])
    inside.sendRpcInBatch(new Set(['slow', 'fast']), { subscriptions: [], messages: [] })
    expect(sent).toEqual(['fast', 'fast'])
    for (const rpc of [
      { subscriptions: [{ subscribe: true, topic: 't' }], messages: [] },
      {
        subscriptions: [],
        messages: [],
        control: { ihave: [], iwant: [], graft: [{ topicID: 't' }], prune: [], idontwant: [] }
      },
      {
        subscriptions: [],
        messages: [],
        control: { ihave: [], iwant: [], graft: [], prune: [{ topicID: 't', peers: [] }], idontwant: [] }
      }
    ])
      expect(inside.sendRpc('slow', rpc)).toBe(true)
  })

  test('for whoever has more than little to read, while all have much', () => {
    const { unsent, inside } = outbound()
    for (let i = 0; i < 24; i++) unsent.set(`slow${i}`, MIB)
    unsent.set('some', 65 * 1024).set('little', 64 * 1024)
    expect([inside.sendRpc('some', message), inside.sendRpc('little', message)]).toEqual([false, true])
    unsent.delete('slow0')
    expect(inside.sendRpc('some', message)).toBe(true)
  })
})

test('who takes nothing for thirty seconds goes, who takes something stays', () => {
  const { unsent, dropped, inside, pass } = outbound()
  for (const peer of ['dead', 'slow', 'late']) {
    unsent.set(peer, 2 * MIB)
    inside.sendRpc(peer, message)
  }
  for (let i = 0; i < 8; i++) {
    unsent.set('slow', unsent.get('slow')! - 1)
    if (i === 3) unsent.set('late', 0)
    pass(5_000)
  }
  expect(dropped).toEqual(['dead'])
})

test('a stranger that subscribes and never reads', async () => {
  const [a, b] = [await startHost(), await startHost()]
  let heard = 0
  const accept = async (): Promise<'accept'> => await Promise.resolve('accept')
  a.host.subscribe('t', accept, (bytes) => bytes)
  b.host.subscribe(
    't',
    async () => {
      heard++
      return await accept()
    },
    (bytes) => bytes
  )
  await b.host.dial(addrOf(a), within(5_000))
  const evil = await Stranger.dial(addrOf(a))
  onTestFinished(async () => {
    await evil.stop()
  })
  await evil.node.handle('/meshsub/1.1.0', (stream) => {
    stream.pause()
  }) // takes a window, and no more
  const stream = await evil.open('/meshsub/1.1.0')
  stream.send(rpcFrame({ subscriptions: [{ subscribe: true, topic: 't' }], graft: ['t'] }))
  await expect.poll(() => a.host.subscribers('t').length, { timeout: 10_000 }).toBe(2)
  const told = 120
  for (let i = 0; i < told; i++) {
    await a.host.publish('t', Buffer.concat([Buffer.of(i), new Uint8Array(60_000)]))
    // The pace of an author: faster than the one who reads nothing, slower than the one who reads.
    await new Promise((resolve) => {
      setTimeout(resolve, 5)
    })
  }
  // 7 MB in all: the one who reads hears nearly all of it.
  await expect.poll(() => heard, { timeout: 20_000 }).toBeGreaterThan(told / 2)
  expect(a.host.kept().unsent).toBeLessThan(2 * MIB)
  expect(a.host.isConnected(evil.id)).toBe(true)
})
