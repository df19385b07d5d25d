/**
 * What came by push grows to its room and no further: batches and payloads alike, over restarts, and never by a crash.
 */
import { expect, test } from 'vitest'
import type { Ledger } from '../../src/ledger/ledger.js'
import { bytesOf } from '../../src/ledger/write/allowance.js'
import { openStoreAsIs } from '../../src/store/store.js'
import { join } from 'node:path'
import { Author, openNode, TestLog } from './support.js'

async function pushed(
  count = 20
): Promise<{ author: Author; mirror: Ledger; node: Awaited<ReturnType<typeof openNode>> }> {
  const node = await openNode()
  const author = await Author.create()
  await author.addMany(
    count,
    () => ({}),
    () => 'x'.repeat(100)
  )
  return { author, mirror: await node.ledgers.mirror(author.id), node }
}

const upTo = (bytes: number) => ({ admits: (taken: number) => taken <= bytes })

test('exactly as much as is allowed is taken; one byte less, and the batch is not', async () => {
  const { author, mirror } = await pushed()
  const first = bytesOf(author.entries.slice(0, 10))
  const all = bytesOf(author.entries)
  mirror.allowance = upTo(all - 1)
  await mirror.ingest(author.entries.slice(0, 10))
  expect(mirror.taken).toBe(first)
  await expect(mirror.ingest(author.entries.slice(10))).rejects.toMatchObject({ code: 'QUOTA' })
  expect(mirror).toMatchObject({ size: 10, taken: first })
  mirror.allowance = upTo(all)
  await mirror.ingest(author.entries.slice(10))
  expect(mirror).toMatchObject({ size: 21, taken: all })
})

test('payloads that come later count as well', async () => {
  const { author, mirror } = await pushed()
  const headers = author.entries.map((entry) => ({ ...entry, raw: { ...entry.raw, payload: null } }))
  const payload = author.entries[5]!.raw.payload!
  mirror.allowance = upTo(bytesOf(headers) + payload.length)
  await mirror.ingest(headers)
  expect(await mirror.putPayload(5, payload)).toBe(true)
  await expect(mirror.putPayload(6, author.entries[6]!.raw.payload!)).rejects.toMatchObject({ code: 'QUOTA' })
  expect(await mirror.missingPayloads(30)).not.toContain(5)
  expect(await mirror.missingPayloads(30)).toContain(6)
})

test('what was taken is known after a restart, and nobody counts where there is no allowance', async () => {
  const { author, mirror, node } = await pushed()
  const other = await Author.create('other')
  await (await node.ledgers.mirror(other.id)).ingest(other.entries)
  mirror.allowance = upTo(1e9)
  await mirror.ingest(author.entries.slice(0, 10))
  const { taken } = mirror
  const again = await node.reopen()
  const held = again.ledgers.get(author.id)!
  expect(held.taken).toBe(taken)
  // followed by hand meanwhile: it grows, and is counted on
  await held.ingest(author.entries.slice(10))
  expect(held.taken).toBe(bytesOf(author.entries))
  expect(again.ledgers.get(other.id)!.taken).toBe(0)
})

test('flush: what is stored is on the disk, and the state says so', async () => {
  const { author, mirror, node } = await pushed()
  await mirror.ingest(author.entries)
  expect(mirror.durable).toBeLessThan(mirror.size)
  await mirror.flush()
  expect(mirror.durable).toBe(mirror.size)
  await node.close()
  const store = await openStoreAsIs(join(node.dir, 'db'), { log: new TestLog() })
  await store.close()
  expect((await node.reopen()).ledgers.get(author.id)).toMatchObject({ size: 21, durable: 21 })
})
