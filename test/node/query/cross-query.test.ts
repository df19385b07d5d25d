import { expect, test } from 'vitest'
import type { LedgerEntry } from '../../../src/core/view.js'
import type { NetworkQuestion } from '../../../src/node/api/query.js'
import { CrossQuery, type CrossQueryInit } from '../../../src/node/query/cross-query.js'
import type { PageRequest } from '../../../src/query/types.js'
import { TestClock } from '../../ledger/support.js'

const ROOT = 'ab'.repeat(32)
const MAX_ANSWER_SOURCES = 256
const name = (n: number): string => `b${String.fromCharCode(97 + (n >> 4)).repeat(50)}${'abcdefghijklmnop'[n & 15]!}a`
const [OWN, A, B] = [name(0), name(1), name(2)] as const

/** What each ledger holds: timestamps of its entries, all of which match. */
type World = Record<string, number[]>

interface Some {
  world?: World
  known?: string[]
  trust?: Record<string, number>
  /** Of these somebody is at hand, who answers so. */
  peers?: Record<string, 'denied' | 'timeout'>
  behind?: string[]
  slow?: boolean
}

function setup({ world = { [OWN]: [1] }, known = Object.keys(world), trust = {}, ...some }: Some = {}) {
  const { peers = {}, behind = [], slow = false } = some
  const clock = new TestClock()
  const asked: string[] = []
  const reads: { ledger: string; request: PageRequest }[] = []
  const waiting: (() => void)[] = []
  const ledgers = new Map(
    Object.entries(world).map(([id, entries]) => [
      id,
      { id, own: id === OWN, chain: { name: `name of ${id}`, access: 'public' }, visible: entries.length }
    ])
  )
  const cross = new CrossQuery({
    network: 'test',
    ledgers: { own: { id: OWN }, list: () => [...ledgers.values()], get: (id: string) => ledgers.get(id) },
    trustMilli: (ledger: string) => trust[ledger] ?? 0,
    known: () => known,
    isSynced: (ledger: string) => !behind.includes(ledger),
    candidates: {
      of: (ledger: string) =>
        peers[ledger] === undefined
          ? []
          : [{ peer: 'p', isOwner: true, isConnected: true, trustMilli: 0, latencyMs: 1, success: 1 }],
      look: async () => []
    },
    light: { of: () => null, load: async () => undefined },
    clock,
    steady: clock,
    run: {
      stopping: new AbortController().signal,
      peers: {
        ask: async (_peer: string, { ledger }: { ledger: string }) => {
          asked.push(ledger)
          return { kind: 'failed', outcome: peers[ledger] }
        }
      },
      local: {
        read: async ({ id }: { id: string }, { order }: { order: string }, request: PageRequest) => {
          reads.push({ ledger: id, request })
          if (slow) await new Promise<void>((resolve) => waiting.push(resolve))
          const all = world[id]!.map((timestamp, seq) => ({ ledger: id, seq, timestamp, payload_state: 'present' }))
          const span = all.slice(request.from, request.to ?? all.length)
          const found = (order === 'asc' ? span : span.toReversed()).slice(0, request.limit)
          const last = found.at(-1)?.seq ?? 0
          const next = found.length === span.length ? null : order === 'asc' ? last + 1 : last
          return {
            page: { count: found.length, bytes: 1, next, size: all.length, root: ROOT, behind: false, frozen: false },
            entries: found as unknown as LedgerEntry[],
            reply: null
          }
        }
      }
    }
  } as unknown as CrossQueryInit)
  const release = (): void => {
    for (const resolve of waiting.splice(0)) resolve()
  }
  return { cross, clock, asked, reads, release }
}

