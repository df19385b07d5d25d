import { expect, test } from 'vitest'
import { AdoptControl, type AdoptControlInit } from '../../../src/node/adopt/adopt-control.js'
import type { AdoptOptions } from '../../../src/node/api/adopt.js'
import { newRow } from '../../../src/sync/adopt/tally.js'
import type { AdoptCode, AdoptionRow, EntryOutcome } from '../../../src/sync/adopt/types.js'
import { TestClock } from '../../ledger/support.js'

const [OWN, A, B] = ['o', 'a', 'b'].map((letter) => `b${letter.repeat(51)}a`) as [string, string, string]
const ALL = { filters: null, from: 0, acceptReaders: false } as const

interface Some {
  own?: 'public' | 'private'
  source?: 'public' | 'private' | null
  /** Readers of the own ledger beyond those of the source. */
  wider?: boolean
  copies?: number
  followed?: Record<string, object>
}

function setup({ own = 'public', source = 'public', wider = false, copies = 0, followed = { [A]: {} } }: Some = {}) {
  const clock = new TestClock()
  const rows = new Map<string, AdoptionRow>()
  if (copies > 0) {
    const row = newRow(0, '')
    rows.set(A, { ...row, counts: { ...row.counts, copies } })
  }
  const follows = new Map<string, object>(Object.entries(followed))
  const erased: string[][] = []
  const state = { code: undefined as AdoptCode | null | undefined, looks: 0 }
  const changes: (() => void)[] = []
  const outcomes: ((outcome: EntryOutcome) => void)[] = []
  const rules = (grants: string[]) => ({
    trustMilli: null,
    grants: new Map(grants.map((one) => [one, 'sync']))
  })
  const mine = Array.from({ length: 5 }, (_, n) => ({
    hash: `copy ${n}`,
    adopted: n % 2 === 0 ? A : B,
    payload_state: n === 4 ? 'erased' : 'present'
  }))
  const ledgers = {
    own: {
      id: OWN,
      chain: { access: own },
      access: rules(wider ? [B] : []),
      page: async (_filter: object, start: number) => ({
        entries: mine.slice(start, start + 2),
        next: start + 2 < mine.length ? start + 2 : null
      }),
      erase: async (hashes: string[]) => erased.push(hashes)
    },
    get: (id: string) =>
      id === A
        ? { id, chain: source === null ? null : { access: source, name: 'n' }, access: rules([]), size: 9, believed: 7 }
        : undefined
  }
  const control = new AdoptControl({
    ledgers,
    follows: {
      get: (id: string) => follows.get(id) ?? null,
      has: (id: string) => follows.has(id),
      list: () => [...follows.keys()],
      save: async ({ id }: { id: string }, settings: object) => follows.set(id, settings)
    },
    book: { get: (id: string) => rows.get(id) ?? null, list: () => [...rows.keys()] },
    adopter: {
      onChange: (listener: () => void) => {
        changes.push(listener)
        return () => changes.splice(changes.indexOf(listener), 1)
      },
      onOutcome: (listener: (outcome: EntryOutcome) => void) => {
        outcomes.push(listener)
        return () => outcomes.splice(outcomes.indexOf(listener), 1)
      },
      groupDone: async () => {},
      look: () => {
        state.looks++
        state.code = undefined
      },
      stateOf: () => (state.code === undefined ? null : { code: state.code, since: 1, next: 2 })
    },
    clock,
    surface: 'cli',
    readFilters: (given: object) => given
  } as unknown as AdoptControlInit)
  const settled = (code: AdoptCode | null): void => {
    state.code = code
    for (const change of changes) change()
  }
  return { control, clock, rows, follows, erased, state, outcomes, settled, ledger: { id: A } as never }
}

test.each<[string, unknown]>([
  ['a place that is negative', { from: -1 }],
  ['half a place', { from: 1.5 }],
  ['a word that there is not', { from: 'later' }],
  ['readers that are text', { acceptReaders: 'yes' }],
  ['a name that is misspelt', { filter: {} }],
  ['no object', 'all']
])('settings with %s are refused', (_what, given) => {
  expect(() => setup().control.check(A, given as AdoptOptions)).toThrow(
    expect.objectContaining({ code: 'INVALID_PARAMS' })
  )
})

test('what is private goes into nothing that is public, nor to readers that could not read it, unless the operator says so', () => {
  const code = (some: Some, given: AdoptOptions = {}): unknown => {
    try {
      return setup(some).control.check(A, given)
    } catch (error) {
      return (error as { code: string }).code
    }
  }
  expect(code({ source: 'private' })).toBe('PRIVATE_INTO_PUBLIC')
  expect(code({ source: 'private' }, { acceptReaders: true })).toBe('PRIVATE_INTO_PUBLIC')
  expect(code({ source: 'private', own: 'private', wider: true })).toBe('READERS_WIDER')
  expect(code({ source: 'private', own: 'private', wider: true }, { acceptReaders: true })).toMatchObject({
    acceptReaders: true
  })
  expect(code({ source: 'private', own: 'private' })).toEqual(ALL)
  expect(code({ own: 'private', wider: true })).toEqual(ALL)
  expect(code({ source: null })).toEqual(ALL)
  expect(() => setup().control.check(OWN, {})).toThrow(expect.objectContaining({ code: 'INVALID_PARAMS' }))
})

