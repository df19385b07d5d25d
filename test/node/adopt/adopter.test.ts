import { expect, test, vi } from 'vitest'
import type { Ledger } from '../../../src/ledger/ledger.js'
import { Adopter, type AdopterInit } from '../../../src/node/adopt/adopter.js'
import { StoredAdoptions } from '../../../src/node/adopt/adoption-book.js'
import type { AdoptSettings } from '../../../src/sync/adopt/types.js'
import { BUSY_MS, FAILED_MS, FULL_MS } from '../../../src/sync/adopt/limits.js'
import { Author, openNode, TestLog } from '../../ledger/support.js'
import { MemoryStore } from '../../store/memory-store.js'

const ALL: AdoptSettings = { filters: null, from: 0, acceptReaders: false }

interface Follow {
  filters: null
  adopt?: AdoptSettings
}

async function setup() {
  const store = new MemoryStore()
  const node = await openNode({ store })
  const { ledgers, clock } = node
  const log = new TestLog()
  const follows = new Map<string, Follow>()
  const state = { blocked: new Map<string, 'PAUSED'>(), load: 'normal', status: 'synced' }
  const listeners: (() => void)[] = []
  const signals: (() => void)[] = []
  const adopter = new Adopter({
    ledgers,
    book: await StoredAdoptions.load({ store, ledgers, log }),
    follows: {
      list: () => [...follows.keys()],
      has: (id: string) => follows.has(id),
      get: (id: string) => follows.get(id) ?? null,
      onChange: (listener: () => void) => {
        listeners.push(listener)
        return () => undefined
      }
    },
    rule: { heldBack: (id: string) => state.blocked.get(id) ?? null },
    load: {
      get level() {
        return state.load
      }
    },
    runtime: { status: () => ({ status: state.status }), onChange: () => () => undefined },
    events: {
      subscribe: (_kinds: string[], listener: () => void) => {
        signals.push(listener)
        return () => undefined
      }
    },
    clock,
    log
  } as unknown as AdopterInit)
  const outcomes: string[] = []
  adopter.onOutcome(({ source, seq, outcome }) => outcomes.push(`${source === first ? 'a' : 'b'}${seq} ${outcome}`))
  let first = ''
  /** What is read comes to be so, while ms of the clock pass. */
  const becomes = async (read: () => unknown, expected: unknown): Promise<void> => {
    await vi.waitFor(
      async () => {
        clock.pass(1)
        expect(await read()).toEqual(expected)
      },
      { timeout: 15_000, interval: 1 }
    )
  }
  /** It is held here, and audited as far as it says. */
  const hold = async (author: Author, audited = author.entries.length): Promise<Ledger> => {
    first ||= author.id
    const mirror = await ledgers.mirror(author.id)
    if (mirror.size < author.entries.length) await mirror.ingest(author.entries.slice(mirror.size))
    await mirror.setAudited(audited)
    return mirror
  }
  const follow = (id: string, adopt: AdoptSettings | null = ALL): void => {
    follows.set(id, { filters: null, ...(adopt !== null && { adopt }) })
    for (const listener of listeners) listener()
  }
  /** Originals of which the own ledger has a copy with its payload. */
  const copies = async (): Promise<string[]> =>
    (await ledgers.own.query({ limit: 1_000 })).entries
      .filter(({ adopted, payload_state: has }) => adopted !== null && has === 'present')
      .map(({ meta }) => (meta.sync as { originalId: string }).originalId)
  const signal = (): void => {
    for (const listener of signals) listener()
  }
  return { node, ledgers, clock, log, follows, state, adopter, outcomes, becomes, hold, follow, copies, signal }
}

async function authorOf(name: string, ...ids: string[]): Promise<Author> {
  const author = await Author.create(name)
  for (const id of ids) await author.add({ id }, { id })
  return author
}

