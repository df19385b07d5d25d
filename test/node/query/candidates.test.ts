import { expect, test } from 'vitest'
import { Candidates, type CandidatesInit } from '../../../src/node/query/candidates.js'

const LEDGER = `b${'a'.repeat(51)}a`
/** Looked for at once; peers thought of. */
const [MAX_LOOKING, MAX_CANDIDATES] = [8, 32]

function setup({
  nodes = [],
  subscribers = [],
  gone = []
}: Partial<Record<'nodes' | 'subscribers' | 'gone', string[]>>) {
  const searches: ((found: string[]) => void)[] = []
  const candidates = new Candidates({
    network: 'test',
    peerNetwork: {
      host: { subscribers: () => subscribers },
      connections: { isConnected: (peer: string) => !gone.includes(peer) },
      directory: {
        nodesOf: () => nodes.map((peer) => ({ record: { peer_id: peer } })),
        get: () => null,
        provenLedger: (peer: string) => (nodes.includes(peer) ? LEDGER : null)
      },
      finder: { findLedger: async () => await new Promise<string[]>((resolve) => searches.push(resolve)) }
    },
    trust: { levelMilli: () => 700 },
    stats: { of: () => ({ latencyMs: 5, success: 1 }) }
  } as unknown as CandidatesInit)
  const look = async (signal = new AbortController().signal): Promise<string[]> =>
    (await candidates.look(LEDGER, signal)).map(({ peer }) => peer)
  return { candidates, look, searches }
}

test('peers without end are not thought of, nor those that are gone; nobody comes twice', () => {
  const many = Array.from({ length: 100 }, (_, n) => `p${n}`)
  const { candidates } = setup({ nodes: ['p0'], subscribers: many, gone: ['p1'] })
  const found = candidates.of(LEDGER).map(({ peer }) => peer)
  expect([found.length, found.slice(0, 2), new Set(found).size]).toEqual([MAX_CANDIDATES, ['p0', 'p2'], MAX_CANDIDATES])
})

test('a stranger is trusted as much as the ledger that it has proven to speak for: not at all', () => {
  const { candidates } = setup({ nodes: ['node'], subscribers: ['stranger'] })
  expect(candidates.of(LEDGER).map(({ trustMilli }) => trustMilli)).toEqual([700, 0])
})

test('with two at hand nobody is looked up; else whoever is found and connected', async () => {
  const enough = setup({ nodes: ['a', 'b'] })
  expect([await enough.look(), enough.searches.length]).toEqual([['a', 'b'], 0])
  const { look, searches } = setup({ nodes: ['a'], gone: ['far'] })
  const looking = look()
  searches[0]!(['far', 'found'])
  expect(await looking).toEqual(['a', 'found'])
})

test('a question of hundreds of ledgers looks up a few at a time, and one that ended lets the next one go', async () => {
  const { look, searches } = setup({})
  const ended = new AbortController()
  const all = Array.from({ length: MAX_LOOKING }, () => look())
  const late = [look(ended.signal), look()]
  await new Promise(setImmediate)
  expect(searches).toHaveLength(MAX_LOOKING)
  ended.abort()
  searches[0]!([])
  await new Promise(setImmediate)
  expect(searches).toHaveLength(MAX_LOOKING + 1)
  for (const end of searches) end([])
  expect(await Promise.all([...all, ...late])).toEqual(Array.from({ length: MAX_LOOKING + 2 }, () => []))
})