test('only what is followed, with its payloads, is adopted', async () => {
  await expect(setup({ followed: {} }).control.adopt({ id: A } as never, ALL)).rejects.toMatchObject({
    code: 'NOT_FOLLOWED'
  })
  await expect(setup({ followed: {} }).control.end({ id: A } as never, 'keep')).rejects.toMatchObject({
    code: 'NOT_FOLLOWED'
  })
  const headers = setup({ followed: { [A]: { filters: 'headers' } } })
  await expect(headers.control.adopt(headers.ledger, ALL)).rejects.toMatchObject({ code: 'INVALID_PARAMS' })
  const { control, ledger, follows } = setup({ followed: { [A]: { paused: true } } })
  await control.adopt(ledger, ALL)
  expect([follows.get(A), control.isAdopted(A), control.sources()]).toEqual([{ paused: true, adopt: ALL }, true, [A]])
  await control.end(ledger, 'keep')
  expect([follows.get(A), control.isAdopted(A), control.sources()]).toEqual([{ paused: true }, false, []])
})

test('copies that nobody would erase any more are not left without a word; erased are those of this source that are there', async () => {
  const { control, ledger, erased, follows } = setup({ copies: 3, followed: { [A]: { adopt: ALL } } })
  await expect(control.release(ledger, undefined)).rejects.toMatchObject({
    code: 'COPIES_REMAIN',
    details: { copies: 3 }
  })
  expect(follows.get(A)).toEqual({ adopt: ALL })
  await control.release(ledger, 'keep')
  expect([follows.get(A), erased]).toEqual([{}, []])
  await control.release(ledger, 'erase')
  expect(erased.flat()).toEqual(['copy 0', 'copy 2'])
  await setup().control.release(ledger, undefined)
})

test('what is shown of it: adopting, adopted, stalled with advice, stopped, unfollowed', () => {
  const { control, follows, rows, state } = setup({ copies: 3, followed: { [A]: { adopt: ALL } } })
  const status = (): unknown => control.report(A).status
  expect([status(), control.progressOf(A)]).toEqual(['adopting', { looked: 0, isStill: false }])
  state.code = null
  expect(status(), 'erasures are not all looked for').toBe('adopting')
  rows.set(A, { ...rows.get(A)!, erased: { at: 9, below: null }, adopted: { at: 9, below: null } })
  expect(control.report(A)).toMatchObject({ status: 'adopted', size: 9, looked: 9, disputed: 2, stall: null })
  state.code = 'PAUSED'
  expect(control.report(A)).toMatchObject({ status: 'stalled', stall: { code: 'PAUSED', since: 1, next: 2 } })
  expect(control.progressOf(A)).toEqual({ looked: 9, isStill: true })
  for (const code of ['AUDITING', 'BUSY', 'FIRST_SYNC'] as const) {
    state.code = code
    expect(control.progressOf(A)!.isStill).toBe(false)
  }
  follows.set(A, {})
  expect([control.report(A), control.progressOf(A)]).toMatchObject([{ status: 'stopped', stall: null }, null])
  follows.clear()
  expect(control.list()).toMatchObject([{ ledger: A, status: 'unfollowed', copies: 3 }])
  rows.delete(A)
  expect([control.list(), control.sources()]).toEqual([[], []])
})

test('who watches hears of this source alone, until nothing goes on by itself, or the time is over', async () => {
  const { control, settled, outcomes, clock, state } = setup({ followed: { [A]: { adopt: ALL } } })
  const heard: number[] = []
  let over = 0
  const watch = (timeLeftMs = 1_000): void => {
    void control
      .watch(A, { run: async () => {}, onOutcome: ({ seq }) => heard.push(seq), timeLeftMs: () => timeLeftMs })
      .then(() => over++)
  }
  const turn = async (): Promise<void> => {
    await new Promise(setImmediate)
  }
  watch()
  await turn()
  outcomes[0]!({ source: A, seq: 1 } as EntryOutcome)
  outcomes[0]!({ source: B, seq: 2 } as EntryOutcome)
  settled('BUSY')
  settled('AUDITING')
  await turn()
  expect([over, state.looks]).toEqual([0, 1])
  settled('PAUSED')
  await turn()
  expect([over, heard, outcomes]).toEqual([1, [1], []])
  watch()
  await turn()
  clock.pass(1_000)
  await turn()
  expect(over).toBe(2)
  watch()
  await turn()
  control.stop()
  await turn()
  expect([over, outcomes]).toEqual([3, []])
})

test('a run that fails is thrown, and is watched no more', async () => {
  const { control, outcomes } = setup()
  const run = async (): Promise<void> => {
    throw new Error('no')
  }
  await expect(control.watch(A, { run, onOutcome: () => undefined, timeLeftMs: () => 1 })).rejects.toThrow('no')
  expect(outcomes).toEqual([])
})
