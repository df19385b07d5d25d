/** References followed over three ledgers that are held, in one node's store; and what they say when a ledger is frozen. */
import { expect, test } from 'vitest'
import type { EntryName } from '../../../src/node/api/references.js'
import { encodeEvidence, sameSeqEvidence } from '../../../src/core/evidence.js'
import { Author } from '../../core/author.js'
import { freezeAt } from '../../helpers/freeze-at.js'
import { startNode, type TestNode } from '../../helpers/test-node.js'

const UNKNOWN = `b${'a'.repeat(52)}`

interface World {
  node: TestNode
  farm: Author
  mill: Author
}

/** A bread of ours refers to flour, flour to two grains and to one that nobody holds; one grain refers to the bread. */
async function world(): Promise<World> {
  const [node, farm, mill] = [await startNode({ name: 'bakery' }), await Author.create(1), await Author.create(2)]
  const grain = await farm.append({ id: 'grain-1' })
  const other = await farm.append({ id: 'grain-2' })
  const to = (ledger: string, id: string, hash: string | null, type = 'source'): object => ({
    ledgerId: ledger,
    entryId: id,
    entryHash: hash,
    referenceType: type
  })
  await mill.append({
    id: 'flour',
    meta: {
      crossLedgerRefs: [
        to(farm.ledger, 'grain-1', grain.hash),
        to(farm.ledger, 'grain-2', null),
        to(farm.ledger, 'grain-1', other.hash),
        to(UNKNOWN, 'salt', 'ab'.repeat(32), 'related')
      ]
    } as never
  })
  for (const author of [farm, mill]) {
    const mirror = await node.ledger.parts.ledgers.mirror(author.ledger)
    await mirror.ingest(author.entries)
  }
  await node.ledger.append({
    id: 'bread',
    stream: 's',
    type: 't',
    references: [{ ledgerId: mill.ledger, entryId: 'flour', referenceType: 'source' }]
  })
  return { node, farm, mill }
}

const short = ({ ledger, id }: Pick<EntryName, 'ledger' | 'id'>, { node, farm, mill }: World): string =>
  `${{ [node.id]: 'bakery', [farm.ledger]: 'farm', [mill.ledger]: 'mill', [UNKNOWN]: 'unknown' }[ledger]!} ${id}`

test('from a bread to its grain, and back; what is held nowhere, and what is not what it says, is named', async () => {
  const made = await world()
  const { node, farm, mill } = made
  const { interoperability } = node.ledger.plugins
  for (const { ledger } of [farm, mill])
    await expect.poll(() => node.mirror(ledger).audited, { timeout: 15_000 }).toBe(node.mirror(ledger).size)
  const { nodes, edges, frontier, complete } = await interoperability.followReferences('bread')
  expect(nodes.map(({ entry, depth }) => [short(entry, made), depth])).toEqual([
    ['bakery bread', 0],
    ['mill flour', 1],
    ['farm grain-1', 2],
    ['farm grain-2', 2]
  ])
  expect(edges.map(({ from, to, type, status }) => [short(from, made), short(to, made), type, status])).toEqual([
    ['bakery bread', 'mill flour', 'source', 'verified'],
    ['mill flour', 'farm grain-1', 'source', 'verified'],
    ['mill flour', 'farm grain-2', 'source', 'verified'],
    ['mill flour', 'farm grain-1', 'source', 'contradicted'],
    ['mill flour', 'unknown salt', 'related', 'unresolved']
  ])
  expect(frontier).toEqual([{ to: { ledger: UNKNOWN, id: 'salt', hash: 'ab'.repeat(32) }, reason: 'unresolved' }])
  expect(complete).toBe(false)

  const back = await interoperability.followReferences('grain-1', { direction: 'in' }, farm.ledger)
  expect(back.nodes.map(({ entry, depth }) => [short(entry, made), depth])).toEqual([
    ['farm grain-1', 0],
    ['mill flour', 1],
    ['bakery bread', 2]
  ])
  expect(await node.ledger.references('flour', undefined, mill.ledger)).toMatchObject({
    entry: { ledger: mill.ledger, id: 'flour' },
    references: [{ status: 'verified' }, {}, {}, {}, { from: { id: 'bread' }, to: { id: 'flour' } }],
    more: false
  })
  expect(await node.ledger.references('flour', { direction: 'out', limit: 1 }, mill.ledger)).toMatchObject({
    references: [{ to: { id: 'grain-1' } }],
    more: true
  })
  const distrusting = await interoperability.followReferences('bread', { minTrustMilli: 1 })
  expect(distrusting.frontier).toMatchObject([{ to: { id: 'flour' }, reason: 'untrusted' }])
})