test.each<[string, object]>([
  ['no ledgers', { ledgers: [] }],
  ['what is no ledger', { ledgers: ['x'] }],
  ['a choice that there is not', { ledgers: 'all' }],
  ['more trust than there is', { minTrustMilli: 1001 }],
  ['half a trust', { minTrustMilli: 0.5 }],
  ['an order that there is not', { order: 'up' }],
  ['no entries', { limit: 0 }],
  ['too many entries', { limit: 513 }],
  ['no time', { deadlineMs: 0 }],
  ['more time than a minute', { deadlineMs: 60_001 }],
  ['a need that there is not', { need: 'all' }],
  ['a file that is text', { file: 'yes' }],
  ['a name that is misspelt', { minTrust: 5 }],
  ['a filter that there is not', { filters: { subject: 'x' } }],
  [
    'more ledgers than are asked at once',
    { ledgers: Array.from({ length: MAX_ANSWER_SOURCES + 1 }, (_, n) => name(n)) }
  ]
])('a question with %s is refused, and nobody asked', async (_what, question) => {
  const { cross, reads } = setup()
  await expect(cross.query(question as NetworkQuestion)).rejects.toMatchObject({ code: 'INVALID_PARAMS' })
  expect(reads).toEqual([])
})

test('a cursor belongs to its question', async () => {
  const { cross } = setup({ world: { [OWN]: [1, 2, 3] } })
  const { nextCursor: cursor } = await cross.query({ limit: 1 })
  for (const other of [{ order: 'desc' }, { ledgers: 'held' }, { minTrustMilli: 1 }, { filters: { stream: 's' } }])
    await expect(cross.query({ ...other, cursor } as NetworkQuestion)).rejects.toMatchObject({ code: 'CURSOR_INVALID' })
  await expect(cross.query({ cursor: 'x' })).rejects.toMatchObject({ code: 'CURSOR_INVALID' })
  expect(await cross.query({ limit: 9, cursor: cursor! })).toMatchObject({ hasMore: false })
})

test('pages together are everything, in either order; on one page by time, then ledger, then place', async () => {
  const world = { [OWN]: [5, 5, 9], [A]: [5, 1], [B]: [] }
  for (const order of ['asc', 'desc'] as const) {
    const { cross } = setup({ world })
    const seen: string[] = []
    let cursor: string | undefined
    do {
      const answer = await cross.query({ order, limit: 1, cursor })
      seen.push(...answer.aggregated.map(({ ledger, seq }) => `${ledger} ${seq}`))
      cursor = answer.nextCursor ?? undefined
    } while (cursor !== undefined)
    expect(seen.toSorted()).toEqual([`${OWN} 0`, `${OWN} 1`, `${OWN} 2`, `${A} 0`, `${A} 1`].toSorted())
  }
  const { aggregated } = await setup({ world }).cross.query()
  expect(aggregated.map(({ ledger, seq, timestamp }) => [timestamp, ledger, seq])).toEqual([
    [1, A, 1],
    [5, OWN, 0],
    [5, OWN, 1],
    [5, A, 0],
    [9, OWN, 2]
  ])
})

test('which ledgers: those given, once each; those held that have entries; those known; and only what is trusted, or own', async () => {
  const { cross } = setup({
    world: { [OWN]: [1], [A]: [1], [B]: [] },
    known: [OWN, A, B],
    trust: { [A]: 500 },
    peers: { [B]: 'denied' }
  })
  const chosen = async (question: NetworkQuestion): Promise<string[]> =>
    (await cross.query(question)).sources.map(({ ledger }) => ledger)
  expect(await chosen({ ledgers: [A, OWN, A] })).toEqual([OWN, A])
  expect(await chosen({ ledgers: 'held' })).toEqual([OWN, A])
  expect(await chosen({})).toEqual([OWN, A, B])
  expect(await chosen({ minTrustMilli: 500 })).toEqual([OWN, A])
  expect(await chosen({ minTrustMilli: 501 })).toEqual([OWN])
})

test('more ledgers are known than are asked: the answer says that some are left, and is not complete', async () => {
  const known = Array.from({ length: MAX_ANSWER_SOURCES + 3 }, (_, n) => name(n)).filter((id) => id.length === 53)
  const world = Object.fromEntries(known.map((id) => [id, [1]]))
  const { cross } = setup({ world, known })
  const answer = await cross.query()
  expect([answer.complete, answer.sources.length, answer.selection.left]).toEqual([false, MAX_ANSWER_SOURCES, 3])
  await expect(cross.query({ need: 'complete' })).rejects.toMatchObject({ code: 'INCOMPLETE' })
  expect((await cross.count()).complete).toBe(false)
})

