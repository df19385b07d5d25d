import { expect, test } from 'vitest'
import { ReferenceAsker, type ReferenceAskerInit } from '../../../src/node/references/reference-asker.js'
import { ReferenceBook, type ReferenceChange } from '../../../src/node/references/reference-book.js'
import type { ReferenceStatus } from '../../../src/references/types.js'
import { START_MS, TestClock, TestLog } from '../../ledger/support.js'
import { MemoryStore } from '../../store/memory-store.js'

const HOUR_MS = 60 * 60_000
const HASH = 'ab'.repeat(32)
const [OWN, A] = ['o', 'a'].map((letter) => `b${letter.repeat(51)}a`) as [string, string]

interface Waiting {
  ledger: string
  id: string
  hash?: string
  status?: ReferenceStatus
  /** Of another ledger's entry. */
  foreign?: boolean
}

async function setup(
  waiting: Waiting[],
  { access = 'public', hasOwn = true }: { access?: string; hasOwn?: boolean } = {}
) {
  const clock = new TestClock()
  const log = new TestLog()
  const state = {
    held: new Set<string>(),
    shown: [] as { id: string; hash: string; seq: number }[],
    fails: null as Error | null
  }
  const asked: { ledger: string; hashes: string[]; ids: string[] }[] = []
  const found: ReferenceChange[] = []
  const book = new ReferenceBook(new MemoryStore())
  const all: ReferenceChange[] = []
  const wait = async (more: Waiting[]): Promise<void> => {
    const changes = more.map(({ ledger, id, hash = null, status = 'unresolved', foreign }, i): ReferenceChange => {
      const reference = { ledgerId: ledger, entryId: id, entryHash: hash, referenceType: 'source' as const }
      const place = { ledgerNumber: foreign === true ? 2 : 1, seq: all.length + i, index: 0 }
      return { place, reference, before: null, after: { status, asOf: 0, since: 1 } }
    })
    all.push(...changes)
    await book.write(changes, null)
  }
  await wait(waiting)
  const asker = new ReferenceAsker({
    tracker: {
      book,
      at: async (places: ReferenceChange['place'][]) => {
        const rows = await book.rowsAt(places)
        return places.map((place, i) => ({ ...all[place.seq]!, place, before: rows[i], after: rows[i] }))
      },
      found: async (changes: ReferenceChange[]) => {
        found.push(...changes)
        await book.write(changes, null)
      }
    },
    ledgers: {
      hasOwn,
      own: { id: OWN, ledgerNumber: 1, chain: { access } },
      get: (id: string) => (state.held.has(id) ? { visible: 1 } : undefined)
    },
    clock,
    log,
    fetch: async (ledger: string, wanted: { hashes: string[]; ids: string[] }) => {
      asked.push({ ledger, ...wanted })
      if (state.fails !== null) throw state.fails
      return state.shown
    }
  } as unknown as ReferenceAskerInit)
  return { asker, clock, log, state, asked, found, wait }
}

test.each<[string, Waiting[], object, string[]]>([
  [
    'what others refer to: whoever set the bait would learn who reads it',
    [{ ledger: A, id: 'x', foreign: true }],
    {},
    []
  ],
  ['what a private ledger refers to', [{ ledger: A, id: 'x' }], { access: 'private' }, []],
  ['anything, without an own ledger', [{ ledger: A, id: 'x' }], { hasOwn: false }, []],
  ['what is held here', [{ ledger: A, id: 'x' }], {}, [A]],
  ['what was shown already', [{ ledger: A, id: 'x', status: 'proved' }], {}, []]
])('nobody is asked for %s', async (_what, waiting, some, held) => {
  const { asker, asked, state } = await setup(waiting, some)
  for (const id of held) state.held.add(id)
  await asker.look()
  expect(asked).toEqual([])
})

