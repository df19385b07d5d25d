import { afterEach, describe, expect, test, vi } from 'vitest'
import { addrOf, makeHost, startHost, stopAll, within } from './fixture.js'

vi.setConfig({ testTimeout: 30_000 })
afterEach(stopAll)

const address = (full: string): string => full.split('/p2p/')[0] ?? ''

describe('bootstrap', () => {
  test('a peer that is not there yet is joined when it comes, and again after its restart', async () => {
    const tuning = { watchdogGraceMs: 30_000 } // a slow machine must not look like a lost link here
    const first = await startHost()
    const { peerKey } = first
    const at = addrOf(first)
    await first.host.stop()
    const b = await startHost({ bootstrap: [at], tuning })
    await expect
      .poll(() => b.log.lines.filter((line) => line.message === 'bootstrap peer unreachable').length, {
        timeout: 15_000
      })
      .toBeGreaterThan(1)
    const came = await startHost({ listen: [address(at)], peerKey, tuning })
    expect(came.host.peerId).toBe(first.host.peerId)
    await expect.poll(() => b.host.isConnected(came.host.peerId), { timeout: 15_000 }).toBe(true)
    b.host.subscribe(
      '/ledgermesh/test/t',
      () => Promise.resolve('accept'),
      (bytes) => bytes
    )
    await came.host.stop()
    await expect.poll(() => b.host.peers(), { timeout: 15_000 }).toEqual([])
    const again = await startHost({ listen: [address(at)], peerKey, tuning })
    await expect.poll(() => again.host.subscribers('/ledgermesh/test/t'), { timeout: 15_000 }).toEqual([b.host.peerId])
    await expect.poll(() => again.host.dhtSize(), { timeout: 15_000 }).toBe(1)
    const id = came.host.peerId
    expect(b.events).toEqual([`+${id}`, `-${id}`, `+${id}`])
  })

  test('a node that restarts with its datastore rejoins without any bootstrap peer', async () => {
    const boot = await startHost()
    const other = await startHost({ bootstrap: [addrOf(boot)] })
    const a = await startHost({ bootstrap: [addrOf(boot)] })
    await expect.poll(() => a.host.dhtSize(), { timeout: 15_000 }).toBe(2)
    await a.host.stop()
    await boot.host.stop()
    const again = await startHost({ peerKey: a.peerKey, datastore: a.datastore })
    await expect.poll(() => again.host.isConnected(other.host.peerId), { timeout: 15_000 }).toBe(true)
  })

  test('another list while it runs: the new peer is joined, the old one no longer looked for', async () => {
    const tuning = { watchdogGraceMs: 30_000 }
    const [old, fresh] = [await startHost(), await startHost()]
    const a = await startHost({ bootstrap: [addrOf(old)], tuning })
    await expect.poll(() => a.host.isConnected(old.host.peerId), { timeout: 15_000 }).toBe(true)
    a.host.joinThrough([addrOf(fresh), addrOf(a)])
    await expect.poll(() => a.host.isConnected(fresh.host.peerId), { timeout: 15_000 }).toBe(true)
    expect(a.host.isConnected(old.host.peerId)).toBe(true)
    await old.host.stop()
    await expect.poll(() => a.host.isConnected(old.host.peerId), { timeout: 15_000 }).toBe(false)
    expect(a.log.lines.filter((line) => line.message === 'bootstrap peer unreachable')).toEqual([])
    expect(() => a.host.joinThrough(['nonsense'])).toThrow(expect.objectContaining({ code: 'BAD_ADDRESS' }))
  })

  test('one list for all nodes, ourselves in it', async () => {
    const a = await startHost()
    const both = [addrOf(a), addrOf(await startHost())]
    await a.host.stop()
    const self = await startHost({ bootstrap: both, peerKey: a.peerKey })
    await expect.poll(() => self.host.peers().length, { timeout: 15_000 }).toBe(1)
    expect(self.log.lines.filter((line) => line.message === 'bootstrap peer unreachable')).toEqual([])
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

  test('24 nodes at one address join through one bootstrap peer: no limit takes them for an attack', async () => {
    // only joining, not searching: one processor for all
    const tuning = { watchdogGraceMs: 30_000, selfQueryMs: 60_000, selfQueryEveryMs: 60_000 }
    const boot = await startHost({ tuning })
    const made = await Promise.all(
      Array.from({ length: 23 }, async () => await makeHost({ bootstrap: [addrOf(boot)], tuning }))
    )
    await Promise.all(
      made.map(async ({ host }) => {
        await host.start()
      })
    )
    await expect
      .poll(() => made.filter(({ host }) => host.isConnected(boot.host.peerId)).length, { timeout: 30_000 })
      .toBe(23)
    await expect.poll(() => boot.host.dhtSize(), { timeout: 30_000 }).toBe(23)
    expect(boot.host.peers().length).toBe(23)
  }, 60_000)

  test('nodes that know only a bootstrap peer come to know each other, and topics span them', async () => {
    const tuning = { watchdogGraceMs: 30_000 }
    const boot = await startHost({ tuning })
    const made = await Promise.all(
      Array.from({ length: 7 }, async () => await makeHost({ bootstrap: [addrOf(boot)], tuning }))
    )
    const got = new Set<string>()
    for (const { host } of made)
      host.subscribe(
        't',
        () => {
          got.add(host.peerId)
          return Promise.resolve('accept')
        },
        (bytes) => bytes
      ) // before the start
    await Promise.all(
      made.map(async ({ host }) => {
        await host.start()
      })
    )
    await expect
      .poll(() => Math.min(...made.map(({ host }) => host.dhtSize())), { timeout: 30_000 })
      .toBeGreaterThanOrEqual(6)
    await expect
      .poll(() => Math.min(...made.map(({ host }) => host.subscribers('t').length)), { timeout: 30_000 })
      .toBeGreaterThanOrEqual(3)
    await made[0]?.host.publish('t', Buffer.from('to all'))
    await expect.poll(() => got.size, { timeout: 15_000 }).toBe(6)
  }, 60_000)
})
