import { expect, test } from 'vitest'
import { makeTopology, MAX_EDGES, MAX_NODES } from '../../../src/node/topology/make-topology.js'
import { topology as shape } from '../../../src/rpc/methods/topology-shape.js'
import { A, B, C, D, held, peer, world } from './world.js'

test('ledgers, and who mirrors, refers to and trusts whom', () => {
  const drawn = makeTopology(world())
  expect(shape.safeParse(drawn).error).toBeUndefined()
  expect(drawn.nodes.map((node) => [node.id, node.own, node.endpoint])).toEqual([
    [A, true, '/ip4/127.0.0.1/tcp/1/p2p/pa'],
    [B, false, '/ip4/127.0.0.1/tcp/1/p2p/pb']
  ])
  expect(drawn.edges).toEqual([
    {
      type: 'sync',
      from: A,
      to: B,
      config: { known: 'here', size: 10, status: 'synced', filters: null, bidirectional: true }
    },
    {
      type: 'sync',
      from: B,
      to: A,
      config: { known: 'peer', size: 7, status: null, filters: null, bidirectional: true }
    },
    {
      type: 'trust',
      from: A,
      to: B,
      config: { trustLevel: 0.9, trustType: 'full', expires: null, accepted: true, bidirectional: false }
    },
    {
      type: 'reference',
      from: A,
      to: B,
      config: {
        count: 3,
        types: { source: 2, derived: 0, related: 1, transaction: 0 },
        unresolved: 1,
        contradicted: 0,
        bidirectional: false
      }
    }
  ])
  expect(drawn.trustGraph).toEqual({ nodes: [A, B], edges: [drawn.edges[2]] })
  expect(drawn.truncated).toBe(false)
})

test('a peer that did not prove its ledger draws no edge, names no key, and is shown as not proven', () => {
  const liar = peer('liar', B, { proven: false, seq: 99, metadata: { version: 'evil', streams: [], region: 'mars' } })
  const drawn = makeTopology(
    world({
      peers: [peer('pa', A), peer('pb', B), liar],
      heldByPeers: [
        { peer: 'liar', ledger: A, size: 5 },
        { peer: 'nobody', ledger: A, size: 5 }
      ]
    })
  )
  expect(drawn.edges.filter(({ type, from }) => type === 'sync' && from === B)).toEqual([])
  const b = drawn.nodes.find((node) => node.id === B)!
  expect(b.metadata).toMatchObject({ version: '1', region: null })
  expect(b.nodes.map((one) => [one.peer, one.proven])).toEqual([
    ['pb', true],
    ['liar', false]
  ])
})

test('a claim never replaces what we know of our own follows; a second node of the own ledger adds none', () => {
  const drawn = makeTopology(
    world({
      peers: [peer('pa', A), peer('pa2', A), peer('pb', B)],
      heldByPeers: [
        { peer: 'pa2', ledger: B, size: 99 },
        { peer: 'pb', ledger: B, size: 3 }
      ]
    })
  )
  expect(drawn.edges.filter(({ type }) => type === 'sync')).toMatchObject([
    { from: A, to: B, config: { known: 'here', size: 10, bidirectional: false } }
  ])
})

test('two nodes of one ledger are one edge, with what the better one holds', () => {
  const drawn = makeTopology(
    world({
      peers: [peer('pb', B), peer('pb2', B)],
      heldByPeers: [
        { peer: 'pb', ledger: A, size: 3 },
        { peer: 'pb2', ledger: A, size: 8 }
      ]
    })
  )
  expect(drawn.edges.filter(({ from }) => from === B)).toMatchObject([{ config: { size: 8 } }])
})

test('ledgers that are only referred to or trusted are in the picture; a followed one of which nothing is held too', () => {
  const drawn = makeTopology(
    world({
      held: [
        held(A, { own: true, followed: false }),
        held(B, { size: 0, name: null, access: null, publicKey: null, status: 'stalled', stall: 'NO_PEERS' })
      ],
      references: [
        {
          from: A,
          to: C,
          count: 1,
          types: { source: 1, derived: 0, related: 0, transaction: 0 },
          unresolved: 0,
          contradicted: 0
        }
      ],
      trust: [{ from: B, to: D, levelMilli: 0, type: 'partial', expires: 5, accepted: false }]
    })
  )
  expect(shape.safeParse(drawn).error).toBeUndefined()
  expect(drawn.nodes.find((node) => node.id === B)).toMatchObject({ name: null, size: 0, stall: 'NO_PEERS' })
  expect(drawn.nodes.map((node) => node.id).toSorted()).toEqual([A, B, C, D])
  expect(drawn.nodes.find((node) => node.id === C)).toMatchObject({ name: null, size: null, endpoint: null, nodes: [] })
})

test('a flood of made-up ledgers does not push out what is held, and says so', () => {
  const fake = (at: number): string => `b${at.toString(2).replaceAll('0', 'x').replaceAll('1', 'y').padStart(51, 'x')}a`
  const references = Array.from({ length: MAX_EDGES + 1 }, (_value, at) => ({
    from: B,
    to: fake(at),
    count: 1000,
    types: { source: 1000, derived: 0, related: 0, transaction: 0 },
    unresolved: 0,
    contradicted: 0
  }))
  const drawn = makeTopology(
    world({
      references: [...references, ...world().references],
      peers: [peer('pa', A), peer('pb', B), peer('pc', C), peer('pd', D, { proven: false })]
    })
  )
  expect(drawn.nodes).toHaveLength(MAX_NODES)
  expect(drawn.nodes.slice(0, 3).map((node) => node.id)).toEqual([A, B, C])
  expect(drawn.edges.length).toBeLessThanOrEqual(MAX_EDGES)
  expect(drawn.edges).toContainEqual(expect.objectContaining({ type: 'reference', from: A, to: B }))
  expect(drawn.edges.filter(({ type }) => type === 'trust')).toHaveLength(1)
  expect(drawn.truncated).toBe(true)
})
