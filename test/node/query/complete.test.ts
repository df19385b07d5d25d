/** Ledgers too large to be shown as a whole: what their index proves, and what remains without one. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { verifyAnswer } from '../../../src/core/verify-answer.js'
import { INDEX_TYPE } from '../../../src/core/lmx1/index-entry.js'
import { signed, startNode, type TestNode } from '../../helpers/test-node.js'
import { stopAll } from '../../network/fixture.js'
import { runChecker, whyNoChecker } from '../../checker/python.js'

afterEach(stopAll)

const ENTRIES = 1400
const RARE = 400

async function author(index: 'off' | 'own'): Promise<TestNode> {
  const node = await startNode({ name: index, interoperability: { index } })
  await node.ledger.appendBatch(
    Array.from({ length: ENTRIES }, (_, at) => ({
      stream: at % 2 === 0 ? 'even' : 'odd',
      type: 'note',
      subject_oid: at % RARE === 7 ? 'oid:rare' : `oid:${at % 90}`,
      payload: { at }
    }))
  )
  const named = index === 'own' ? 1 : 0
  await expect.poll(async () => (await node.ledger.query({ type: INDEX_TYPE })).entries.length).toBe(named)
  await signed(node)
  return node
}

test('what is there, and that nothing else is: by the index of the author; without one it is not said', async () => {
  const [indexed, plain, asker] = [await author('own'), await author('off'), await startNode({ name: 'asker' })]
  for (const node of [indexed, plain]) await asker.connect(node.addr)
  const ask = asker.ledger.plugins.interoperability
  for (const order of ['asc', 'desc'] as const) {
    const filters = { subject_oid: 'oid:rare' }
    const answer = await ask.query({ filters, order, ledgers: [indexed.id], file: true, need: 'complete' })
    expect(answer).toMatchObject({ complete: true, hasMore: false })
    expect(answer.sources).toMatchObject([{ state: 'proved', by: 'author', entries: 4 }])
    const seqs = answer.results[0]!.entries.map(({ payload }) => (payload as { at: number }).at)
    expect(seqs).toEqual(order === 'asc' ? [7, 407, 807, 1207] : [1207, 807, 407, 7])
    const text = JSON.stringify(answer.file)
    expect(await verifyAnswer(text)).toMatchObject({ proved: true, sources: [{ by: 'author' }] })
    if (whyNoChecker() !== null) continue
    const path = join(asker.dataDir, 'answer.json')
    writeFileSync(path, text)
    expect(await runChecker([path])).toMatchObject([{ verdict: 'valid' }])
  }
  const none = await ask.query({ filters: { subject_oid: 'nobody' }, ledgers: [indexed.id], file: true })
  expect(none).toMatchObject({ complete: true, results: [], sources: [{ state: 'proved', by: 'author' }] })
  expect(JSON.stringify(none.file).length).toBeLessThan(16 * 1024)
  const page = await ask.query({ filters: { subject_oid: 'oid:5' }, ledgers: [indexed.id], limit: 8 })
  expect(page.sources).toMatchObject([{ state: 'proved', by: 'author', entries: 8, hasMore: true }])
  const next = await ask.query({
    filters: { subject_oid: 'oid:5' },
    ledgers: [indexed.id],
    limit: 8,
    cursor: page.nextCursor!
  })
  expect(next.sources).toMatchObject([{ state: 'proved', by: 'author' }])
  expect(next.aggregated[0]!.seq).toBeGreaterThan(page.aggregated.at(-1)!.seq)

  const without = await ask.query({ filters: { subject_oid: 'oid:rare' }, ledgers: [plain.id] })
  expect(without).toMatchObject({ complete: false, sources: [{ state: 'included', by: null, entries: 4 }] })
  // The own node answers from what it holds, and its file proves it by the index, too.
  const own = await indexed.ledger.plugins.interoperability.query({
    filters: { subject_oid: 'oid:rare' },
    ledgers: [indexed.id],
    file: true
  })
  expect(own).toMatchObject({ complete: true, sources: [{ state: 'own', by: 'chain', entries: 4 }] })
  expect(await verifyAnswer(JSON.stringify(own.file))).toMatchObject({ proved: true })

  // A mirror that keeps the indexes of others serves by the author's, when he is gone.
  const mirror = await startNode({ name: 'mirror', interoperability: { index: 'all' } })
  await mirror.connect(indexed.addr)
  await mirror.sync.follow(indexed.id)
  const { own: authors } = indexed.ledger.parts.ledgers
  await mirror.synced(indexed.id, authors.size)
  await mirror.mirror(indexed.id).putCheckpoint(authors.checkpoint()!)
  await ask.query({ filters: { subject_oid: 'oid:rare' }, ledgers: [indexed.id] }) // its owner vouches for the newest
  await indexed.close()
  await asker.connect(mirror.addr)
  const mirrored = { filters: { subject_oid: 'oid:rare' }, ledgers: [indexed.id] }
  await expect
    .poll(async () => (await ask.query(mirrored)).sources[0])
    .toMatchObject({ state: 'proved', by: 'author', entries: 4, asked: [{ peer: mirror.peerId, outcome: 'answered' }] })
  expect([indexed, plain, asker, mirror].flatMap((node) => node.errors())).toEqual([])
})
