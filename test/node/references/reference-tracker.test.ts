import { expect, test } from 'vitest'
import type { NetworkChange } from '../../../src/node/api/events.js'
import type { WaitingReference } from '../../../src/node/references/reference-book.js'
import { ReferenceTracker } from '../../../src/node/references/reference-tracker.js'
import type { ReferenceStatus } from '../../../src/references/types.js'
import { FAMILY } from '../../../src/store/keys.js'
import { referenceKey } from '../../../src/store/reference-keys.js'
import type { RowRange } from '../../../src/store/store.js'
import { freezeAt } from '../../helpers/freeze-at.js'
import { Author, openNode, TestLog, type Node } from '../../ledger/support.js'
import { MemoryStore } from '../../store/memory-store.js'

const HOUR_MS = 60 * 60_000

interface Tracked {
  node: Node
  store: MemoryStore
  log: TestLog
  events: NetworkChange[]
  tracker: ReferenceTracker
  /** What references are worth, by the ids of the entries that have them, when all is looked at. */
  states: (one?: ReferenceTracker) => Promise<Record<string, ReferenceStatus>>
  /** A tracker over the same store, as after a restart. */
  again: (track?: 'own' | 'all') => ReferenceTracker
}

async function setup(track: 'own' | 'all' = 'own'): Promise<Tracked> {
  const store = new MemoryStore()
  const node = await openNode({ store })
  const log = new TestLog()
  const events: NetworkChange[] = []
  const again = (whose: 'own' | 'all' = track): ReferenceTracker =>
    new ReferenceTracker({
      store,
      ledgers: node.ledgers,
      clock: node.clock,
      log,
      track: whose,
      publish: (change) => events.push(change)
    })
  const tracker = again()
  const states = async (one = tracker): Promise<Record<string, ReferenceStatus>> => {
    one.wake()
    await one.caughtUp()
    const found: Record<string, ReferenceStatus> = {}
    for (const ledger of one.tracked()) {
      const { found: rows } = await one.book.list(ledger.ledgerNumber, null, { seq: 0, index: 0 }, 1_000)
      for (const { place, row } of rows) found[(await ledger.reader.one(place.seq))!.header.id] = row.status
      const counted = Object.values(one.book.counts(ledger.ledgerNumber)).reduce((sum, count) => sum + count, 0)
      expect(counted).toBe(rows.length)
    }
    return found
  }
  return { node, store, log, events, tracker, states, again }
}

async function refer(
  { ledgers }: Node,
  id: string,
  ledgerId: string,
  entryId: string,
  entryHash?: string
): Promise<void> {
  const references = [{ ledgerId, entryId, referenceType: 'source' as const, ...(entryHash && { entryHash }) }]
  await ledgers.own.append({ id, stream: 's', type: 't', references }, { allowUnresolved: true })
}

/** The ledger is held here; audited as far as it says. */
async function hold({ ledgers }: Node, author: Author, audited = author.entries.length) {
  const mirror = await ledgers.mirror(author.id)
  if (mirror.size < author.entries.length) await mirror.ingest(author.entries.slice(mirror.size))
  await mirror.setAudited(audited)
  return mirror
}

test('what is not audited proves nothing; what is, does at once, also by id (I3)', async () => {
  const { node, events, states } = await setup()
  const author = await Author.create()
  const one = await author.add({ id: 'one' })
  await refer(node, 'by-id', author.id, 'one')
  await refer(node, 'by-hash', author.id, 'one', one.hash)
  await refer(node, 'wrong-id', author.id, 'two', one.hash)
  await refer(node, 'later', author.id, 'three')
  expect(new Set(Object.values(await states()))).toEqual(new Set(['unresolved']))
  await hold(node, author, 1)
  expect(await states()).toMatchObject({ 'by-id': 'unresolved', 'by-hash': 'unresolved' })
  await hold(node, author)
  expect(await states()).toEqual({
    'by-id': 'verified',
    'by-hash': 'verified',
    'wrong-id': 'contradicted',
    later: 'unresolved'
  })
  expect(events).toHaveLength(3)
  expect(events).toContainEqual(
    expect.objectContaining({
      kind: 'reference',
      was: 'unresolved',
      status: 'verified',
      to: { ledger: author.id, id: 'one', hash: null }
    })
  )
})

test('that a reference was fine, or open, when it was first looked at is no news', async () => {
  const { node, events, states } = await setup()
  const author = await Author.create()
  await author.add({ id: 'one' })
  await hold(node, author)
  await refer(node, 'fine', author.id, 'one')
  await refer(node, 'open', author.id, 'two')
  expect([await states(), events]).toEqual([{ fine: 'verified', open: 'unresolved' }, []])
})

