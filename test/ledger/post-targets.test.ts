/** A store that was written before there was an index by reference gets it: killed at every write, and run again. */
import { join } from 'node:path'
import { Level } from 'level'
import { expect, test, vi } from 'vitest'
import type { Reference } from '../../src/core/reference.js'
import { runFsck } from '../../src/ledger/fsck/run-fsck.js'
import { familyRange } from '../../src/store/keys.js'
import { VERSION_KEY } from '../../src/store/migrations.js'
import { openStore } from '../../src/store/store.js'
import { Author, openNode, TestLog } from './support.js'

const LEDGER = `b${'c'.repeat(51)}a`
const to = (entryId: string): Reference => ({
  ledgerId: LEDGER,
  entryId,
  entryHash: null,
  referenceType: 'source'
})

test('it is what it would have been', async () => {
  const node = await openNode()
  const author = await Author.create()
  await author.addMany(9000, (seq) => ({
    meta: seq % 3 === 0 ? { crossLedgerRefs: [to(`entry-${seq % 7}`), to('twice'), to('twice')] } : {}
  }))
  const mirror = await node.ledgers.mirror(author.id)
  for (let from = 0; from < author.entries.length; from += 700)
    await mirror.ingest(author.entries.slice(from, from + 700))
  await node.close()
  const dir = join(node.dir, 'db')

  const db = new Level<Buffer, Buffer>(dir, { keyEncoding: 'buffer', valueEncoding: 'buffer' })
  const { gte, lt } = familyRange('target')
  await db.clear({ gte: Buffer.from(gte), lt: Buffer.from(lt) })
  await db.put(VERSION_KEY, Buffer.from('5'))
  await db.close()
  expect(
    (await runFsck(dir, { log: new TestLog(), markFile: join(node.dir, 'signer.json'), rebuild: false })).found
  ).not.toMatchObject({ damage: [] })

  const { batch } = Level.prototype as unknown as { batch: (this: unknown, ...given: unknown[]) => unknown }
  let kills = 0
  for (;;) {
    let writes = 0
    const spy = vi.spyOn(Level.prototype, 'batch').mockImplementation(function (this: unknown, ...args: unknown[]) {
      return writes++ < kills ? batch.apply(this, args) : Promise.reject(new Error('killed'))
    } as never)
    const opened = await openStore(dir, { log: new TestLog() }).catch((error: Error) => {
      if (error.message !== 'killed') throw error
      return null
    })
    spy.mockRestore()
    if (opened !== null) {
      await opened.close()
      break
    }
    kills++
  }
  // Each start got one write further than the one before it: past the index's three parts, then past versions.
  expect(kills).toBeGreaterThanOrEqual(5)
  expect(
    (await runFsck(dir, { log: new TestLog(), markFile: join(node.dir, 'signer.json'), rebuild: false })).found.damage
  ).toEqual([])
  const again = await openNode({ dir: node.dir })
  const page = await again.ledgers
    .get(author.id)!
    .query({ refers_to: { ledger: LEDGER, entry_id: 'entry-3' }, limit: 1000 })
  expect(page.entries.map(({ seq }) => seq)).toEqual(
    author.entries.map(({ header }) => header.seq).filter((seq) => seq > 0 && seq % 3 === 0 && seq % 7 === 3)
  )
})