test('a target behind a freeze is disputed, and not followed', async () => {
  const made = await world()
  const { node, farm, mill } = made
  for (const { ledger } of [farm, mill])
    await expect.poll(() => node.mirror(ledger).audited, { timeout: 15_000 }).toBe(node.mirror(ledger).size)
  const [a, b] = [farm.fork(), farm.fork()]
  await a.append({ id: 'a' })
  await b.append({ id: 'b' })
  const evidence = encodeEvidence(sameSeqEvidence(a.accused(), 3, a.entries[3]!.raw, b.entries[3]!.raw))
  await freezeAt(node.mirror(farm.ledger), 2, evidence)
  const { edges } = await node.ledger.plugins.interoperability.followReferences('bread')
  expect(edges.map(({ to, status }) => [short(to, made), status]).slice(1, 3)).toEqual([
    ['farm grain-1', 'verified'],
    ['farm grain-2', 'disputed']
  ])
})

test('what is asked for wrongly is refused', async () => {
  const node = await startNode()
  const { interoperability } = node.ledger.plugins
  for (const options of [
    { maxDepth: 9 },
    { fanOut: 0 },
    { total: 1001 },
    { deadlineMs: 0 },
    { direction: 'up' },
    { types: [] },
    { types: ['x'] },
    { minTrustMilli: 1001 },
    { depth: 1 }
  ])
    await expect(interoperability.followReferences('genesis', options as never)).rejects.toMatchObject({
      code: 'INVALID_PARAMS'
    })
  await expect(interoperability.followReferences('none')).rejects.toMatchObject({ code: 'NOT_FOUND' })
  await expect(interoperability.followReferences('genesis', {}, UNKNOWN)).rejects.toMatchObject({
    code: 'NOT_FOLLOWED'
  })
})

test('references in a payload are followed, unless that is not wanted; what is no list of them is none', async () => {
  const made = await world()
  const { node, farm } = made
  const inside = (entryId: string): object => ({
    ledgerId: farm.ledger,
    entryId,
    entryHash: null,
    referenceType: 'related'
  })
  const payload = { crossLedgerRefs: [inside('grain-1'), inside('none'), 'x', { ledgerId: 'x' }] }
  await node.ledger.append({ id: 'cake', stream: 's', type: 't', payload: payload as never })
  for (const [i, crossLedgerRefs] of ['x', {}, Array.from({ length: 65 }, () => inside('grain-1'))].entries())
    await node.ledger.append({ id: `bad-${i}`, stream: 's', type: 't', payload: { crossLedgerRefs } as never })
  await expect.poll(() => node.mirror(farm.ledger).audited, { timeout: 15_000 }).toBe(3)
  const { interoperability } = node.ledger.plugins
  expect((await interoperability.followReferences('cake')).edges).toMatchObject([
    { to: { id: 'grain-1' }, status: 'verified', where: 'payload' },
    { to: { id: 'none' }, status: 'unresolved', where: 'payload' }
  ])
  expect((await node.ledger.references('cake')).references).toHaveLength(2)
  expect((await node.ledger.references('cake', { payloads: false })).references).toEqual([])
  expect((await interoperability.followReferences('cake', { payloads: false })).edges).toEqual([])
  for (const i of [0, 1, 2]) expect((await interoperability.followReferences(`bad-${i}`)).edges).toEqual([])
  const { entry } = await node.ledger.append({ id: 'gone', stream: 's', type: 't', payload: payload as never })
  await node.ledger.erase([entry.hash])
  expect((await node.ledger.references('gone', { direction: 'out' })).references).toEqual([])
  await expect(interoperability.followReferences('cake', { payloads: 1 as never })).rejects.toMatchObject({
    code: 'INVALID_PARAMS'
  })
})