test('a freeze makes disputed what is behind it, and no more; a ledger that is held no more leaves it open', async () => {
  const { node, states } = await setup()
  const author = await Author.create()
  await author.add({ id: 'one' })
  await author.add({ id: 'two' })
  const mirror = await hold(node, author)
  await refer(node, 'below', author.id, 'one')
  await refer(node, 'behind', author.id, 'two')
  expect(await states()).toEqual({ below: 'verified', behind: 'verified' })
  await freezeAt(mirror, 2, Buffer.from('evidence'))
  expect(await states()).toEqual({ below: 'verified', behind: 'disputed' })
  await node.ledgers.remove(author.id)
  expect(await states()).toEqual({ below: 'unresolved', behind: 'unresolved' })
})

test('own references alone are kept, or those of all that are held, and of a ledger that is gone none', async () => {
  for (const track of ['own', 'all'] as const) {
    const { node, states, tracker } = await setup(track)
    const [author, target] = [await Author.create('author'), await Author.create('target')]
    const reference = { ledgerId: target.id, entryId: 'x', entryHash: null, referenceType: 'source' }
    await author.add({ id: 'theirs', meta: { crossLedgerRefs: [reference] } })
    await hold(node, author)
    await refer(node, 'ours', target.id, 'x')
    const ours = { ours: 'unresolved' }
    expect(await states()).toEqual(track === 'own' ? ours : { ...ours, theirs: 'unresolved' })
    await node.ledgers.remove(author.id)
    expect([await states(), await tracker.book.isAwaited(target.id)]).toEqual([ours, true])
  }
})

test('what was shown elsewhere is kept as proved, until it is held here; and only if nothing else was found meanwhile', async () => {
  const { node, tracker, states } = await setup()
  const author = await Author.create()
  const one = await author.add({ id: 'one' })
  await refer(node, 'ref', author.id, 'one', one.hash)
  await states()
  const { value } = await tracker.book.waiting(author.id).next()
  const [waiting] = value as [WaitingReference]
  const [{ place, reference, before }] = (await tracker.at([waiting.place])) as [
    Awaited<ReturnType<typeof tracker.at>>[number]
  ]
  const change = { place, reference, before, after: { status: 'proved' as const, asOf: 2, since: 1 } }
  await tracker.found([change, change])
  expect(await states()).toEqual({ ref: 'proved' })
  tracker.review()
  expect(await states(), 'nobody here knows better').toEqual({ ref: 'proved' })
  await hold(node, author)
  expect(await states()).toEqual({ ref: 'verified' })
  await tracker.found([change])
  expect(await states(), 'that was found before').toEqual({ ref: 'verified' })
  await tracker.stop()
})

test('after an unclean stop all is looked at again, after a clean one nothing; both know the same', async () => {
  const { node, store, states, tracker, again } = await setup()
  const author = await Author.create()
  await author.add({ id: 'one' })
  await hold(node, author)
  await refer(node, 'ref', author.id, 'one')
  await refer(node, 'open', author.id, 'two')
  await states()
  await tracker.stop()
  const { size } = node.ledgers.own
  expect(await tracker.book.looked(node.ledgers.own.ledgerNumber)).toBe(size)
  const { writes } = store
  const clean = again()
  clean.wake()
  await clean.caughtUp()
  expect([store.writes, clean.isCaughtUp, await clean.book.isAwaited(author.id)]).toEqual([writes, true, true])
  await clean.stop()
  store.wasClean = false
  const place = { ledgerNumber: node.ledgers.own.ledgerNumber, seq: size - 2, index: 0 }
  await store.write([{ type: 'del', key: referenceKey(place) }])
  const unclean = again()
  unclean.wake()
  await unclean.caughtUp()
  expect((await unclean.book.rowsAt([place]))[0]).toMatchObject({ status: 'verified' })
  expect(unclean.book.counts(place.ledgerNumber)).toMatchObject({ verified: 1, unresolved: 1 })
  await unclean.stop()
})

test('one that stops in the middle writes down that it has to begin anew', async () => {
  const { node, tracker, states } = await setup()
  const author = await Author.create()
  await refer(node, 'ref', author.id, 'one')
  await states()
  await hold(node, author)
  await node.ledgers.remove(author.id)
  await tracker.stop()
  expect(await tracker.book.looked(node.ledgers.own.ledgerNumber)).toBe(0)
})

