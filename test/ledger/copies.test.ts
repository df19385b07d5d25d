/** Copies of other ledgers' entries in the own one: written as they are, once, whatever is held meanwhile. */
import { expect, test } from 'vitest'
import type { AppendInput } from '../../src/ledger/append/append-input.js'
import type { LedgerId } from '../../src/core/ledger-id.js'
import { MAX_HEADER_BYTES, MAX_TIMESTAMP_MS } from '../../src/core/limits.js'
import { Author, openNode, START_MS, type Node } from './support.js'

const HASH = 'ab'.repeat(32)

function copy(source: LedgerId, hash: string, given: Partial<AppendInput> = {}): AppendInput {
  return {
    id: hash,
    stream: 's',
    type: 't',
    timestamp: START_MS,
    meta: { sync: { source, originalId: 'one', originalHash: hash } },
    ...given
  }
}

async function append({ ledgers }: Node, ...inputs: AppendInput[]): Promise<unknown[]> {
  const settled = await ledgers.own.appendCopies(inputs)
  return settled.map((one) =>
    one.status === 'fulfilled' ? one.value.existing : (one.reason as { code?: string }).code
  )
}

test('again: the copy is there, one commit for all, and one that is refused keeps no other from it', async () => {
  const node = await openNode()
  const author = await Author.create()
  const hashes = Array.from({ length: 5 }, (_, n) => `${n}`.repeat(64))
  await node.ledgers.own.append({ id: hashes[2]!, stream: 'mine', type: 'mine' })
  const inputs = hashes.map((hash, n) => copy(author.id, hash, { payload: { n } }))
  expect(await append(node, ...inputs)).toEqual([false, false, 'ID_TAKEN', false, false])
  expect(await append(node, ...inputs)).toEqual([true, true, 'ID_TAKEN', true, true])
  expect(node.ledgers.own.size).toBe(6)
})

test('references are what the original says, whatever is held: before the target came, after, and against it', async () => {
  const node = await openNode()
  const author = await Author.create()
  const target = await author.add({ id: 'target' })
  const references = [
    { ledgerId: author.id, entryId: 'target', entryHash: null, referenceType: 'source' as const },
    { ledgerId: author.id, entryId: 'target', entryHash: HASH, referenceType: 'derived' as const }
  ]
  const input = copy(author.id, HASH, { references })
  expect(await append(node, input)).toEqual([false])
  await (await node.ledgers.mirror(author.id)).ingest(author.entries)
  expect(await node.ledgers.held.byId(author.id, 'target')).toBe(target.hash)
  expect(await append(node, input)).toEqual([true])
  const other = '1'.repeat(64)
  expect(await append(node, copy(author.id, other, { references }))).toEqual([false])
  const entry = await node.ledgers.own.get({ id: other })
  expect(entry!.meta.crossLedgerRefs).toEqual(references)
})

test('what stands under an id, and whether its payload is there', async () => {
  const node = await openNode()
  const { own } = node.ledgers
  const author = await Author.create()
  await append(node, copy(author.id, HASH, { payload: 1 }), copy(author.id, '1'.repeat(64)))
  const [one, none, bare] = await own.findIds([HASH, 'nobody', '1'.repeat(64)])
  expect([one!.hasPayload, none, bare!.hasPayload]).toEqual([true, null, false])
  await own.erase([one!.hash])
  expect((await own.findIds([HASH]))[0]!.hasPayload).toBe(false)
  // it is the same one still, and no second one comes of it
  expect(await append(node, copy(author.id, HASH, { payload: 1 }))).toEqual(['ID_TAKEN'])
})

test('a header that is too large by the mark is TOO_LARGE, and the next one is taken', async () => {
  const node = await openNode()
  const author = await Author.create()
  const meta = (length: number): AppendInput['meta'] => ({
    text: 'x'.repeat(length),
    sync: { source: author.id, originalId: 'one', originalHash: HASH }
  })
  expect(
    await append(node, copy(author.id, HASH, { meta: meta(MAX_HEADER_BYTES - 600) }), copy(author.id, '1'.repeat(64)))
  ).toEqual(['TOO_LARGE', false])
})

test("wild times: a copy has its original's, and verifyChain counts only own entries that go back", async () => {
  const node = await openNode()
  const { own } = node.ledgers
  const author = await Author.create()
  await own.append({ stream: 's', type: 't' })
  await append(
    node,
    copy(author.id, HASH, { timestamp: 0 }),
    copy(author.id, '1'.repeat(64), { timestamp: MAX_TIMESTAMP_MS })
  )
  await own.append({ stream: 's', type: 't' })
  expect(await own.verifyChain()).toMatchObject({ valid: true, warnings: 0 })
  await own.append({ stream: 's', type: 't', timestamp: 1 })
  expect(await own.verifyChain()).toMatchObject({ valid: true, warnings: 1 })
})

test('queries tell copies from originals', async () => {
  const node = await openNode()
  const { own } = node.ledgers
  const author = await Author.create()
  await own.append({ id: 'mine', stream: 's', type: 't' })
  await append(node, copy(author.id, HASH))
  const ids = async (adopted?: boolean): Promise<unknown> =>
    (await own.query({ stream: 's', adopted })).entries.map(({ id, adopted: from }) => [id, from])
  expect(await ids()).toEqual([
    ['mine', null],
    [HASH, author.id]
  ])
  expect(await ids(true)).toEqual([[HASH, author.id]])
  expect(await ids(false)).toEqual([['mine', null]])
  await expect(own.query({ adopted: 'yes' as never })).rejects.toMatchObject({ code: 'INVALID_PARAMS' })
})

test('a hook may refuse a copy, and may not change it', async () => {
  const node = await openNode()
  const author = await Author.create()
  const { own, hooks } = node.ledgers
  const end = hooks.add('one', { beforeAppend: ({ meta }) => void (meta!.seen = true) }, own)
  expect(await append(node, copy(author.id, HASH))).toEqual(['INVALID_PARAMS'])
  end()
  hooks.add(
    'two',
    {
      beforeAppend: () => {
        throw new Error('no copies')
      }
    },
    own
  )
  expect(await append(node, copy(author.id, HASH))).toEqual([undefined])
  expect(own.size).toBe(1)
})

test('what stands under ids is found in whatever order they are asked for', async () => {
  const node = await openNode()
  const { own } = node.ledgers
  const author = await Author.create()
  const hashes = Array.from({ length: 12 }, (_, n) => n.toString(16).repeat(64))
  await append(node, ...hashes.map((hash) => copy(author.id, hash, { payload: 1 })))
  const mixed = [5, 0, 11, 3, 8, 1, 10, 2, 9, 4, 7, 6].map((n) => hashes[n]!)
  expect((await own.findIds(mixed)).map((found) => found?.header.id)).toEqual(mixed)
})
