import { expect, test } from 'vitest'
import type { Clock } from '../../src/ports.js'
import { DhtWatchdog } from '../../src/network/dht-watchdog.js'
import type { Node } from '../../src/network/libp2p-node.js'
import { collectLog } from './fixture.js'

const KAD = '/ledgermesh/test/kad/1'

/** A node of which only what the watchdog looks at exists. */
function stage(options: { size: number; peers: Array<{ id: string; protocols: string[] }> }) {
  const asked: string[] = []
  const ticks: Array<() => void> = []
  const clock: Clock = {
    now: () => 0,
    after: (_delayMs, callback) => {
      ticks.push(callback)
      return () => {
        ticks.length = 0
      }
    }
  }
  const log = collectLog()
  const node = {
    getConnections: () => options.peers.map(({ id }) => ({ remotePeer: id, status: 'open' })),
    peerStore: {
      has: async (id: string) => await Promise.resolve(id !== 'unknown'),
      get: async (id: string) =>
        await Promise.resolve({ protocols: options.peers.find((peer) => peer.id === id)?.protocols ?? [] })
    },
    services: {
      dht: { routingTable: { size: options.size } },
      identify: {
        identify: async ({ remotePeer }: { remotePeer: string }) => {
          asked.push(remotePeer)
          if (remotePeer === 'busy') throw new Error('late')
          await Promise.resolve()
        }
      }
    }
  } as unknown as Node
  const watchdog = new DhtWatchdog({ node, dht: node.services.dht!, protocol: KAD, tickMs: 1, clock, log })
  watchdog.start()
  return {
    asked,
    log,
    watchdog,
    ticks,
    tick: async () => {
      ticks.shift()?.()
      await expect.poll(() => ticks.length).toBe(1)
    }
  }
}

test('connected DHT peers that are missing in the table are asked again, in turn; others never', async () => {
  const kad = ['one', 'busy', 'two', 'three', 'four'].map((id) => ({ id, protocols: [KAD] }))
  const { asked, log, watchdog, ticks, tick } = stage({
    size: 1,
    peers: [...kad, { id: 'foreign', protocols: ['/ledgermesh/other/kad/1'] }, { id: 'unknown', protocols: [] }]
  })
  await tick()
  expect(asked).toEqual(['one', 'busy', 'two', 'three'])
  await tick()
  expect(asked.slice(4)).toEqual(['four', 'unknown', 'one', 'busy'])
  expect(log.lines.map(({ level }) => level)).toEqual(['debug', 'debug'])
  watchdog.stop()
  expect(ticks).toEqual([])
})

test('a table that holds all, or enough, is left alone', async () => {
  for (const size of [2, 20]) {
    const { asked, watchdog, tick } = stage({
      size,
      peers: Array.from({ length: size === 2 ? 2 : 60 }, (_, i) => ({ id: `p${i}`, protocols: [KAD] }))
    })
    await tick()
    watchdog.stop()
    expect(asked).toEqual([])
  }
})
