import { expect, test } from 'vitest'
import { Follows } from '../../src/node/replication/follows.js'
import { ledgerKey } from '../../src/store/keys.js'
import { Author, openNode } from '../ledger/support.js'

test.for([
  '{',
  'null',
  '[]',
  '{"filters":5,"paused":false}',
  '{"filters":{"streams":"s"},"paused":false}',
  '{"filters":null}'
])('settings that became %s are logged, and stop no other follow', async (damaged) => {
  const { ledgers, store, log } = await openNode()
  const [broken, sound] = await Promise.all(
    ['broken', 'sound'].map(async (name) => await ledgers.mirror((await Author.create(name)).id))
  )
  const before = await Follows.load(ledgers, log)
  for (const mirror of [broken!, sound!]) await before.save(mirror, { filters: { streams: ['s'] }, paused: true })
  await store.write([{ type: 'put', key: ledgerKey('follow', broken!.ledgerNumber), value: Buffer.from(damaged) }], {
    sync: true
  })
  const after = await Follows.load(ledgers, log)
  expect(after.list()).toEqual([sound!.id])
  expect(after.get(sound!.id)).toEqual({ filters: { streams: ['s'] }, paused: true })
  expect(log.lines.filter(({ level }) => level === 'error')).toMatchObject([{ fields: { ledger: broken!.id } }])
})
