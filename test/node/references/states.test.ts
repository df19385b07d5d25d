/** What references are worth is kept, and looked at again when that may have changed. */
import { expect, test } from 'vitest'
import type { NetworkEvent } from '../../../src/node/api/events.js'
import type { ReferenceStatus } from '../../../src/node/api/references.js'
import { encodeEvidence, sameSeqEvidence } from '../../../src/core/evidence.js'
import { familyRange, textKey } from '../../../src/store/keys.js'
import { CLEAN_KEY, openStore } from '../../../src/store/store.js'
import { silentLog } from '../../../src/node/runtime/system.js'
import { Author } from '../../core/author.js'
import { acceptBranch, freezeAt } from '../../helpers/freeze-at.js'
import { startNode, type TestNode } from '../../helpers/test-node.js'

interface Ref {
  ledger: string
  id: string
  hash?: string
}

async function refer(node: TestNode, id: string, ...refs: Ref[]): Promise<void> {
  const references = refs.map(({ ledger, id: entryId, hash }) => ({
    ledgerId: ledger,
    entryId,
    referenceType: 'source' as const,
    ...(hash === undefined ? {} : { entryHash: hash })
  }))
  await node.ledger.append({ id, stream: 's', type: 't', references }, { allowUnresolved: true })
}

/** From which entry: its status; once all is looked at. */
async function states(node: TestNode, ledger?: string): Promise<Record<string, ReferenceStatus>> {
  await node.ledger.parts.references.caughtUp()
  const { references, counts, complete } = await node.ledger.referenceStates({}, ledger)
  expect(complete).toBe(true)
  expect(Object.values(counts).reduce((sum, count) => sum + count, 0)).toBe(references.length)
  return Object.fromEntries(references.map(({ from, status }) => [from.id, status]))
}

async function audited(node: TestNode, ledger: string): Promise<void> {
  await expect.poll(() => node.mirror(ledger).audited, { timeout: 15_000 }).toBe(node.mirror(ledger).size)
}

const hear = (node: TestNode): NetworkEvent[] => {
  const events: NetworkEvent[] = []
  node.ledger.plugins.interoperability.subscribe(['reference'], (event) => events.push(event))
  return events
}

test('a target comes, freezes, gives way to another branch, is erased, and is held no longer', async () => {
  const [node, farm] = [await startNode(), await Author.create(1)]
  const one = await farm.append({ id: 'one' })
  await refer(node, 'by-hash', { ledger: farm.ledger, id: 'one', hash: one.hash })
  await refer(node, 'by-id', { ledger: farm.ledger, id: 'one' })
  await refer(node, 'two', { ledger: farm.ledger, id: 'two' })
  await refer(node, 'wrong-hash', { ledger: farm.ledger, id: 'one', hash: 'ab'.repeat(32) })
  await refer(node, 'wrong-id', { ledger: farm.ledger, id: 'three', hash: one.hash })
  await node.ledger.append({ stream: 's', type: 't' })
  expect(new Set(Object.values(await states(node)))).toEqual(new Set(['unresolved']))
  const events = hear(node)

  const mirror = await node.ledger.parts.ledgers.mirror(farm.ledger)
  await mirror.ingest(farm.entries)
  await audited(node, farm.ledger)
  expect(await states(node)).toEqual({
    'by-hash': 'verified',
    'by-id': 'verified',
    two: 'unresolved',
    'wrong-hash': 'contradicted',
    'wrong-id': 'contradicted'
  })
  expect(events).toHaveLength(4)
  expect(events.find((event) => event.kind === 'reference' && event.from.id === 'by-hash')).toMatchObject({
    kind: 'reference',
    from: { ledger: node.id, id: 'by-hash' },
    to: { ledger: farm.ledger, id: 'one', hash: one.hash },
    was: 'unresolved',
    status: 'verified'
  })
  expect((await node.ledger.referenceStates({ status: 'contradicted' })).references).toMatchObject([
    { from: { id: 'wrong-hash' }, asOf: 2 },
    { from: { id: 'wrong-id' }, asOf: 0 }
  ])

  const [a, b] = [farm.fork(), farm.fork()]
  const two = await a.append({ id: 'two' })
  await b.append({ id: 'other' })
  await mirror.ingest([two])
  await audited(node, farm.ledger)
  expect(await states(node)).toMatchObject({ two: 'verified' })
  await freezeAt(mirror, 2, encodeEvidence(sameSeqEvidence(a.accused(), 2, a.entries[2]!.raw, b.entries[2]!.raw)))
  expect(await states(node)).toMatchObject({ 'by-id': 'verified', two: 'disputed' })
  await acceptBranch(mirror, [b.entries[2]!])
  expect(await states(node)).toMatchObject({ 'by-id': 'verified', two: 'unresolved' })
  await b.append({ id: 'two' })
  await mirror.ingest([b.entries[3]!])
  await audited(node, farm.ledger)
  expect(await states(node)).toMatchObject({ two: 'verified' })

  await node.ledger.parts.ledgers.remove(farm.ledger)
  expect(await states(node)).toMatchObject({ 'by-hash': 'unresolved', two: 'unresolved', 'wrong-id': 'contradicted' })
  expect(node.errors()).toEqual([])
})

