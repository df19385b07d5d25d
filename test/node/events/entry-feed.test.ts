import { expect, test } from 'vitest'
import { decodeEntry } from '../../../src/core/entry.js'
import { Feed } from '../../../src/node/events/entry-feed.js'
import type { EntriesEvent } from '../../../src/node/api/events.js'
import { Author, openNode, TestLog } from '../../ledger/support.js'

test('subscribers of a ledger, and of all, hear the views of what was stored', async () => {
  const {
    ledgers,
    ledgers: { own }
  } = await openNode()
  const feed = new Feed({ ledgers, filtersOf: () => null, log: new TestLog() })
  const heard: [string, EntriesEvent][] = []
  feed.subscribe(own.id, (event) => {
    heard.push(['one', event])
  })
  feed.subscribe('*', (event) => {
    heard.push(['all', event])
  })
  feed.subscribe('another', (event) => {
    heard.push(['another', event])
  })
  await own.append({ stream: 's', type: 't', payload: { n: 1 } })
  expect(
    heard.map(([who, { ledger, entries }]) => [who, ledger, entries.map(({ seq, payload }) => [seq, payload])])
  ).toEqual([
    ['one', own.id, [[1, { n: 1 }]]],
    ['all', own.id, [[1, { n: 1 }]]]
  ])
})

test('a subscriber that throws harms nobody, and who has left hears nothing', async () => {
  const {
    ledgers,
    ledgers: { own }
  } = await openNode()
  const log = new TestLog()
  const feed = new Feed({ ledgers, filtersOf: () => null, log })
  const order: string[] = []
  const leave = feed.subscribe('*', () => {
    order.push('left')
  })
  feed.subscribe('*', () => {
    throw new Error('its reader is gone')
  })
  feed.subscribe('*', () => {
    order.push('subscriber')
  })
  leave()
  await own.append({ stream: 's', type: 't' })
  expect(order).toEqual(['subscriber'])
  expect(log.lines).toMatchObject([{ level: 'error', fields: { error: 'its reader is gone' } }])
})

test('of a filtered follow, what the filter leaves out is filtered, not missing', async () => {
  const { ledgers } = await openNode()
  const author = await Author.create('author')
  await author.add({ stream: 'wanted' }, 1)
  await author.add({ stream: 'other' }, 1)
  const feed = new Feed({ ledgers, filtersOf: () => ({ streams: ['wanted'] }), log: new TestLog() })
  const states: unknown[] = []
  feed.subscribe(author.id, ({ entries }) => {
    states.push(...entries.slice(1).map(({ payload_state }) => payload_state))
  })
  await (
    await ledgers.mirror(author.id)
  ).ingest(author.entries.map(({ raw }) => decodeEntry({ ...raw, payload: null })))
  expect(states).toEqual(['missing', 'filtered'])
})
