import { expect, test } from 'vitest'
import { ELECTION_STEP_MS, MERGES_PER_HOUR, MERGES_PER_KEY_AND_HOUR } from '../../../src/conflict/limits.js'
import { mergeDelayMs } from '../../../src/conflict/election.js'
import { readRule } from '../../../src/conflict/rule.js'
import { LedgermeshError } from '../../../src/core/errors.js'
import { Merger, type MergerInit } from '../../../src/node/conflicts/merger.js'
import type { Found } from '../../../src/node/conflicts/resolve-conflict.js'
import { Author, TestClock, TestLog } from '../../ledger/support.js'
import { MemoryStore } from '../../store/memory-store.js'

const [own, other, third] = [await Author.create('own'), await Author.create('other'), await Author.create('third')]
const mine = await own.add({ stream: 'people' }, { by: 'own' })
const theirs = await other.add({ stream: 'people' }, { by: 'other' })
const HOUR_MS = 60 * 60_000
const idOf = (n: number): string => `c${String(n).padStart(32, '0')}`

interface Some {
  writers?: string[]
  strategy?: 'merge' | 'manual'
  complete?: boolean
  hasOwn?: boolean
}

function setup({ writers = [own.id], strategy = 'merge', complete = true, hasOwn = true }: Some = {}) {
  const clock = new TestClock()
  const log = new TestLog()
  const runs: string[] = []
  const failed: string[] = []
  const rule = readRule({ name: 'r', key: ['stream'], scope: [own.id, other.id], writers, strategy })
  const stored = { number: 1, rule, complete, configured: false }
  const state = {
    verdict: { state: 'open', reason: 'MERGE_PENDING' },
    append: null as Error | null,
    judge: null as Error | null,
    open: [] as string[],
    appended: 0
  }
  let told: (change: { id: string; rule: string }) => void = () => {}
  const judged = () => ({
    facts: {
      siblings: [
        { ...theirs.header, ledger: other.id, seq: 1, hash: theirs.hash, entry: theirs, payload: 'present' },
        { ...mine.header, ledger: own.id, seq: 1, hash: mine.hash, entry: mine, payload: 'present' }
      ]
    },
    verdict: state.verdict
  })
  const merger = new Merger({
    onRun: (outcome: string) => runs.push(outcome),
    ledgers: {
      own: {
        id: own.id,
        appendReserved: async () => {
          if (state.append !== null) throw state.append
          state.appended++
          return []
        }
      },
      hasOwn,
      held: { byHash: async (hash: string) => ({ ledgerId: other.id, entryId: 'x', entryHash: hash }) },
      get: () => undefined,
      claimSources: { store: new MemoryStore(), byNumber: () => undefined },
      rules: { active: [stored], byName: (name: string) => (name === 'r' ? stored : undefined) },
      conflicts: {
        onChange: (listener: typeof told) => {
          told = listener
          return () => {
            told = () => {}
          }
        },
        list: async () => ({ found: state.open.map((id) => ({ id, rule: 'r' })) }),
        judge: async () => {
          if (state.judge !== null) throw state.judge
          return judged()
        },
        mergeFailed: async (_stored: unknown, id: string) => failed.push(id)
      }
    },
    clock,
    log
  } as unknown as MergerInit)
  merger.setHandler('r', () => ({ merged: true }))
  const settle = async (): Promise<void> => {
    for (let n = 0; n < 3; n++) await new Promise(setImmediate)
  }
  const pass = async (ms: number): Promise<void> => {
    clock.pass(ms)
    await settle()
  }
  /** Says that a conflict has changed, and gives all of them their turn. */
  const hear = async (...ids: string[]): Promise<void> => {
    for (const id of ids) told({ id, rule: 'r' })
    await settle()
  }
  const found = (id: string): Found => ({ stored, id, judged: judged() }) as unknown as Found
  return { merger, clock, log, runs, failed, state, stored, pass, hear, found }
}

test.each<[string, Some]>([
  ['it is no writer of the rule', { writers: [other.id] }],
  ['the rule merges nothing', { strategy: 'manual' }],
  ['there is no own ledger', { hasOwn: false }]
])('nothing is merged when %s', async (_what, some) => {
  const { hear, pass, runs, state } = setup(some)
  await hear(idOf(1))
  await pass(HOUR_MS)
  expect([runs, state.appended]).toEqual([[], 0])
})

test('who is no writer merges nothing, asked to either', async () => {
  const { merger, found, state } = setup({ writers: [other.id] })
  await expect(merger.merge(found(idOf(1)))).rejects.toMatchObject({ code: 'MERGE_FAILED' })
  expect(state.appended).toBe(0)
})

