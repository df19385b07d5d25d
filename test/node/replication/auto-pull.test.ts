/** An entry that is asked for and not there: what else is held, a bounded wait for followed ledgers, never a loop. */
import { expect, test, vi } from 'vitest'
import { AutoPull, type AutoPullInit } from '../../../src/node/replication/auto-pull.js'
import { MISS_MS, Misses, MISS_MAX_MS } from '../../../src/sync/auto-pull/misses.js'
import type { LedgerEntry } from '../../../src/core/view.js'
import { Author, openNode, TestLog, type Node } from '../../ledger/support.js'
import { startNode } from '../../helpers/test-node.js'

interface Trial {
  node: Node
  author: Author
  /** Ledgers that were pulled, in order. */
  pulled: string[]
  make: (more?: Partial<AutoPullInit>) => AutoPull
}

/** The author has ten entries, of which the node holds `held`. */
async function trial(held: number): Promise<Trial> {
  const node = await openNode()
  const author = await Author.create()
  await author.addMany(9)
  const mirror = await node.ledgers.mirror(author.id)
  await mirror.ingest(author.entries.slice(0, held))
  const pulled: string[] = []
  return {
    node,
    author,
    pulled,
    make: (more = {}) =>
      new AutoPull({
        ledgers: node.ledgers,
        follows: { list: () => [author.id], has: (id) => id === author.id },
        isBehind: ({ size }) => size < 10,
        pull: async (ledger) => {
          pulled.push(ledger.id)
          await mirror.ingest(author.entries.slice(mirror.size))
        },
        budgetMs: 250,
        clock: node.clock,
        log: new TestLog(),
        ...more
      })
  }
}

test('own first, then what else is held: by hash, and by id; a place is looked for nowhere', async () => {
  const { node, author, make, pulled } = await trial(10)
  const puller = make()
  const { entry } = await node.ledgers.own.append({ stream: 's', type: 't', id: 'mine' })
  expect(await puller.find({ id: 'mine' }, null)).toMatchObject({ hash: entry.hash })
  const theirs = author.entries[7]!
  expect(await puller.find({ hash: theirs.hash }, null)).toMatchObject({ ledger: author.id, seq: 7 })
  expect(await puller.find({ id: theirs.header.id }, null)).toMatchObject({ ledger: author.id, seq: 7 })
  expect(await puller.find({ hash: theirs.hash }, author.id)).toMatchObject({ seq: 7 })
  expect(await puller.find({ seq: 7 }, null)).toBeNull()
  expect(await puller.find({ hash: entry.hash }, author.id)).toBeNull()
  // none that is followed has more, and the one that was named was asked
  expect(pulled).toEqual([author.id])
})

test('a followed ledger that has more is pulled, once for all who ask; what it brings is the answer', async () => {
  const { author, make, pulled } = await trial(5)
  const puller = make()
  const asked = Array.from({ length: 20 }, () => puller.find({ hash: author.entries[8]!.hash }, null))
  expect((await Promise.all(asked)).map((entry) => entry?.seq)).toEqual(Array.from({ length: 20 }, () => 8))
  expect(pulled).toEqual([author.id])
})

test('the wait is bounded, eight are looked for at once, and a miss is not asked for again before its time', async () => {
  const { node, author, make } = await trial(5)
  const { promise: never } = Promise.withResolvers<void>()
  let pulls = 0
  const puller = make({
    pull: async () => {
      pulls++
      await never
    }
  })
  const asked = Array.from({ length: 8 }, (_, i) => puller.find({ id: `x${i}` }, null))
  await vi.waitFor(() => {
    expect(pulls).toBe(8)
  })
  expect(await puller.find({ id: 'x8' }, null)).toBeNull()
  node.clock.pass(250)
  expect(await Promise.all(asked)).toEqual(Array.from({ length: 8 }, () => null))
  expect(await puller.find({ id: 'x1' }, null)).toBeNull()
  expect(pulls).toBe(8)
  // more of a ledger is stored: it may be there now
  await node.ledgers.get(author.id)!.ingest(author.entries.slice(5, 6))
  const again = puller.find({ id: 'x1' }, null)
  await vi.waitFor(() => {
    expect(pulls).toBe(9)
  })
  puller.stop()
  expect(await again).toBeNull()
})