test('what is held and may be behind is asked of others, if somebody is at hand', async () => {
  const world = { [OWN]: [1], [A]: [1] }
  const source = async (some: Some): Promise<unknown> => {
    const { cross } = setup({ world, ...some })
    const { sources } = await cross.query({ ledgers: [A] })
    return [sources[0]!.state, sources[0]!.by]
  }
  expect(await source({})).toEqual(['mirror', 'chain'])
  expect(await source({ behind: [A] })).toEqual(['mirror', 'chain'])
  expect(await source({ peers: { [A]: 'denied' } })).toEqual(['mirror', 'chain'])
  expect(await source({ behind: [A], peers: { [A]: 'denied' } })).toEqual(['denied', null])
})

test('less than is needed is an error that names who fell short; without a need it is an answer', async () => {
  const { cross } = setup({ world: { [OWN]: [1] }, known: [OWN, A], peers: { [A]: 'denied' } })
  const answer = await cross.query()
  expect([answer.complete, answer.sources.map(({ state }) => state)]).toEqual([false, ['own', 'denied']])
  for (const need of ['included', 'complete'] as const)
    await expect(cross.query({ need })).rejects.toMatchObject({
      code: 'INCOMPLETE',
      details: {
        sources: [
          { ledger: OWN, state: 'own' },
          { ledger: A, state: 'denied' }
        ]
      }
    })
  expect((await cross.query({ need: 'complete', ledgers: [OWN] })).complete).toBe(true)
})

test('a count takes no page: what would say which is refused', async () => {
  const { cross } = setup({ world: {}, known: [] })
  for (const page of [{ limit: 1 }, { cursor: 'x' }, { need: 'complete' }, { order: 'desc' }, { file: true }])
    await expect(cross.count(page as object)).rejects.toMatchObject({ code: 'INVALID_PARAMS' })
})

test('no ledger at all is no complete answer', async () => {
  const { cross } = setup({ world: {}, known: [] })
  expect(await cross.query()).toMatchObject({ complete: false, sources: [], nextCursor: null })
  expect(await cross.count()).toEqual({ counts: [], total: 0, complete: false })
  await expect(cross.query({ need: 'complete' })).rejects.toMatchObject({ code: 'INCOMPLETE' })
})

test('sixteen questions at once, and one that fails gives its place back', async () => {
  const { cross, release } = setup({ slow: true })
  await expect(cross.query({ order: 'up' as 'asc' })).rejects.toMatchObject({ code: 'INVALID_PARAMS' })
  const under = Array.from({ length: 16 }, async () => await cross.query())
  await expect(cross.query()).rejects.toMatchObject({ code: 'OVERLOADED' })
  await new Promise(setImmediate)
  release()
  await Promise.all(under)
  const last = cross.query()
  await new Promise(setImmediate)
  release()
  expect((await last).complete).toBe(true)
})

test('a count goes through the pages, and says what it could not go through', async () => {
  const long = Array.from({ length: 1_300 }, (_, n) => n)
  const { cross, reads } = setup({ world: { [OWN]: long, [A]: [1, 2] }, known: [OWN, A, B], peers: { [B]: 'denied' } })
  expect(await cross.count({ ledgers: 'held' })).toEqual({
    counts: [
      { ledgerId: OWN, count: 1_300, atLeast: false, state: 'own' },
      { ledgerId: A, count: 2, atLeast: false, state: 'mirror' }
    ],
    total: 1_302,
    complete: true
  })
  expect(reads.map(({ ledger, request }) => [ledger, request.from])).toEqual([
    [OWN, 0],
    [A, 0],
    [OWN, 512],
    [OWN, 1_024]
  ])
  const all = await cross.count()
  expect([all.total, all.complete]).toEqual([1_302, false])
  expect(all.counts).toContainEqual({ ledgerId: B, count: 0, atLeast: true, state: 'denied' })
})

test('a count stops at its deadline, with what it has', async () => {
  const { cross, clock, reads } = setup({ world: { [OWN]: Array.from({ length: 2_000 }, (_, n) => n) } })
  const now = clock.now.bind(clock)
  clock.now = () => (reads.length > 0 ? now() + 400 * reads.length : now())
  const { counts, complete } = await cross.count({ deadlineMs: 700 })
  expect([counts[0]!.atLeast, complete]).toEqual([true, false])
  expect(reads.length).toBeLessThan(4)
})
