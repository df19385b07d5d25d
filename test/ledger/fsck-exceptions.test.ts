/** fsck and what is noted of single entries: the row is the truth, the lists of it are made anew (I8). */
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { exceptionKey, exceptionOps } from '../../src/store/exception-rows.js'
import { familyRange, ledgerRange } from '../../src/store/keys.js'
import { openStoreAsIs } from '../../src/store/store.js'
import { change, fsck, home, keepHome } from './fsck-home.js'
import { TestLog } from './support.js'

keepHome()

test('entries that were not synced: the lists of them follow from the rows, and are made anew', async () => {
  const at = await home()
  const place = { ledgerNumber: at.n, direction: 'inbound', remote: 0 } as const
  const row = {
    status: 'failed',
    code: 17,
    attempts: 1,
    last: 5,
    next: 9,
    created: 3,
    updated: 5,
    check: 'ab'.repeat(8)
  } as const
  const [good, listless, unlisted] = [3, 4, 5].map((seq) => exceptionOps(place, seq, null, row))
  await change(at, [
    ...good!,
    ...listless!.slice(0, 1),
    ...unlisted!.slice(1),
    { type: 'put', key: exceptionKey(place, 6), value: Buffer.from('x') },
    ...exceptionOps({ ...place, ledgerNumber: 77 }, 1, null, row).slice(1)
  ])
  const report = await fsck(at)
  expect(Object.fromEntries(report.found.counts.map(({ kind, count }) => [kind, count]))).toEqual({
    'missing-index': 2,
    'unreadable-flow': 1,
    'wrong-index': 4
  })
  expect(await fsck(at, true)).toMatchObject({ clean: true })
  const store = await openStoreAsIs(join(at.node.dir, 'db'), { log: new TestLog() })
  expect(await store.keys(ledgerRange('syncState', at.n))).toEqual([3, 4].map((seq) => exceptionKey(place, seq)))
  expect((await store.keys(familyRange('syncByStatus'))).length).toBe(2)
  expect((await store.keys(familyRange('syncDue'))).length).toBe(2)
  await store.close()
})