test('an entry whose payload is erased is still the one that is meant', async () => {
  const node = await startNode()
  const { entry } = await node.ledger.append({ id: 'target', stream: 's', type: 't', payload: 'x' })
  await refer(node, 'from', { ledger: node.id, id: 'target', hash: entry.hash })
  expect(await states(node)).toEqual({ from: 'verified' })
  await node.ledger.erase([entry.hash])
  expect(await states(node)).toEqual({ from: 'verified' })
})

/** The rows without the times, after a stop that was not clean and with `damage` done to them. */
async function rows(dataDir: string, change: 'none' | 'unclean' | 'lost'): Promise<string[]> {
  const store = await openStore(`${dataDir}/db`, { log: silentLog })
  const found = [...(await store.all(familyRange('refState'))), ...(await store.all(familyRange('refWait')))].map(
    ([key, value]) => `${key.toString('hex')} ${value.length === 13 ? value[0] : value.toString('hex')}`
  )
  if (change === 'lost') {
    const [, second] = await store.keys(familyRange('refState'))
    await store.write([{ type: 'del', key: second! }], { sync: true })
  }
  await store.close()
  if (change !== 'none') {
    const { Level } = await import('level')
    const db = new Level<Buffer, Buffer>(`${dataDir}/db`, { keyEncoding: 'buffer', valueEncoding: 'buffer' })
    await db.del(CLEAN_KEY)
    await db.close()
  }
  return found
}

test('after an unclean stop all is looked at again, and is the same; pages go through all of it', async () => {
  const first = await startNode()
  for (let i = 0; i < 300; i++)
    await refer(first, `e-${i}`, { ledger: first.id, id: i % 3 === 0 ? 'genesis' : `e-${i + 1}` })
  await first.ledger.parts.references.caughtUp()
  const before = await first.ledger.referenceStates({ limit: 1 })
  expect(before.counts).toMatchObject({ verified: 299, unresolved: 1 })
  const pages: string[] = []
  for (let cursor: string | undefined; ;) {
    const page = await first.ledger.referenceStates({ status: 'verified', limit: 70, cursor })
    pages.push(...page.references.map(({ from }) => from.id))
    if (page.nextCursor === null) break
    cursor = page.nextCursor
    await expect(first.ledger.referenceStates({ cursor })).rejects.toMatchObject({ code: 'CURSOR_INVALID' })
  }
  expect(pages).toHaveLength(299)
  expect(new Set(pages).size).toBe(299)
  await first.close()
  const there = await rows(first.dataDir, 'lost')
  const again = await startNode({ dataDir: first.dataDir })
  await again.ledger.parts.references.caughtUp()
  expect((await again.ledger.referenceStates({ limit: 1 })).counts).toEqual(before.counts)
  await again.close()
  expect(await rows(first.dataDir, 'none')).toEqual(there)
  expect(there).toHaveLength(300 + 1 + 1)
})

test('with track: all also of mirrors, whose rows go with them; else no account is kept of those', async () => {
  const [node, farm] = [await startNode({ references: { track: 'all' } }), await Author.create(2)]
  const ref = (id: string): object => ({
    meta: {
      crossLedgerRefs: [{ ledgerId: farm.ledger, entryId: id, entryHash: null, referenceType: 'source' }]
    }
  })
  for (let i = 0; i < 5; i++) await farm.append({ id: `e-${i}`, ...ref(`e-${i + 1}`) } as never)
  const mirror = await node.ledger.parts.ledgers.mirror(farm.ledger)
  await mirror.ingest(farm.entries)
  await audited(node, farm.ledger)
  expect(await states(node, farm.ledger)).toEqual({
    'e-0': 'verified',
    'e-1': 'verified',
    'e-2': 'verified',
    'e-3': 'verified',
    'e-4': 'unresolved'
  })
  const [a, b] = [farm.fork(), farm.fork()]
  await a.append({ id: 'a' })
  await b.append({ id: 'b' })
  await freezeAt(mirror, 4, encodeEvidence(sameSeqEvidence(a.accused(), 6, a.entries[6]!.raw, b.entries[6]!.raw)))
  expect(await states(node, farm.ledger)).toEqual({ 'e-0': 'verified', 'e-1': 'verified', 'e-2': 'disputed' })
  await node.ledger.parts.ledgers.remove(farm.ledger)
  await node.ledger.parts.references.caughtUp()
  const { store } = node.ledger.parts
  const left = [...(await store.keys(familyRange('refState'))), ...(await store.keys(familyRange('refWait')))]
  expect(left.map((key) => key.readUInt32BE(1))).toEqual([node.ledger.parts.ledgers.own.ledgerNumber])
  await expect(node.ledger.referenceStates({}, farm.ledger)).rejects.toMatchObject({ code: 'NOT_FOUND' })
  expect(await store.get(textKey('ledger', farm.ledger))).toBeUndefined()
  for (const bad of [{ status: 'x' }, { limit: 0 }, { limit: 1001 }, { status: 1 }])
    await expect(node.ledger.referenceStates(bad as never)).rejects.toMatchObject({ code: 'INVALID_PARAMS' })
  for (const bad of [{ track: 'x' }, { atAppend: 'off' }, { x: 1 }])
    await expect(startNode({ references: bad as never })).rejects.toMatchObject({ code: 'INVALID_PARAMS' })
})
