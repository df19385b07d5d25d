import { expect, test } from 'vitest'
import type { Store } from '../../src/store/store.js'
import { freezeAt } from '../helpers/freeze-at.js'
import { Author, openNode } from './support.js'

/** A held ledger of six entries, and how often its store was asked. */
async function setup() {
  const node = await openNode()
  const author = await Author.create()
  await author.addMany(5)
  const mirror = await node.ledgers.mirror(author.id)
  await mirror.ingest(author.entries)
  const asked = { times: 0 }
  const store = node.store as { -readonly [K in 'get' | 'keys']: Store[K] }
  const { get, keys } = { get: store.get.bind(store), keys: store.keys.bind(store) }
  store.get = async (key) => {
    asked.times++
    return await get(key)
  }
  store.keys = async (range) => {
    asked.times++
    return await keys(range)
  }
  return { ledgers: node.ledgers, author, mirror, asked }
}

test('what was found is not searched for again, by its hash or its id', async () => {
  const { ledgers, author, mirror, asked } = await setup()
  const { hash } = author.entries[3]!
  const found = { ledgerId: author.id, entryId: 'entry-3', entryHash: hash }
  expect(await ledgers.held.byId(author.id, 'entry-3')).toBe(hash)
  const { times } = asked
  expect(times).toBeGreaterThan(0)
  expect(await ledgers.held.byId(author.id, 'entry-3')).toBe(hash)
  expect(await ledgers.held.byHash(hash)).toEqual(found)
  expect(await ledgers.findByHash(hash)).toEqual({ ledger: mirror, seq: 3 })
  expect(asked.times).toBe(times)
})

test('what was not found is searched for again: it may have come', async () => {
  const { ledgers, author, mirror } = await setup()
  const next = await author.add()
  expect([await ledgers.held.byId(author.id, 'entry-6'), await ledgers.held.byHash(next.hash)]).toEqual([null, null])
  await mirror.ingest([next])
  expect(await ledgers.held.byId(author.id, 'entry-6')).toBe(next.hash)
})

test('after a cut another entry at that place is not taken for the one that was there', async () => {
  const { ledgers, author, mirror } = await setup()
  const [before, after] = [author.entries[5]!, await Author.create()]
  await after.addMany(4)
  const other = await after.add({ id: 'another' })
  expect(await ledgers.held.byId(author.id, 'entry-5')).toBe(before.hash)
  await mirror.rewind(1)
  expect(await ledgers.held.byId(author.id, 'entry-5')).toBeNull()
  await mirror.ingest(after.entries.slice(1))
  expect(await ledgers.held.byId(author.id, 'entry-5')).toBeNull()
  expect(await ledgers.held.byHash(before.hash)).toBeNull()
  expect(await ledgers.held.byHash(other.hash)).toMatchObject({ entryId: 'another' })
})

test('what a cut takes away while it is looked up is not kept', async () => {
  const { ledgers, author, mirror } = await setup()
  const lookups = author.entries.slice(1).map(async ({ header }) => await ledgers.held.byId(author.id, header.id))
  const [others] = [await Author.create(), await mirror.rewind(1)]
  await Promise.all(lookups)
  await others.addMany(5, (seq) => ({ id: `other-${seq}` }))
  await mirror.ingest(others.entries.slice(1))
  for (const { header, hash } of author.entries.slice(1))
    expect([await ledgers.held.byId(author.id, header.id), await ledgers.held.byHash(hash)]).toEqual([null, null])
})

test('what a freeze hides, and what is removed, is not held', async () => {
  const { ledgers, author, mirror } = await setup()
  const { hash } = author.entries[4]!
  expect(await ledgers.held.byHash(hash)).not.toBeNull()
  await freezeAt(mirror, 4, new Uint8Array([1]))
  expect([await ledgers.held.byHash(hash), await ledgers.held.byId(author.id, 'entry-4')]).toEqual([null, null])
  const low = author.entries[2]!.hash
  expect(await ledgers.held.byHash(low)).not.toBeNull()
  await ledgers.remove(author.id)
  expect([await ledgers.held.byHash(low), ledgers.held.isHeld(author.id)]).toEqual([null, false])
})
