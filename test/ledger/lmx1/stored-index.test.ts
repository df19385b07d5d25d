/** The index on the disk is the one that a builder in memory makes of the same entries, at every size. */
import { join } from 'node:path'
import { expect, test, vi } from 'vitest'
import { runFsck } from '../../../src/ledger/fsck/run-fsck.js'
import { matchesFilter } from '../../../src/core/entry-filter.js'
import { isCoded } from '../../../src/core/errors.js'
import type { Header } from '../../../src/core/header.js'
import { rootOf } from '../../../src/core/lmx1/index-builder.js'
import { sourceOf } from '../../../src/core/lmx1/index-source.js'
import { leafRef, PostingList } from '../../../src/core/lmx1/list.js'
import { indexKey, listsOf, u48 } from '../../../src/core/lmx1/posting.js'
import { proveIndex } from '../../../src/core/lmx1/prove-index.js'
import { verifyIndexProof } from '../../../src/core/lmx1/verify-index.js'
import { auditIndex } from '../../../src/ledger/lmx1/audit-index.js'
import { growLeaf } from '../../../src/ledger/lmx1/grow-leaf.js'
import { IndexThread } from '../../../src/ledger/lmx1/index-thread.js'
import type { StoredLeaf } from '../../../src/ledger/lmx1/leaf-rows.js'
import { StoredList } from '../../../src/ledger/lmx1/stored-list.js'
import { StoredIndex } from '../../../src/ledger/lmx1/stored-index.js'
import type { Ledger } from '../../../src/ledger/ledger.js'
import { indexRanges } from '../../../src/store/index-keys.js'
import { seqKey } from '../../../src/store/keys.js'
import { openStore, openStoreAsIs, type Op } from '../../../src/store/store.js'
import { dice, type Dice } from '../../helpers/dice.js'
import { build, makeBounds, makeHeaders, makeQuestion, scan, upTo } from '../../core/lmx1/world.js'
import { Author, openNode, type Node } from '../support.js'

// The disk of a busy machine takes seconds to sync.
vi.setConfig({ testTimeout: 90_000 })

/** A mirror with values of all families, and the headers of its entries. */
async function held(size: number, roll: Dice): Promise<{ node: Node; ledger: Ledger; headers: Header[] }> {
  const node = await openNode()
  const author = await Author.create()
  for (const { stream, type, issuer_oid, subject_oid, timestamp, meta } of makeHeaders(size, roll).slice(1))
    await author.add({ stream, type, issuer_oid, subject_oid, timestamp, meta })
  const ledger = await node.ledgers.mirror(author.id)
  await ledger.ingest(author.entries)
  return { node, ledger, headers: author.entries.map(({ header }) => header) }
}

const indexOf = ({ store }: Node, { ledgerNumber, reader }: Ledger, thread: IndexThread | null = null): StoredIndex =>
  new StoredIndex({ store, ledgerNumber, reader, thread })

/** Asks the stored index, and expects what a scan finds. */
async function ask(index: StoredIndex, headers: readonly Header[], size: number, roll: Dice): Promise<void> {
  const memory = build(headers.slice(0, size))
  const root = { size, root: rootOf(memory) }
  expect(index.has(root)).toBe(true)
  const question = makeQuestion(size, roll)
  const bounds = makeBounds(roll)
  const matches = (seq: number): boolean => matchesFilter(headers[seq]!, question.filter)
  const found = await index.read(size, (source) => proveIndex(source, question, bounds, matches))
  expect(found).toEqual(await proveIndex(sourceOf(memory), question, bounds, matches))
  const { proof, from, to, entries } = found!
  const shown = new Map(entries.map((seq) => [seq, headers[seq]!]))
  const asked = { filter: question.filter, from, to }
  expect(verifyIndexProof(root, asked, proof, shown)).toEqual(scan(headers, asked))
}

test.each(['here', 'in a thread'])('it grows %s, is pinned, is opened again: always the same proofs', async (where) => {
  const roll = dice(11)
  const { node, ledger, headers } = await held(where === 'here' ? 1000 : 600, roll)
  const thread = where === 'here' ? null : IndexThread.beside(node.store)
  let index = indexOf(node, ledger, thread)
  await index.load(ledger.size)
  let pinned = 0
  for (let size = 0; size < headers.length;) {
    size = Math.min(size + 1 + upTo(roll, 400), headers.length)
    await index.advance(size)
    for (let time = 0; time < 4; time++) await ask(index, headers, size, roll)
    if (pinned > 0) for (let time = 0; time < 4; time++) await ask(index, headers, pinned, roll)
    if (roll() < 0.5) {
      await index.pin()
      pinned = size
    } else if (roll() < 0.4) {
      index = indexOf(node, ledger, thread)
      await index.load(ledger.size)
      pinned = 0
    }
  }
  expect(await auditIndex(node.store, ledger.ledgerNumber, ledger.reader)).toBeNull()
  expect(await index.read(7, () => Promise.resolve(1))).toBeNull()
  await index.drop()
  for (const range of indexRanges(ledger.ledgerNumber)) expect(await node.store.keys(range)).toEqual([])
})