test('nobody follows it: whoever answers for other ledgers is asked, and left alone when the time is over', async () => {
  const { node, make } = await trial(10)
  const puller = make()
  const signals: AbortSignal[] = []
  puller.useRemote((key, ledger, signal) => {
    signals.push(signal)
    return 'id' in key && key.id === 'far'
      ? Promise.resolve({ id: 'far', ledger } as unknown as LedgerEntry)
      : new Promise(() => {})
  })
  expect(await puller.find({ id: 'far' }, null)).toMatchObject({ id: 'far' })
  const late = puller.find({ id: 'nowhere' }, null)
  await vi.waitFor(() => {
    expect(signals).toHaveLength(2)
  })
  node.clock.pass(250)
  expect(await late).toBeNull()
  expect(signals.map(({ aborted }) => aborted)).toEqual([true, true])
})

test('misses last longer each time, and go when their ledger grows', () => {
  const misses = new Misses()
  let now = 0
  for (let waitMs = MISS_MS; waitMs <= MISS_MAX_MS; waitMs *= 2) {
    misses.missed('b', 'x', now)
    expect([misses.isFresh('b', 'x', now + waitMs - 1), misses.isFresh('b', 'x', now + waitMs)]).toEqual([true, false])
    now += waitMs
  }
  misses.missed('b', 'x', now)
  misses.missed('', 'y', now)
  misses.missed('c', 'x', now)
  misses.grown('b')
  expect([misses.isFresh('b', 'x', now), misses.isFresh('', 'y', now), misses.isFresh('c', 'x', now)]).toEqual([
    false,
    false,
    true
  ])
})

test('between nodes: get of the own ledger and of a mirror finds what was appended a moment ago', async () => {
  const author = await startNode({ name: 'author' })
  const reader = await startNode({ name: 'reader', sync: { autoPull: { budgetMs: 2_000 } } })
  await reader.connect(author.addr)
  await reader.sync.follow(author.id)
  await reader.synced(author.id, 1)
  const { entry } = await author.ledger.append({ stream: 's', type: 't', id: 'new', payload: 1 })
  expect(await reader.ledger.get({ hash: entry.hash }, author.id)).toMatchObject({ seq: 1 })
  expect(await reader.ledger.get('new')).toMatchObject({ ledger: author.id, payload: 1 })
  expect(await reader.ledger.get('nowhere')).toBeNull()
  const plain = await startNode({ name: 'plain' })
  expect(await plain.ledger.get('new')).toBeNull()
  expect([...reader.errors(), ...author.errors()]).toEqual([])
})

test('of a ledger that is not held, others are asked: by hash and by id, with its proof', async () => {
  const author = await startNode({ name: 'author' })
  const { entry } = await author.ledger.append({ stream: 's', type: 't', id: 'far', payload: 1 })
  const reader = await startNode({ name: 'reader', sync: { autoPull: { budgetMs: 2_000 } } })
  await reader.connect(author.addr)
  await vi.waitFor(
    () => {
      expect(reader.peerNetwork.connections.peers()).toMatchObject([{ ledger: author.id }])
    },
    { timeout: 15_000 }
  )
  expect(await reader.ledger.get({ hash: entry.hash }, author.id)).toMatchObject({ seq: 1, ledger: author.id })
  expect(await reader.ledger.get('far', author.id)).toMatchObject({ hash: entry.hash })
  expect(reader.mirror(author.id)).toBeUndefined()
  const plain = await startNode({ name: 'plain' })
  await expect(plain.ledger.get('far', author.id)).rejects.toMatchObject({ code: 'NOT_FOUND' })
})

test.each([
  { autoPull: { budgetMs: 0 } },
  { autoPull: { budgetMs: 2_001 } },
  { autoSync: { replicas: -1 } },
  { autoSync: { timeoutMs: 0 } }
])('options that are none: %j', async (sync) => {
  await expect(startNode({ sync })).rejects.toMatchObject({ code: 'INVALID_PARAMS' })
})
