/** References followed over ledgers that are not held: their nodes are asked, and what they show is proved or nothing. */
import { afterEach, expect, test } from 'vitest'
import type { FollowedReferences } from '../../../src/node/api/references.js'
import { ReferenceAsker } from '../../../src/node/references/reference-asker.js'
import { systemClock } from '../../../src/node/runtime/system.js'
import { Author } from '../../core/author.js'
import { startQueryPeer } from '../../helpers/query-peer.js'
import { signed, startNode, type TestNode } from '../../helpers/test-node.js'
import { stopAll } from '../../network/fixture.js'

afterEach(stopAll)

async function append(node: TestNode, id: string, to: { ledger: string; id: string; hash?: string } | null) {
  const references =
    to === null
      ? []
      : [
          {
            ledgerId: to.ledger,
            entryId: to.id,
            referenceType: 'source' as const,
            ...(to.hash === undefined ? {} : { entryHash: to.hash })
          }
        ]
  const { entry } = await node.ledger.append({ id, stream: 's', type: 't', references }, { allowUnresolved: true })
  await signed(node)
  return entry
}

const follow = async (node: TestNode, id: string, options: object = {}): Promise<FollowedReferences> =>
  await node.ledger.plugins.interoperability.followReferences(id, { fetch: 'network', maxDepth: 3, ...options })

test('from bread to flour to grain, over two ledgers that nobody here follows', async () => {
  const [farm, mill, bakery] = [
    await startNode({ name: 'farm' }),
    await startNode({ name: 'mill' }),
    await startNode({ name: 'bakery' })
  ]
  const grain = await append(farm, 'grain', null)
  const flour = await append(mill, 'flour', grain)
  await append(bakery, 'bread', { ledger: mill.id, id: 'flour', hash: flour.hash })
  await append(bakery, 'cake', { ledger: mill.id, id: 'flour' })
  for (const node of [farm, mill]) await bakery.connect(node.addr)
  for (const start of ['bread', 'cake']) {
    const { nodes, edges, complete } = await follow(bakery, start)
    expect(nodes.map(({ entry, depth }) => [entry.id, entry.checked, depth])).toEqual([
      [start, true, 0],
      ['flour', true, 1],
      ['grain', true, 2]
    ])
    expect(edges.map(({ status }) => status)).toEqual(['proved', 'proved'])
    expect(complete).toBe(true)
  }
  expect(bakery.ledger.parts.ledgers.list()).toHaveLength(1)
  // Unless it is asked for, nobody hears of it; and nobody is asked about a ledger that is not trusted so far.
  expect((await follow(bakery, 'bread', { fetch: 'held' })).frontier).toMatchObject([{ reason: 'unresolved' }])
  expect((await follow(bakery, 'bread', { minTrustMilli: 1 })).frontier).toMatchObject([{ reason: 'untrusted' }])
  await bakery.ledger.plugins.interoperability.trust.attest({ ledger: mill.id, levelMilli: 500 })
  expect((await follow(bakery, 'bread', { minTrustMilli: 1 })).frontier).toMatchObject([
    { to: { id: 'grain' }, reason: 'untrusted' }
  ])
  await expect(follow(bakery, 'bread', { fetch: 'x' })).rejects.toMatchObject({ code: 'INVALID_PARAMS' })
})

test('a peer that shows another entry is dropped, one that has another under the id contradicts', async () => {
  const author = await Author.create(5)
  const target = await author.append({ id: 'target' })
  const other = await author.append({ id: 'other' })
  const node = await startNode()
  const liar = await startQueryPeer(author, 'swaps')
  await node.connect(liar.addr)
  await append(node, 'one', { ledger: author.ledger, id: 'target', hash: target.hash })
  await append(node, 'two', { ledger: author.ledger, id: 'target', hash: other.hash })
  expect((await follow(node, 'one', { deadlineMs: 3_000 })).edges).toMatchObject([{ status: 'unresolved' }])
  await expect.poll(async () => (await node.ledger.plugins.interoperability.peers()).length).toBe(0)
  const honest = await startQueryPeer(author, 'honest')
  await node.connect(honest.addr)
  expect((await follow(node, 'one')).edges).toMatchObject([{ status: 'proved' }])
  expect((await follow(node, 'two')).edges).toMatchObject([{ status: 'contradicted' }])
  expect(node.errors()).toEqual([])
})

test('a ledger that nobody has, and a peer that says nothing, end with the time', async () => {
  const author = await Author.create(6)
  const target = await author.append({ id: 'target' })
  const node = await startNode()
  await node.connect((await startQueryPeer(author, 'silent')).addr)
  await append(node, 'one', { ledger: author.ledger, id: 'target', hash: target.hash })
  await append(node, 'two', { ledger: `b${'a'.repeat(52)}`, id: 'x', hash: target.hash })
  const started = Date.now()
  for (const id of ['one', 'two'])
    expect((await follow(node, id, { deadlineMs: 700 })).frontier).toMatchObject([{ reason: 'unresolved' }])
  expect(Date.now() - started).toBeLessThan(6_000)
})

test('what own entries refer to is asked for by itself, and stays proved; what must exist is asked for first', async () => {
  const [farm, node] = [await startNode({ name: 'farm' }), await startNode({ references: { atAppend: 'require' } })]
  const grain = await append(farm, 'grain', null)
  await append(node, 'flour', { ledger: farm.id, id: 'grain', hash: grain.hash })
  await append(node, 'lost', { ledger: farm.id, id: 'nothing' })
  const { references: tracker, ledgers } = node.ledger.parts
  await tracker.caughtUp()
  const input = (id: string, hash?: string) => ({
    stream: 's',
    type: 't',
    references: [
      {
        ledgerId: farm.id,
        entryId: id,
        referenceType: 'source' as const,
        ...(hash === undefined ? {} : { entryHash: hash })
      }
    ]
  })
  const add = async (id: string, hash?: string) => await node.ledger.append(input(id, hash))
  await expect(add('grain', grain.hash)).rejects.toMatchObject({ code: 'REFERENCE_UNRESOLVED' })
  await node.connect(farm.addr)
  const { entry } = await add('grain')
  expect(entry.meta.crossLedgerRefs).toMatchObject([{ entryHash: grain.hash }])
  await expect(add('corn', grain.hash)).rejects.toMatchObject({ code: 'REFERENCE_CONTRADICTED' })
  await expect(node.ledger.appendBatch([input('grain'), input('nothing')])).rejects.toMatchObject({
    code: 'REFERENCE_UNRESOLVED',
    details: { missing: [{ ledgerId: farm.id, entryId: 'nothing' }] }
  })
  const asked: object[] = []
  const asker = new ReferenceAsker({
    tracker,
    ledgers,
    clock: systemClock,
    log: node.log,
    fetch: async (ledger, wanted) => {
      asked.push(wanted)
      return await node.ledger.parts.overview.entries!(ledger, wanted, AbortSignal.timeout(5_000))
    }
  })
  for (let i = 0; i < 2; i++) await asker.look() // the second one is not due
  expect(asked).toEqual([{ hashes: [grain.hash], ids: ['nothing'] }])
  tracker.review()
  await tracker.caughtUp()
  const { counts, references } = await node.ledger.referenceStates()
  expect(counts).toMatchObject({ proved: 2, unresolved: 1 })
  expect(references[0]).toMatchObject({ from: { id: 'flour' }, status: 'proved', asOf: grain.seq + 1 })
})
