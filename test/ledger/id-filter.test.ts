import { expect, test, vi } from 'vitest'
import { IdFilter, LOOKUPS_BEFORE } from '../../src/ledger/append/id-filter.js'
import { EntryReader } from '../../src/ledger/read/entry-reader.js'
import { nameKey, ledgerRange } from '../../src/store/keys.js'
import { EMPTY } from '../../src/store/posting.js'
import { openNode } from './support.js'

const WAIT = { timeout: 15_000 }

const order = (id: string) => ({ stream: 's', type: 't', id })
const orders = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => order(`order-${from + i} é`))

test('a new ledger looks nothing up, and knows each id that it has, the genesis too', async () => {
  const node = await openNode()
  const { own } = node.ledgers
  const lookups = vi.spyOn(EntryReader.prototype, 'seqOfId')
  await own.appendBatch(orders(0, 300))
  expect(lookups).not.toHaveBeenCalled()
  const genesis = (await own.get({ seq: 0 }))!.id
  await expect(own.append({ ...order('x'), id: genesis })).rejects.toMatchObject({ code: 'ID_TAKEN' })
  expect((await own.appendBatch(orders(0, 300))).every(({ existing }) => existing)).toBe(true)
})

test('an id that is held is never passed over, whenever the filter is made', async () => {
  const first = await openNode()
  await first.ledgers.own.appendBatch(orders(0, 200))
  const node = await first.reopen() // opened with entries, it has no filter yet
  const { own } = node.ledgers
  const lookups = vi.spyOn(EntryReader.prototype, 'seqOfId')
  // the filter begins within one of these, and each of them is asked for again while it is read and after
  for (let from = 200; from < 1200; from += 100) {
    await own.appendBatch(orders(from, from + 100))
    const again = await own.appendBatch(orders(from - 100, from + 100))
    expect(again.every(({ existing }) => existing)).toBe(true)
  }
  expect(own.size).toBe(1201)
  await vi.waitFor(async () => {
    lookups.mockClear()
    await own.appendBatch(orders(own.size - 1, own.size + 99))
    expect(lookups.mock.calls.length).toBeLessThan(10)
  }, WAIT)
  await expect(own.append({ ...order('order-3 é'), type: 'other' })).rejects.toMatchObject({ code: 'ID_TAKEN' })
  const ids = await node.store.keys(ledgerRange('id', own.ledgerNumber))
  expect(ids.length).toBe(own.size)
  // an index that lacked an id is made anew: the id counts again
  const key = nameKey('id', own.ledgerNumber, 'order-7 é', 8)
  await node.store.write([{ type: 'del', key }], { sync: true })
  await own.rebuild()
  expect((await own.append(order('order-7 é'))).existing).toBe(true)
  const fresh = await node.reopen()
  expect((await fresh.ledgers.own.append(order('order-1000 é'))).existing).toBe(true)
})

test('it stops with the ledger, and without ids it holds nothing back', async () => {
  const node = await openNode()
  const { own } = node.ledgers
  const filter = new IdFilter(node.store, node.log, own.ledgerNumber)
  for (let i = 0; i <= LOOKUPS_BEFORE; i++) expect(filter.mayHold(`${i}`, own.size)).toBe(true)
  await filter.stop()
  await node.store.write([{ type: 'put', key: nameKey('id', own.ledgerNumber, 'late', 7), value: EMPTY }], {
    sync: true
  })
  expect(filter.mayHold('late', own.size)).toBe(true)
})

test('what is more than it has room for is looked up until there is a larger one', async () => {
  const node = await openNode()
  const { own } = node.ledgers
  const filter = new IdFilter(node.store, node.log, own.ledgerNumber)
  const ready = async (): Promise<void> => {
    for (let i = 0; i <= LOOKUPS_BEFORE; i++) filter.mayHold(`none ${i}`, own.size)
    await vi.waitFor(() => {
      expect(filter.mayHold('none', own.size)).toBe(false)
    }, WAIT)
  }
  await ready()
  let lost = 0
  let wrong = 0
  for (let i = 0; i < 65_000; i++) filter.add(`id ${i}`)
  for (let i = 0; i < 65_000; i++) {
    if (!filter.mayHold(`id ${i}`, own.size)) lost++
    if (filter.mayHold(`other ${i}`, own.size)) wrong++
  }
  expect(lost).toBe(0)
  expect(wrong).toBeLessThan(650)
  for (let i = 65_000; i < 66_000; i++) filter.add(`id ${i}`)
  expect(filter.mayHold('none', own.size)).toBe(true)
  await ready()
  await filter.stop()
})
