import { expect, test } from 'vitest'
import type { Libp2p } from '@libp2p/interface'
import { Discovery } from '../../src/network/discovery.js'
import type { Dht } from '../../src/network/libp2p-node.js'
import { seeded } from '../sync/desk.js'

const LOG = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} }

/**
 * The first providers that a node takes from an answer which names a hundred, in the order in which everybody gets
 * them.
 */
async function firstFew(seed: number): Promise<string[]> {
  const providers = Array.from({ length: 100 }, (_, n) => ({ id: `peer ${n}`, multiaddrs: [] }))
  const dht = {
    findProviders: async function* () {
      yield { name: 'PROVIDER', providers }
    }
  } as unknown as Dht
  const discovery = new Discovery({ node: { peerId: 'me' } as unknown as Libp2p, dht, random: seeded(seed), log: LOG })
  const found: string[] = []
  for await (const { peer } of discovery.findProviders('key', AbortSignal.timeout(5_000))) {
    found.push(peer)
    if (found.length === 16) break
  }
  return found
}

test("a popular ledger's searchers do not all come to the same providers", async () => {
  const met = new Set<string>()
  for (let seed = 0; seed < 30; seed++) for (const peer of await firstFew(seed)) met.add(peer)
  expect(met.size).toBeGreaterThan(80)
})

test('one answer that names twenty who do not exist does not end the search', async () => {
  const named = (prefix: string, count: number): object[] =>
    Array.from({ length: count }, (_, n) => ({ id: `${prefix} ${n}`, multiaddrs: [] }))
  const search = async (fakes: number): Promise<string[]> => {
    const dht = {
      findProviders: async function* () {
        yield { name: 'PROVIDER', providers: named('fake', fakes) }
      },
      getClosestPeers: async function* () {
        for (const peer of named('closest', 3)) yield { name: 'FINAL_PEER', peer }
      },
      network: {
        sendRequest: async function* (to: string) {
          yield {
            name: 'PEER_RESPONSE',
            messageName: 'GET_PROVIDERS',
            providers: named(to === 'closest 1' ? 'honest' : 'fake', 1)
          }
        }
      }
    } as unknown as Dht
    const found: string[] = []
    for await (const { peer } of new Discovery({
      node: { peerId: 'me' } as unknown as Libp2p,
      dht,
      random: seeded(1),
      log: LOG
    }).findProviders('key', AbortSignal.timeout(5_000)))
      found.push(peer)
    return found
  }
  expect((await search(20)).at(-1)).toBe('honest 0')
  // A search that found few was not ended by anybody: everybody on its way was asked.
  expect(await search(2)).toHaveLength(2)
})