test('what is shown is taken by its hash, or without one by its id; a hash with another id contradicts for good', async () => {
  const { asker, state, asked, found } = await setup([
    { ledger: A, id: 'by-hash', hash: HASH },
    { ledger: A, id: 'by-id' },
    { ledger: A, id: 'by-id' },
    { ledger: A, id: 'other-id', hash: HASH },
    { ledger: A, id: 'nobody-has-it' }
  ])
  state.shown = [
    { id: 'by-hash', hash: HASH, seq: 4 },
    { id: 'by-id', hash: 'cd'.repeat(32), seq: 9 },
    { id: 'by-id', hash: 'ef'.repeat(32), seq: 6 }
  ]
  await asker.look()
  expect(asked).toEqual([{ ledger: A, hashes: [HASH], ids: ['by-id', 'nobody-has-it'] }])
  expect(found.map(({ place, after }) => [place.seq, after])).toEqual([
    [0, { status: 'proved', asOf: 5, since: START_MS }],
    [1, { status: 'proved', asOf: 7, since: START_MS }],
    [2, { status: 'proved', asOf: 7, since: START_MS }],
    [3, { status: 'contradicted', asOf: 0, since: START_MS }]
  ])
})

test('a ledger that nobody shows is asked for after an hour, then half as often, once a day at the least', async () => {
  const { asker, clock, asked } = await setup([{ ledger: A, id: 'x' }])
  const times: number[] = []
  for (let hour = 0; hour < 100; hour++) {
    const before = asked.length
    await asker.look()
    if (asked.length > before) times.push(hour)
    clock.pass(HOUR_MS)
  }
  expect(times).toEqual([0, 1, 3, 7, 15, 31, 55, 79])
})

test('where nothing is open any more, what is referred to next is asked for at once', async () => {
  const { asker, state, asked, wait } = await setup([{ ledger: A, id: 'x' }])
  state.shown = [{ id: 'x', hash: HASH, seq: 4 }]
  await asker.look()
  await wait([{ ledger: A, id: 'y' }])
  await asker.look()
  expect(asked.map(({ ids }) => ids)).toEqual([['x'], ['y']])
  state.held.add(A)
  await asker.look()
  state.held.clear()
  await asker.look()
  expect(asked.map(({ ids }) => ids).at(-1), 'held for a while').toEqual(['y'])
  expect(asked).toHaveLength(3)
})

test('sixteen ledgers in one go, and the others in the next', async () => {
  const ids = Array.from({ length: 20 }, (_, n) => `b${String.fromCharCode(97 + n).repeat(51)}a`)
  const { asker, asked } = await setup(ids.map((ledger) => ({ ledger, id: 'x' })))
  await asker.look()
  expect(asked).toHaveLength(16)
  await asker.look()
  expect(asked).toHaveLength(20)
  expect(new Set(asked.map(({ ledger }) => ledger)).size).toBe(20)
})

test('of one ledger sixty-four entries are asked for at once; those that nobody shows keep no others from their turn', async () => {
  const { asker, clock, asked } = await setup(
    Array.from({ length: 150 }, (_, n) => ({ ledger: A, id: `${n}`.padStart(3, '0') }))
  )
  for (let n = 0; n < 3; n++) {
    await asker.look()
    clock.pass(24 * HOUR_MS)
  }
  expect(asked.map(({ ids }) => ids.length)).toEqual([64, 64, 22])
  expect(new Set(asked.flatMap(({ ids }) => ids)).size).toBe(150)
  await asker.look()
  expect(asked.at(-1)!.ids[0]).toBe('000')
})

test('however many of others wait for a ledger, the own ones are asked for', async () => {
  const others = Array.from({ length: 5_000 }, (_, n) => ({ ledger: A, id: `${n}`, foreign: true }))
  const { asker, asked } = await setup([...others, { ledger: A, id: 'own' }])
  await asker.look()
  expect(asked).toEqual([{ ledger: A, hashes: [], ids: ['own'] }])
})

test('it looks every minute, says when it could not ask, and not after the end', async () => {
  const { asker, clock, state, asked, log } = await setup([{ ledger: A, id: 'x' }])
  const pass = async (ms: number): Promise<void> => {
    clock.pass(ms)
    for (let n = 0; n < 3; n++) await new Promise(setImmediate)
  }
  asker.start()
  state.fails = new Error('no peers')
  await pass(60_000)
  expect([asked.length, log.lines.map(({ fields }) => fields.event)]).toEqual([1, ['references.ask-failed']])
  await pass(HOUR_MS - 60_000)
  await pass(60_000)
  expect(asked).toHaveLength(2)
  await asker.stop()
  clock.pass(99 * HOUR_MS)
  await pass(60_000)
  expect(asked).toHaveLength(2)
})
