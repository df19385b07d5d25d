import { expect, test } from 'vitest'
import type { Host } from '../../src/network/host.js'
import type { Directory } from '../../src/node/peers/peer-directory.js'
import { DhtProviders } from '../../src/node/sessions/dht-providers.js'
import { seeded } from '../sync/desk.js'

const LOG = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} }

/** A host whose DHT takes a record when the test says so. */
function slowDht() {
  const open: { key: string; done: (taken: number) => void }[] = []
  const host = {
    peerId: 'me',
    dhtMode: () => 'server',
    peers: () => [{}],
    provide: async (key: string) =>
      await new Promise<number>((resolve) => {
        open.push({ key, done: resolve })
      }),
    cancelProvide: async () => {}
  } as unknown as Host
  const finder = new DhtProviders({
    host,
    network: 'n',
    clock: { now: () => 0, after: () => () => {} },
    random: seeded(1),
    log: LOG,
    directory: {} as Directory
  })
  return { finder, open }
}

test('thousands of ledgers are told in the DHT a few at a time, the own one first, the withdrawn ones not at all', async () => {
  const { finder, open } = slowDht()
  finder.provideLedger('own')
  for (let n = 0; n < 2000; n++) finder.provideLedger(`b${n}`)
  for (let n = 1000; n < 2000; n++) finder.withdrawLedger(`b${n}`)
  expect(open).toHaveLength(8)
  const told: string[] = []
  while (open.length > 0) {
    expect(open.length).toBeLessThanOrEqual(8)
    const { key, done } = open.shift()!
    told.push(key.slice(key.lastIndexOf('/') + 1))
    done(1)
    await new Promise(setImmediate)
  }
  expect(told).toEqual(['own', ...Array.from({ length: 1000 }, (_, n) => `b${n}`)])
})