test('what is audited is copied, once, in its order; what is not is waited for (I3)', async () => {
  const { adopter, hold, follow, becomes, copies, outcomes } = await setup()
  const author = await authorOf('a', 'one', 'two', 'three')
  const mirror = await hold(author, 3)
  adopter.start()
  follow(author.id)
  await becomes(async () => [await copies(), adopter.stateOf(author.id)?.code], [['one', 'two'], 'AUDITING'])
  await mirror.setAudited(4)
  await becomes(async () => [await copies(), adopter.stateOf(author.id)?.code], [['one', 'two', 'three'], null])
  adopter.again(author.id)
  await becomes(() => outcomes.slice(-3), ['a1 existing', 'a2 existing', 'a3 existing'])
  expect(await copies()).toHaveLength(3)
  await adopter.stop()
})

test('nothing is copied of what is paused, under load, or while the own ledger may not be signed; each says why', async () => {
  const { adopter, hold, follow, becomes, copies, state, ledgers, clock, signal } = await setup()
  const author = await authorOf('a', 'one')
  await hold(author)
  adopter.start()
  state.blocked.set(author.id, 'PAUSED')
  follow(author.id)
  await becomes(() => adopter.stateOf(author.id), expect.objectContaining({ code: 'PAUSED', next: null }))
  state.blocked.clear()
  state.load = 'high'
  adopter.wake()
  await becomes(() => adopter.stateOf(author.id)?.code, 'BUSY')
  ledgers.own.hold({ code: 'CONFIRMING', message: 'a start' })
  state.load = 'normal'
  clock.pass(BUSY_MS)
  await becomes(async () => [adopter.stateOf(author.id)?.code, await copies()], ['CONFIRMING', []])
  ledgers.own.hold(null)
  signal()
  await becomes(async () => [adopter.stateOf(author.id)?.code, await copies()], [null, ['one']])
  await adopter.stop()
})

test('an erasure of the original reaches the copy, also of what is paused or adopted no more', async () => {
  const { adopter, hold, follow, becomes, copies, state } = await setup()
  const author = await authorOf('a', 'one', 'two', 'three')
  await hold(author)
  adopter.start()
  const erased: number[] = []
  adopter.onErased((count) => erased.push(count))
  follow(author.id)
  await becomes(copies, ['one', 'two', 'three'])
  state.blocked.set(author.id, 'PAUSED')
  await author.erase([author.entries[1]!.hash])
  await hold(author)
  await becomes(async () => [await copies(), erased], [['two', 'three'], [1]])
  follow(author.id, null)
  await author.erase([author.entries[2]!.hash])
  await hold(author)
  await becomes(async () => [await copies(), erased], [['three'], [1, 1]])
  await becomes(() => adopter.stateOf(author.id)?.code, null)
  expect(await copies()).toEqual(['three'])
  await adopter.stop()
})

test('an erasure by another ledger erases no copy', async () => {
  const { adopter, hold, follow, becomes, copies } = await setup()
  const [author, other] = [await authorOf('a', 'one'), await authorOf('b', 'mine')]
  await hold(author)
  adopter.start()
  follow(author.id)
  await becomes(copies, ['one'])
  await other.erase([author.entries[1]!.hash])
  await hold(other)
  follow(other.id)
  await becomes(copies, ['one', 'mine'])
  await becomes(() => adopter.stateOf(other.id)?.code, null)
  expect(await copies()).toEqual(['one', 'mine'])
  await adopter.stop()
})

test('one source that cannot be read keeps no other waiting, and is tried again', async () => {
  const { adopter, hold, follow, becomes, copies, log, clock } = await setup()
  const [bad, good] = [await authorOf('a', 'one'), await authorOf('b', 'two')]
  const mirror = await hold(bad)
  await hold(good)
  adopter.start()
  const many = mirror.reader.many.bind(mirror.reader)
  mirror.reader.many = async () => {
    throw new Error('the disk')
  }
  follow(bad.id)
  follow(good.id)
  await becomes(async () => [await copies(), adopter.stateOf(bad.id)?.code], [['two'], 'OWN_FAILED'])
  expect(log.lines.map(({ fields }) => [fields.event, fields.ledger])).toEqual([['adopt.source-failed', bad.id]])
  mirror.reader.many = many
  clock.pass(FAILED_MS)
  await becomes(async () => [await copies(), adopter.stateOf(bad.id)?.code], [['two', 'one'], null])
  await adopter.stop()
})

