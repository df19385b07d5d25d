import { expect, test } from 'vitest'
import type { Libp2p } from '@libp2p/interface'
import type { SingleKadDHT } from '@libp2p/kad-dht'
import { Discovery } from '../../src/network/discovery.js'
import { seeded } from '../sync/desk.js'

const LOG = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} }

/** The first providers that a node takes from an answer which names a hundred, in the order in which everybody gets them. */
async function firstFew (seed: number): Promise<string[]> {
  const providers = Array.from({ length: 100 }, (_, n) => ({ id: `peer ${n}`, multiaddrs: [] }))
  const dht = { findProviders: async function * () { yield { name: 'PROVIDER', providers } } } as unknown as SingleKadDHT
  const discovery = new Discovery({ node: { peerId: 'me' } as unknown as Libp2p, dht, random: seeded(seed), log: LOG })
  const found: string[] = []
  for await (const { peer } of discovery.findProviders('key', AbortSignal.timeout(5_000))) {
    found.push(peer)
    if (found.length === 16) break
  }
  return found
}

test('a popular ledger\'s searchers do not all come to the same providers', async () => {
  const met = new Set<string>()
  for (let seed = 0; seed < 30; seed++) for (const peer of await firstFew(seed)) met.add(peer)
  expect(met.size).toBeGreaterThan(80)
})