test('entries without references cost nothing to read, and are counted as looked at', async () => {
  const { node, tracker, states, store } = await setup()
  await states()
  let ranges = 0
  const { own } = node.ledgers
  const range = own.range.bind(own)
  own.range = async (...given) => {
    ranges++
    return await range(...given)
  }
  for (let n = 0; n < 50; n++) await own.append({ stream: 's', type: 't' })
  await tracker.caughtUp()
  expect([ranges, tracker.isCaughtUp]).toEqual([0, true])
  await tracker.stop()
  expect(await tracker.book.looked(own.ledgerNumber)).toBe(own.size)
  expect(store.failed).toBe(false)
})

test('a row that cannot be read is said, with its ledger, and looking goes on', async () => {
  const { node, store, log, states, tracker } = await setup()
  const [author, other] = [await Author.create('a'), await Author.create('b')]
  await author.add({ id: 'one' })
  await other.add({ id: 'one' })
  await refer(node, 'ref', author.id, 'one')
  await refer(node, 'also', other.id, 'one')
  await states()
  const place = { ledgerNumber: node.ledgers.own.ledgerNumber, seq: 1, index: 0 }
  await store.write([{ type: 'put', key: referenceKey(place), value: Buffer.from('damage') }])
  await hold(node, author)
  await hold(node, other)
  tracker.wake()
  await tracker.caughtUp()
  expect(log.lines.map(({ fields }) => [fields.event, fields.ledger])).toContainEqual([
    'references.ledger-damaged',
    author.id
  ])
  expect((await tracker.book.rowsAt([{ ...place, seq: 2 }]))[0]).toMatchObject({ status: 'verified' })
})

test('all that is open is looked at again every hour', async () => {
  const { node, tracker, states } = await setup()
  const author = await Author.create()
  await refer(node, 'ref', author.id, 'one')
  await states()
  let wakes = 0
  const wake = tracker.wake.bind(tracker)
  tracker.wake = () => {
    wakes++
    wake()
  }
  tracker.review()
  node.clock.pass(HOUR_MS - 1)
  expect(wakes).toBe(1)
  node.clock.pass(1)
  expect(wakes).toBe(2)
  await tracker.stop()
  node.clock.pass(HOUR_MS)
  expect(wakes).toBe(2)
})

test('however many ledgers others name, a wake looks at those alone that are held and have something new', async () => {
  const { node, tracker, states, store } = await setup('all')
  const author = await Author.create('author')
  const named = await Promise.all(Array.from({ length: 40 }, (_, n) => Author.create(`named ${n}`)))
  for (const { id: ledgerId } of named)
    await author.add({
      id: ledgerId,
      meta: { crossLedgerRefs: [{ ledgerId, entryId: 'x', entryHash: null, referenceType: 'source' }] }
    })
  await hold(node, author)
  await states()
  const read: string[] = []
  for (const name of ['keys', 'rows', 'all']) {
    const given = Reflect.get(store, name) as (range: RowRange) => unknown
    Reflect.set(store, name, (range: RowRange) => {
      if (range.gte[0] === FAMILY.refWait) read.push(Buffer.from(range.gte).toString('latin1', 1, 54))
      return given.call(store, range)
    })
  }
  for (let n = 0; n < 10; n++) await node.ledgers.own.append({ stream: 's', type: 't' })
  await tracker.caughtUp()
  expect(read).toEqual([])
  await named[0]!.add({ id: 'x' })
  await hold(node, named[0]!)
  await tracker.caughtUp()
  expect(new Set(read)).toEqual(new Set([named[0]!.id]))
  expect(await states()).toMatchObject({ [named[0]!.id]: 'verified', [named[1]!.id]: 'unresolved' })
  await tracker.stop()
})

test('what was tracked for a while and is not any more begins anew when it is tracked again', async () => {
  const { node, tracker, states, again, store } = await setup('all')
  const [author, target] = [await Author.create('author'), await Author.create('target')]
  const crossLedgerRefs = [{ ledgerId: target.id, entryId: 'x', entryHash: null, referenceType: 'source' }]
  await author.add({ id: 'theirs', meta: { crossLedgerRefs } })
  await hold(node, author)
  expect(await states()).toEqual({ theirs: 'unresolved' })
  await tracker.stop()
  const own = again('own')
  own.wake()
  await own.caughtUp()
  expect(await own.book.isAwaited(target.id)).toBe(false)
  await own.stop()
  await target.add({ id: 'x' })
  await hold(node, target)
  expect(await states(again('all'))).toEqual({ theirs: 'verified' })
  expect(store.failed).toBe(false)
})
