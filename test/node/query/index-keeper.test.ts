/** When the own ledger names its index, what is tried before it is signed, and what becomes of a wrong one. */
import { expect, test, vi } from 'vitest'
import { sha256Text } from '../../../src/core/hash.js'
import { rootOf } from '../../../src/core/lmx1/index-builder.js'
import { INDEX_TYPE, indexMeta, indexOf, WITHDRAW_TYPE } from '../../../src/core/lmx1/index-entry.js'
import { auditIndex } from '../../../src/ledger/lmx1/audit-index.js'
import type { LedgerReader } from '../../../src/ledger/ledger-reader.js'
import { MANY, PAUSE_MS, SOME, SOME_MS } from '../../../src/node/query/index-cadence.js'
import { IndexKeeper } from '../../../src/node/query/index-keeper.js'
import { indexRanges } from '../../../src/store/index-keys.js'
import { build } from '../../core/lmx1/world.js'
import { Author, openNode, testRandom, type Node } from '../../ledger/support.js'

// The disk of a busy machine takes seconds to sync.
vi.setConfig({ testTimeout: 90_000 })

function keep({ store, ledgers, clock, log }: Node, of: 'own' | 'all' = 'own'): IndexKeeper {
  const keeper = new IndexKeeper({ store, ledgers, of, clock, random: testRandom(), log })
  keeper.start()
  return keeper
}

async function append({ ledgers }: Node, count: number): Promise<void> {
  const { size } = ledgers.own
  await ledgers.own.appendBatch(
    Array.from({ length: count }, (_, at) => ({
      stream: `s${at % 3}`,
      type: 't',
      id: `e${size + at}`,
      ...(at % 4 === 0 ? {} : { subject_oid: `p${at % 50}` })
    }))
  )
}

/** A node that has named its first index, stopped, and started again. */
async function reopened(): Promise<Node> {
  const node = await openNode()
  const keeper = keep(node)
  await append(node, MANY)
  await keeper.caughtUp()
  await keeper.stop()
  return await node.reopen()
}

/** The sizes of the indexes that the ledger names; each is the one of its entries. */
async function named(ledger: LedgerReader): Promise<number[]> {
  const entries = (await ledger.reader.many(Array.from({ length: ledger.size }, (_, seq) => seq))).map((one) => one!)
  const headers = entries.map(({ header }) => header)
  return headers.flatMap((header) => {
    const root = indexOf(header)
    if (root === null) return []
    expect(root.root).toBe(rootOf(build(headers.slice(0, root.size))))
    return [root.size]
  })
}

test('an index is named when many entries are new, or some and an hour has passed, and not more often', async () => {
  const node = await openNode()
  const { own } = node.ledgers
  const keeper = keep(node)
  await keeper.caughtUp()
  await append(node, SOME - 2) // and the genesis
  node.clock.pass(2 * SOME_MS)
  await keeper.caughtUp()
  expect(await named(own)).toEqual([])
  await append(node, 1)
  await keeper.caughtUp()
  node.clock.pass(SOME_MS)
  await keeper.caughtUp()
  expect(await named(own)).toEqual([SOME])
  expect(own.size).toBe(SOME + 1)

  await append(node, MANY)
  await keeper.caughtUp()
  expect(await named(own)).toEqual([SOME, SOME + 1 + MANY])
  await append(node, MANY)
  await keeper.caughtUp()
  expect(await named(own)).toHaveLength(2)
  node.clock.pass(PAUSE_MS)
  await keeper.caughtUp()
  expect(await named(own)).toEqual([SOME, SOME + 1 + MANY, own.size - 1])
  expect((await keeper.usable(own, own.size))?.size).toBe(own.size - 1)
  // The one before is readable, too; and no other.
  expect((await keeper.usable(own, own.size - 1))?.size).toBe(SOME + 1 + MANY)
  expect(await keeper.usable(own, SOME + 5)).toBeNull()
  await keeper.stop()
})

