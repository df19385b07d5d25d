import { expect, test } from 'vitest'
import { LedgermeshError } from '../../../src/core/errors.js'
import type { NodeRecord } from '../../../src/core/node-record.js'
import { peerIdOf } from '../../../src/core/peer-key.js'
import type { DiscoverOptions } from '../../../src/node/api/node.js'
import { NodeDiscovery, type DiscovererInit } from '../../../src/node/discovery/discover.js'
import type { Found } from '../../../src/node/discovery/found.js'
import { Contradictions } from '../../../src/node/peers/contradictions.js'
import type { KnownNode, Provenance } from '../../../src/node/peers/peer-directory.js'
import { key } from '../../core/author.js'
import { TestClock, TestLog } from '../../ledger/support.js'

const [SELF, A, B] = [201, 202, 203].map((seed) => peerIdOf(key(seed).publicKey)) as [string, string, string]
const LEDGER = `b${'a'.repeat(51)}a`
const OTHER = `b${'b'.repeat(51)}a`
const MAX_MET = 32
const address = (peer: string): string => `/ip4/203.0.113.7/tcp/1/p2p/${peer}`

interface Some {
  /** What each peer says of itself once it is met; the others cannot be met. */
  nodes?: Record<string, Partial<NodeRecord> & { proof?: KnownNode['proof'] }>
  registries?: Record<string, Found[] | Error>
  dht?: string[] | Error
  trust?: Record<string, number> | null
  overheard?: string[]
}

function setup({ nodes = {}, registries = {}, dht = [], trust = null, overheard = [] }: Some = {}) {
  const clock = new TestClock()
  const log = new TestLog()
  const dialled: string[] = []
  const online = new Set(overheard)
  const sources = new Map<string, Provenance[]>(overheard.map((peer) => [peer, ['gossip']]))
  const nodeOf = (peer: string): KnownNode | null => {
    const one = nodes[peer]
    if (one === undefined || !online.has(peer)) return null
    const { proof = 'shown', ...record } = one
    return {
      record: {
        peer_id: peer,
        ledger: LEDGER,
        addrs: [],
        capabilities: ['sync'],
        metadata: { region: 'eu' },
        ...record
      },
      name: 'n',
      proof,
      status: 'online',
      lastSeen: 1,
      sources: sources.get(peer) ?? []
    } as unknown as KnownNode
  }
  const directory = {
    contradictions: new Contradictions(clock),
    get: nodeOf,
    list: () => Object.keys(nodes).flatMap((peer) => nodeOf(peer) ?? []),
    nodesOf: () => [],
    addSource: (peer: string, source: Provenance) => sources.set(peer, [...(sources.get(peer) ?? []), source]),
    sourcesOf: (peer: string) => sources.get(peer) ?? [],
    statusOf: (peer: string) => (online.has(peer) ? 'online' : 'offline')
  }
  const given = async (what: Found[] | Error): Promise<Found[]> => {
    if (what instanceof Error) throw what
    return what
  }
  const discovery = new NodeDiscovery({
    peerNetwork: {
      directory,
      host: { peerId: SELF, name: () => undefined },
      stopping: new AbortController().signal,
      finder: {
        findCapability: async () => {
          if (dht instanceof Error) throw dht
          return dht
        }
      },
      connections: {
        isConnected: (peer: string) => online.has(peer),
        connectTo: async ({ peer_id: peer }: { peer_id: string }) => {
          dialled.push(peer)
          if (nodes[peer] === undefined) throw new LedgermeshError('UNREACHABLE', 'nobody is there')
          online.add(peer)
        }
      }
    },
    ledgers: { get: () => undefined },
    clock,
    log,
    bootstrap: [],
    dnsServers: [],
    reader: {
      known: () => Object.keys(registries),
      discover: async (name: string) => await given(registries[name]!)
    },
    trustMilli: trust === null ? null : (ledger: string) => trust[ledger] ?? 0
  } as unknown as DiscovererInit)
  const peers = async (options: DiscoverOptions): Promise<string[]> =>
    (await discovery.discover(options)).nodes.map(({ peer }) => peer)
  return { discovery, dialled, log, peers }
}

function registered(peer: string, expect: Found['expect'] = { ledgers: [LEDGER] }): Found {
  return { peer, addrs: [address(peer)], source: 'registry', expect, by: 'the registry r' }
}

test.each<[string, DiscoverOptions]>([
  ['dns without a domain', { method: 'dns' }],
  ['a registry where none is known', { method: 'registry' }],
  ['a least trust where nothing weighs it', { minTrustMilli: 1 }]
])('what cannot be searched is refused before anybody is asked: %s', async (_what, options) => {
  await expect(setup().discovery.discover(options)).rejects.toMatchObject({ code: 'INVALID_PARAMS' })
})