test('a list of more than 65,536 postings is read by its subtrees', async () => {
  const roll = dice(12)
  const { store } = await openNode()
  const key = indexKey('type', 'x')
  const memory = new PostingList()
  let leaf: StoredLeaf | null = null
  for (let count = 0; count < 66_000;) {
    const added = Array.from({ length: 1 + upTo(roll, 3000) }, (_, at) => u48(count + at) + u48(7).padEnd(44, '0'))
    count += added.length
    const ops: Op[] = []
    leaf = growLeaf(9, key, leaf, added, ops)
    await store.write(ops, { sync: false })
    for (const posting of added) memory.append({ posting, ref: leafRef(posting) })
  }
  const list = new StoredList(store, 9, leaf!)
  expect(list.count).toBe(memory.count)
  expect(await list.ref(0, list.count)).toBe(memory.ref(0, memory.count))
  for (let time = 0; time < 300; time++) {
    const width = 2 ** upTo(roll, 17)
    const start = upTo(roll, Math.floor(list.count / width)) * width
    expect(await list.ref(start, width)).toBe(memory.ref(start, width))
    expect(await list.posting(start)).toBe(memory.posting(start))
  }
})

test('damage of any row is found, and an index over other entries is dropped', async () => {
  const roll = dice(13)
  const { node, ledger } = await held(240, roll)
  const index = indexOf(node, ledger)
  await index.load(ledger.size)
  await index.advance(ledger.size)
  const audit = (): Promise<string | null> => auditIndex(node.store, ledger.ledgerNumber, ledger.reader)
  for (const range of indexRanges(ledger.ledgerNumber)) {
    const rows = await node.store.all(range)
    for (let time = 0; time < 6; time++) {
      const [key, value] = rows[upTo(roll, rows.length)]!
      const broken = Buffer.from(value)
      broken[upTo(roll, broken.length)]! ^= 1 << upTo(roll, 8)
      await node.store.write([{ type: 'put', key, value: broken }], { sync: false })
      expect(await audit()).not.toBeNull()
      const other = indexOf(node, ledger)
      try {
        await other.load(ledger.size)
        // Damage that loading does not see is never shown as an answer: it does not lead to the root.
        if (other.size > 0)
          for (const [, list] of listsOf({ stream: 's1', type: 't2', subject_oid: 'p3' }))
            await other.read(other.size, async (source) => [await source.way(list), await source.list(list)])
      } catch (error) {
        if (!isCoded(error, 'STORE_DAMAGED')) throw error
      }
      if (other.size === 0) {
        await other.load(ledger.size)
        await other.advance(ledger.size)
      } else await node.store.write([{ type: 'put', key, value }], { sync: false })
      expect(await audit()).toBeNull()
    }
  }
  await ledger.rewind(100)
  const cut = indexOf(node, ledger)
  await cut.load(ledger.size)
  expect(cut.size).toBe(0)
  await cut.advance(100)
  expect(await audit()).toBeNull()
})

test('fsck finds a wrong index, and drops it', async () => {
  const { node, ledger } = await held(100, dice(14))
  const index = indexOf(node, ledger)
  await index.load(ledger.size)
  await index.advance(ledger.size)
  const options = { log: node.log, markFile: join(node.dir, 'signer.json') }
  const { ledgerNumber } = ledger
  const [key, value] = (await node.store.all(indexRanges(ledgerNumber)[1]!))[0]!
  await node.close()
  const fsck = async (rebuild: boolean) => await runFsck(join(node.dir, 'db'), { ...options, rebuild })
  expect((await fsck(false)).found.damage).toEqual([])
  const store = await openStoreAsIs(join(node.dir, 'db'), node)
  value[40]! ^= 1
  await store.write([{ type: 'put', key, value }], { sync: true })
  await store.close()
  expect(await fsck(true)).toMatchObject({ clean: true, found: { damage: [{ kind: 'wrong-index' }] } })
  const opened = await openStoreAsIs(join(node.dir, 'db'), node)
  for (const range of indexRanges(ledgerNumber)) expect(await opened.keys(range)).toEqual([])
  await opened.close()
})

test('a thread that meets damage says so, and goes on with another index; a store is closed behind it', async () => {
  const roll = dice(5)
  const { node, ledger } = await held(300, roll)
  const thread = IndexThread.beside(node.store)!
  const index = indexOf(node, ledger, thread)
  await index.load(ledger.size)
  await index.advance(200)
  const key = seqKey('entry', ledger.ledgerNumber, 250)
  const value = (await node.store.get(key))!
  await node.store.write([{ type: 'del', key }], { sync: false })
  await expect(index.advance(300)).rejects.toMatchObject({ code: 'STORE_DAMAGED', details: { seq: 250 } })
  await node.store.write([{ type: 'put', key, value }], { sync: false })
  await index.load(ledger.size)
  expect(index.size).toBe(200)
  const beside = indexOf(node, node.ledgers.own, thread)
  await beside.load(node.ledgers.own.size)
  await beside.advance(1)
  await index.advance(300)
  expect(await auditIndex(node.store, ledger.ledgerNumber, ledger.reader)).toBeNull()
  await expect(openStore(join(node.dir, 'db'), node)).rejects.toMatchObject({ code: 'ALREADY_RUNNING' })
  await node.store.close()
  await expect(index.advance(301)).rejects.toMatchObject({ code: 'CLOSED' })
})