test('from now: nothing before the source was synced first, everything after', async () => {
  const { adopter, hold, follow, becomes, copies, state } = await setup()
  const author = await authorOf('a', 'old')
  await hold(author)
  state.status = 'syncing'
  adopter.start()
  follow(author.id, { ...ALL, from: 'now' })
  await becomes(async () => [adopter.stateOf(author.id)?.code, await copies()], ['FIRST_SYNC', []])
  state.status = 'synced'
  adopter.wake()
  await becomes(() => adopter.stateOf(author.id)?.code, null)
  await author.add({ id: 'new' }, 1)
  await hold(author)
  await becomes(copies, ['new'])
  expect(await copies()).not.toContain('old')
  await adopter.stop()
})

test('other wishes than before: all of it is looked at again', async () => {
  const { adopter, hold, follow, becomes, copies } = await setup()
  const author = await authorOf('a', 'one')
  await author.add({ id: 'other', stream: 'others' }, 1)
  await hold(author)
  adopter.start()
  follow(author.id, { ...ALL, filters: { streams: ['others'] } as AdoptSettings['filters'] })
  await becomes(copies, ['other'])
  follow(author.id)
  await becomes(async () => (await copies()).toSorted(), ['one', 'other'])
  expect(await copies()).toHaveLength(2)
  await adopter.stop()
})

test("no caller takes the id that a copy will have; of a ledger that is not adopted it is anybody's", async () => {
  const { adopter, hold, follow, becomes, ledgers, state } = await setup()
  const author = await authorOf('a', 'one')
  await hold(author)
  adopter.start()
  state.blocked.set(author.id, 'PAUSED')
  const input = { id: author.entries[1]!.hash, stream: 's', type: 't' }
  follow(author.id)
  await becomes(() => adopter.stateOf(author.id)?.code, 'PAUSED')
  await expect(ledgers.own.append(input)).rejects.toMatchObject({ code: 'RESERVED_ID' })
  follow(author.id, null)
  expect(await ledgers.own.append(input)).toMatchObject({ existing: false })
  await adopter.stop()
})

test('what is followed no more is not looked at, and after the end nothing is', async () => {
  const { adopter, hold, follow, follows, becomes, copies } = await setup()
  const [gone, author] = [await authorOf('a', 'one'), await authorOf('b', 'two')]
  await hold(gone)
  await hold(author)
  adopter.start()
  follow(gone.id)
  follows.delete(gone.id)
  follow(author.id)
  await becomes(copies, ['two'])
  expect(adopter.stateOf(gone.id)).toBe(null)
  expect(await adopter.outcomesOf(gone.id, 0, 2)).toEqual([null, null])
  await adopter.stop()
  follow(gone.id)
  adopter.wake()
  await new Promise(setImmediate)
  expect([await copies(), adopter.stateOf(gone.id)]).toEqual([['two'], null])
})

test('a source of which no more refusals can be listed stands still; its erasures reach the copies all the same', async () => {
  const { adopter, hold, follow, becomes, copies, clock, log } = await setup()
  const author = await authorOf('a', 'one', 'two')
  await hold(author)
  let room = true
  adopter.heed(async () => await Promise.resolve(room))
  adopter.start()
  follow(author.id)
  await becomes(copies, ['one', 'two'])
  room = false
  await author.erase([author.entries[1]!.hash])
  await author.add({ id: 'three' }, 3)
  await hold(author)
  await becomes(async () => [await copies(), adopter.stateOf(author.id)?.code], [['two'], 'TOO_MANY_REFUSED'])
  room = true
  clock.pass(FULL_MS)
  await becomes(async () => [await copies(), adopter.stateOf(author.id)?.code], [['two', 'three'], null])
  expect(log.lines.filter(({ level }) => level === 'error')).toEqual([])
  await adopter.stop()
})

test('a stop in the middle of a group waits for no pace', async () => {
  const { adopter, hold, follow } = await setup()
  const author = await authorOf('a', 'one', 'two')
  await hold(author)
  const { promise: stopped, resolve } = Promise.withResolvers<Promise<void>>()
  adopter.onOutcome(() => {
    resolve(adopter.stop())
  })
  adopter.start()
  follow(author.id)
  // The clock stands still.
  expect(await stopped).toBeUndefined()
})