test('nothing is merged without a way: neither the rule nor the program says how', async () => {
  const { merger, hear, pass, runs } = setup()
  merger.setHandler('r', undefined)
  await hear(idOf(1))
  await pass(HOUR_MS)
  expect(runs).toEqual([])
})

test('what stands open is merged once, however often it is said', async () => {
  const { hear, pass, runs, state } = setup()
  await hear(idOf(1), idOf(1), idOf(1))
  await pass(0)
  expect([runs, state.appended]).toEqual([['merged'], 1])
})

test('several writers merge one after another: whose turn is later finds that it is done', async () => {
  const writers = [own.id, other.id, third.id]
  const { hear, pass, runs, state, stored } = setup({ writers })
  const id = [1, 2, 3, 4, 5, 6, 7, 8].map(idOf).find((one) => {
    const delay = mergeDelayMs(stored.rule, one, [own.id, other.id], own.id)
    return delay === ELECTION_STEP_MS
  })!
  await hear(id)
  await pass(ELECTION_STEP_MS - 1)
  expect(runs).toEqual([])
  state.verdict = { state: 'single', reason: 'ONE_CLAIM' }
  await pass(1)
  expect([runs, state.appended]).toEqual([[], 0])
})

test('a rule that has not looked at everything waits: what was replaced would be merged again', async () => {
  const { hear, pass, runs, stored } = setup({ complete: false })
  await hear(idOf(1))
  await pass(0)
  await pass(499)
  expect(runs).toEqual([])
  stored.complete = true
  await pass(1)
  expect(runs).toEqual(['merged'])
})

test('something said just now: it is looked at anew. What fails is said, and a person decides', async () => {
  const { hear, pass, runs, state, failed, log } = setup()
  state.append = new LedgermeshError('STALE', 'other entries stand there')
  await hear(idOf(1))
  await pass(0)
  state.append = null
  await pass(0)
  expect([runs, failed]).toEqual([['stale', 'merged'], []])
  state.append = new LedgermeshError('QUOTA', 'full')
  await hear(idOf(2))
  await pass(0)
  expect([runs.at(-1), failed]).toEqual(['failed', [idOf(2)]])
  expect(log.lines.map(({ fields }) => [fields.event, fields.conflict])).toEqual([['conflicts.merge-failed', idOf(2)]])
})

test('one key is merged eight times within an hour, a rule sixty times, and after an hour again', async () => {
  const { merger, found, clock, state } = setup()
  for (let n = 0; n < MERGES_PER_KEY_AND_HOUR; n++) await merger.merge(found(idOf(1)))
  await expect(merger.merge(found(idOf(1)))).rejects.toMatchObject({ code: 'MERGE_FAILED' })
  // That last one was counted for the rule.
  for (let n = MERGES_PER_KEY_AND_HOUR + 1; n < MERGES_PER_HOUR; n++) await merger.merge(found(idOf(100 + n)))
  await expect(merger.merge(found(idOf(2)))).rejects.toMatchObject({ code: 'MERGE_FAILED' })
  const { appended } = state
  clock.pass(HOUR_MS)
  await merger.merge(found(idOf(1)))
  expect([appended, state.appended]).toEqual([MERGES_PER_HOUR - 1, MERGES_PER_HOUR])
})

test('a conflict that cannot be judged keeps no other from its turn', async () => {
  const { hear, pass, runs, state, log } = setup()
  state.judge = new LedgermeshError('STORE_DAMAGED', 'a row')
  await hear(idOf(1))
  state.judge = null
  await hear(idOf(2))
  await pass(0)
  expect([runs, log.lines.length]).toEqual([['merged'], 1])
})

test('a conflict that could not be judged is looked at again when something is said of it', async () => {
  const { hear, pass, runs, state } = setup()
  state.judge = new LedgermeshError('STORE_DAMAGED', 'a row')
  await hear(idOf(1))
  state.judge = null
  await hear(idOf(1))
  await pass(0)
  expect(runs).toEqual(['merged'])
})

test('what stands open after a start is found; after the end nothing is merged', async () => {
  const { merger, state, pass, hear, runs } = setup()
  state.open = [idOf(1), idOf(2)]
  merger.wake()
  await pass(0)
  await pass(0)
  expect(runs).toEqual(['merged', 'merged'])
  await hear(idOf(3))
  await merger.stop()
  await pass(HOUR_MS)
  await hear(idOf(4))
  merger.wake()
  await pass(HOUR_MS)
  expect(runs).toHaveLength(2)
})
