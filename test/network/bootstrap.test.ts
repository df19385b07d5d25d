import { afterEach, describe, expect, test } from 'vitest'
import { addrOf, makeHost, startHost, stopAll, within } from './fixture.js'

afterEach(stopAll)

const address = (full: string): string => full.split('/p2p/')[0] ?? ''

describe('bootstrap', () => {
  test('a peer that is not there yet is joined when it comes, and again after its restart', async () => {
    const first = await startHost()
    const { peerKey } = first
    const at = addrOf(first)
    await first.host.stop()
    const b = await startHost({ bootstrap: [at] })
    await expect.poll(() => b.log.lines.filter((line) => line.message === 'bootstrap peer not reached').length, { timeout: 5_000 }).toBeGreaterThan(1)
    const came = await startHost({ listen: [address(at)], peerKey })
    expect(came.host.peerId).toBe(first.host.peerId)
    await expect.poll(() => b.host.isConnected(came.host.peerId), { timeout: 5_000 }).toBe(true)
    b.host.subscribe('t', () => Promise.resolve('accept'), (bytes) => bytes)
    await came.host.stop()
    await expect.poll(() => b.host.peers(), { timeout: 5_000 }).toEqual([])
    const again = await startHost({ listen: [address(at)], peerKey })
    await expect.poll(() => again.host.subscribers('t'), { timeout: 5_000 }).toEqual([b.host.peerId])
    await expect.poll(() => again.host.dhtSize(), { timeout: 5_000 }).toBe(1)
    const id = came.host.peerId
    expect(b.events).toEqual([`+${id}`, `-${id}`, `+${id}`])
  })

  test('a node that restarts with its datastore rejoins without any bootstrap peer', async () => {
    const boot = await startHost()
    const other = await startHost({ bootstrap: [addrOf(boot)] })
    const a = await startHost({ bootstrap: [addrOf(boot)] })
    await expect.poll(() => a.host.dhtSize(), { timeout: 5_000 }).toBe(2)
    await a.host.stop()
    await boot.host.stop()
    const again = await startHost({ peerKey: a.peerKey, datastore: a.datastore })
    await expect.poll(() => again.host.isConnected(other.host.peerId), { timeout: 5_000 }).toBe(true)
  })

  test('one list for all nodes, ourselves in it', async () => {
    const a = await startHost()
    const both = [addrOf(a), addrOf(await startHost())]
    await a.host.stop()
    const self = await startHost({ bootstrap: both, peerKey: a.peerKey })
    await expect.poll(() => self.host.peers().length, { timeout: 5_000 }).toBe(1)
    expect(self.log.lines.filter((line) => line.message === 'bootstrap peer not reached')).toEqual([])
  })

  test('stop while a dial is running, and a host that never listens', async () => {
    const blackHole = '/ip4/127.0.0.1/tcp/1/p2p/12D3KooWDpJ7As7BWAwRMfu1VU2WCqNjvq387JEYKDBj4kx6nXTN'
    const a = await startHost({ bootstrap: [blackHole], listen: [] })
    expect(a.host.addrs()).toEqual([])
    const b = await startHost()
    await a.host.dial(addrOf(b), within(5_000))
    const before = performance.now()
    await a.host.stop()
    expect(performance.now() - before).toBeLessThan(3_000)
  })

  test('24 nodes on one address join through one bootstrap peer and fill their tables', async () => {
    const tuning = { watchdogGraceMs: 30_000 } // as in production: so many on one processor need more than the tests' half second
    const boot = await startHost({ tuning })
    const made = await Promise.all(Array.from({ length: 23 }, async () => await makeHost({ bootstrap: [addrOf(boot)], tuning })))
    for (const { host } of made) host.subscribe('t', () => Promise.resolve('accept'), (bytes) => bytes)
    await Promise.all(made.map(async ({ host }) => { await host.start() }))
    await expect.poll(() => made.every(({ host }) => host.isConnected(boot.host.peerId)), { timeout: 10_000 }).toBe(true)
    await expect.poll(() => Math.min(...made.map(({ host }) => host.dhtSize())), { timeout: 15_000 }).toBeGreaterThanOrEqual(12)
    expect(boot.events.filter((event) => event.startsWith('-'))).toEqual([])
  }, 30_000)
})