test('after a restart the index is there, after a crash it is built anew; a root that is wrong is taken back', async () => {
  let node = await reopened()
  const [size] = await named(node.ledgers.own)
  expect(size).toBe(MANY + 1)
  let keeper = keep(node)
  await keeper.caughtUp()
  expect((await keeper.usable(node.ledgers.own, node.ledgers.own.size))?.size).toBe(size)
  await keeper.stop()

  // A program of another time has signed nonsense.
  const { own } = node.ledgers
  const meta = indexMeta({ size: 100, root: sha256Text('nonsense') })
  const [wrong] = await own.appendReserved([{ stream: 'ledger', type: INDEX_TYPE, meta }])
  node.clock.pass(PAUSE_MS)
  for (const range of indexRanges(own.ledgerNumber)) await node.store.clear(range)
  node = await node.reopen()
  keeper = keep(node)
  await keeper.caughtUp()
  const withdrawn = await node.ledgers.own.query({ type: WITHDRAW_TYPE })
  expect(withdrawn.entries.map((entry) => entry.meta)).toEqual([{ v: 1, entries: [wrong!.entry.hash] }])
  await append(node, MANY)
  await keeper.caughtUp()
  expect((await keeper.usable(node.ledgers.own, node.ledgers.own.size))?.size).toBeGreaterThan(2 * MANY)
  expect(await auditIndex(node.store, own.ledgerNumber, node.ledgers.own.reader)).toBeNull()
  await keeper.stop()
})

test('rows that the disk has changed are never signed', async () => {
  const node = await reopened() // after a crash it would be built anew anyway
  const { own } = node.ledgers
  const [range] = indexRanges(own.ledgerNumber).slice(2)
  for (const [key, value] of await node.store.all(range!)) {
    const broken = Buffer.from(value)
    broken[broken.length - 1]! ^= 1
    await node.store.write([{ type: 'put', key, value: broken }], { sync: false })
  }
  const keeper = keep(node)
  node.clock.pass(PAUSE_MS)
  await append(node, MANY)
  await keeper.caughtUp()
  expect(await named(own)).toHaveLength(1)
  expect(node.log.lines.map(({ fields }) => fields.event)).toContain('query.index-wrong')
  node.clock.pass(SOME_MS)
  await append(node, 1)
  await keeper.caughtUp()
  expect(await named(own)).toHaveLength(2)
  await keeper.stop()
})

test('a mirror keeps the index that its author names, and proves nothing by another one', async () => {
  const node = await openNode()
  const author = await Author.create()
  await author.addMany(99, (seq) => ({ stream: `s${seq % 3}` }))
  const say = async (size: number, root: string): Promise<void> => {
    await author.add({ type: INDEX_TYPE, stream: 'ledger', meta: indexMeta({ size, root }) })
  }
  const right = (size: number): string => rootOf(build(author.entries.slice(0, size).map(({ header }) => header)))
  await say(100, right(100))
  await author.addMany(50)
  const mirror = await node.ledgers.mirror(author.id)
  const keeper = keep(node, 'all')
  await mirror.ingest(author.entries)
  await keeper.caughtUp()
  expect(await keeper.usable(mirror, mirror.size)).toBeNull() // not audited yet
  await mirror.setAudited(mirror.size)
  await keeper.caughtUp()
  expect((await keeper.usable(mirror, mirror.size))?.size).toBe(100)
  const { length } = author.entries
  await say(length, sha256Text('a lie'))
  await mirror.ingest(author.entries.slice(length))
  await mirror.setAudited(mirror.size)
  await keeper.caughtUp()
  expect(node.log.lines.map(({ fields }) => fields.event)).toContain('query.index-differs')
  expect((await keeper.usable(mirror, mirror.size))?.size).toBe(100)
  await node.ledgers.remove(author.id)
  for (const range of indexRanges(mirror.ledgerNumber)) expect(await node.store.keys(range)).toEqual([])
  await keeper.stop()
})