test('a way that was asked for by name fails with its error; of all ways the others go on, and it is said', async () => {
  const { discovery, log, peers } = setup({ nodes: { [A]: {} }, dht: new LedgermeshError('TIMEOUT', 'no answer') })
  await expect(discovery.discover({ method: 'peer-to-peer' })).rejects.toMatchObject({ code: 'TIMEOUT' })
  expect(await peers({ bootstrapNodes: [address(A)] })).toEqual([A])
  expect(log.lines.map(({ fields }) => fields.event)).toEqual(['discovery.method-failed'])
})

test('everybody found is met, once, whoever named it how often; this node never is', async () => {
  const { discovery, dialled } = setup({
    nodes: { [A]: {} },
    registries: { r: [registered(A), registered(SELF)] },
    dht: [A, SELF]
  })
  const { nodes } = await discovery.discover({ bootstrapNodes: [address(A)] })
  expect(dialled).toEqual([A])
  expect(nodes).toMatchObject([{ peer: A, status: 'online', sources: ['dht', 'manual', 'registry'] }])
})

test('one search meets thirty-two strangers; the others stay hints', async () => {
  const dht = Array.from({ length: 40 }, (_, n) => peerIdOf(key(n + 1).publicKey))
  const { discovery, dialled } = setup({ dht })
  const { nodes } = await discovery.discover({ method: 'peer-to-peer' })
  expect([dialled.length, nodes.length]).toEqual([MAX_MET, 40])
})

test('what is found is what the node says of itself; what does not fit is reported', async () => {
  const expects = async (node: Some['nodes'], expected: Found['expect']): Promise<unknown[]> => {
    const { discovery } = setup({ nodes: node!, registries: { r: [registered(A, expected)] } })
    return (await discovery.discover({ method: 'registry' })).contradictions.map(({ problem }) => problem)
  }
  expect(await expects({ [A]: {} }, { ledgers: [LEDGER], capability: 'sync' })).toEqual([])
  expect(await expects({}, { ledgers: [LEDGER] }), 'it is away').toEqual([])
  expect(await expects({ [A]: { ledger: OTHER } }, { ledgers: [LEDGER] })).toMatchObject([
    expect.stringContaining(`not of ${LEDGER}`)
  ])
  expect(await expects({ [A]: {} }, { capability: 'witness' })).toMatchObject([expect.stringContaining('witness')])
  expect(await expects({ [A]: { proof: 'claimed' } }, { ledgers: [LEDGER] })).toMatchObject([
    expect.stringContaining('cannot prove')
  ])
})

test('a search says what went wrong in it, and nothing of the one before', async () => {
  const { discovery } = setup({ nodes: { [A]: {} }, registries: { r: [registered(A, { capability: 'witness' })] } })
  expect((await discovery.discover({ method: 'registry' })).contradictions).toHaveLength(1)
  expect((await discovery.discover({ method: 'manual' })).contradictions).toEqual([])
})

test("whom it knows by hearsay is found by peer-to-peer alone, and a ledger's trust is not for who only claims to be its node", async () => {
  const { peers, discovery } = setup({
    nodes: { [A]: {}, [B]: { proof: 'claimed' } },
    overheard: [A, B],
    trust: { [LEDGER]: 700 }
  })
  expect(await peers({ method: 'manual' })).toEqual([])
  expect(await peers({ method: 'peer-to-peer' })).toEqual([A, B].toSorted())
  expect(await peers({ method: 'peer-to-peer', minTrustMilli: 700 })).toEqual([A])
  expect(await peers({ method: 'peer-to-peer', minTrustMilli: 701 })).toEqual([])
  const { nodes } = await discovery.discover({ method: 'peer-to-peer' })
  expect(nodes.find(({ peer }) => peer === B)).toMatchObject({ proof: 'claimed', trustMilli: null })
})

test('capability and region are what the node says, and who has said nothing has none', async () => {
  const { peers, discovery } = setup({ nodes: { [A]: {} }, dht: [A, B] })
  const find = async (options: DiscoverOptions): Promise<string[]> =>
    await peers({ method: 'peer-to-peer', ...options })
  expect(await find({ capability: 'sync', region: 'eu' })).toEqual([A])
  expect(await find({ region: 'us' })).toEqual([])
  expect(await find({ capability: 'witness' })).toEqual([])
  expect((await discovery.discover({ method: 'peer-to-peer' })).nodes).toMatchObject([
    { peer: A, status: 'online', ledger: LEDGER },
    { peer: B, status: 'offline', ledger: null, capabilities: [] }
  ])
})
