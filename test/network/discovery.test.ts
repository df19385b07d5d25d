import { afterEach, describe, expect, test, vi } from 'vitest'
import { keyToCid } from '../../src/network/discovery.js'
import type { Host, Provider } from '../../src/network/host.js'
import { addrOf, codeOf, startHost, stopAll, within, type TestHost } from './fixture.js'

vi.setConfig({ testTimeout: 30_000 })
afterEach(stopAll)

const KEY = '/ledgermesh/test/ledger/b'

async function find(host: Host, key: string, signal: AbortSignal): Promise<Provider[]> {
  const found: Provider[] = []
  for await (const provider of host.findProviders(key, signal)) found.push(provider)
  return found
}

async function until(count: number, ...hosts: TestHost[]): Promise<void> {
  for (const { host } of hosts)
    await expect.poll(() => host.dhtSize(), { timeout: 10_000 }).toBeGreaterThanOrEqual(count)
}

describe('discovery', () => {
  test('the CID of a key is raw SHA-256', () => {
    expect(keyToCid('').toString()).toBe('bafkreihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvyku')
  })

  test('offline: nothing is found, nobody is told, nothing hangs', async () => {
    const a = await startHost()
    expect(a.host.dhtMode()).toBe('server')
    const before = performance.now()
    expect(await find(a.host, KEY, within(300))).toEqual([])
    expect(await a.host.provide(KEY, within(300))).toBe(0)
    expect(await find(a.host, KEY, AbortSignal.abort())).toEqual([])
    expect(await a.host.provide(KEY, AbortSignal.abort())).toBe(0)
    expect(performance.now() - before).toBeLessThan(3_000)
    expect(a.log.lines.filter(({ level }) => level === 'warn' || level === 'error')).toEqual([])
  })

  test("three nodes that know one bootstrap peer find each other's keys, and can dial by peer id", async () => {
    const boot = await startHost()
    const a = await startHost({ bootstrap: [addrOf(boot)] })
    const b = await startHost({ bootstrap: [addrOf(boot)] })
    await until(1, boot, a, b)
    expect(await a.host.provide(KEY, within(10_000))).toBeGreaterThan(0)
    const found = await find(b.host, KEY, within(10_000))
    expect(found.map(({ peer }) => peer)).toEqual([a.host.peerId])
    expect(found[0]?.addrs).toContain(addrOf(a))
    expect(await b.host.dial(a.host.peerId, within(5_000))).toBe(a.host.peerId)
    expect(await find(b.host, `${KEY}other`, within(10_000))).toEqual([])
    expect(await find(a.host, KEY, within(10_000))).toEqual([]) // never ourselves
  })

  test('a search that begins before the network is there waits for it', async () => {
    const boot = await startHost()
    const a = await startHost({ bootstrap: [addrOf(boot)] })
    const b = await startHost()
    await until(1, boot, a)
    await a.host.provide(KEY, within(10_000))
    const search = find(b.host, KEY, within(10_000))
    const told = b.host.provide(`${KEY}2`, within(10_000))
    await b.host.dial(addrOf(boot), within(5_000))
    expect((await search).map(({ peer }) => peer)).toEqual([a.host.peerId])
    expect(await told).toBeGreaterThan(0)
  })

  test('a caller that has enough, a signal that fires in the middle, a stop in the middle', async () => {
    const boot = await startHost()
    const others = await Promise.all([0, 1, 2].map(async () => await startHost({ bootstrap: [addrOf(boot)] })))
    await until(1, boot, ...others)
    for (const { host } of others) await host.provide(KEY, within(10_000))
    const late = await startHost({ bootstrap: [addrOf(boot)] })
    await until(1, late)
    let seen = 0
    for await (const provider of late.host.findProviders(KEY, within(10_000))) {
      expect(provider.peer).not.toBe('')
      seen++
      break
    }
    expect(seen).toBe(1)
    const abort = new AbortController()
    const some: string[] = []
    for await (const { peer } of late.host.findProviders(KEY, abort.signal)) {
      some.push(peer)
      abort.abort()
    }
    expect(some.length).toBeGreaterThanOrEqual(1)
    const interrupted = codeOf(find(late.host, `${KEY}3`, within(20_000)))
    await late.host.stop()
    expect(await interrupted).toBe('no error')
  })
})
