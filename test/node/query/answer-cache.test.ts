import { expect, test } from 'vitest'
import {
  AnswerCache,
  CACHED_MS,
  MAX_CACHE_BYTES,
  MAX_CACHED,
  MAX_CACHED_BYTES,
  type AnswerCacheInit
} from '../../../src/node/query/answer-cache.js'
import type { MadeAnswer } from '../../../src/node/query/answer-maker.js'

const [A, B] = ['a', 'b'].map((letter) => `b${letter.repeat(51)}a`) as [string, string]

function answerOf(bytes = 0): MadeAnswer {
  const basis = { checkpoint: 'note', keyEntries: [], consistency: [], evidence: null, indexFault: null }
  const entry = { header: new Uint8Array(9), signature: new Uint8Array(64), payload: new Uint8Array(bytes) }
  const reply = {
    basis,
    entries: [entry],
    tree: [],
    index: null,
    count: 1,
    ending: 'end' as const,
    all: true,
    next: null
  }
  return { reply, examined: 7 }
}

function setup() {
  const heard = new Map<string, (ledger: { id: string }, change: object) => void>()
  const clock = { ms: 1_000, now: () => clock.ms }
  const ledgers = {
    on: (change: string, listener: (ledger: { id: string }, change: object) => void) => {
      heard.set(change, listener)
      return () => heard.delete(change)
    }
  }
  const cache = new AnswerCache({ ledgers, clock } as unknown as AnswerCacheInit)
  const made: unknown[] = []
  const ask = async (ledger: string, question: unknown, bytes = 0): Promise<MadeAnswer> =>
    await cache.of(ledger, question, async () => {
      made.push(question)
      return answerOf(bytes)
    })
  return { heard, clock, cache, made, ask }
}

test.each([
  ['filled', {}],
  ['frozen', {}],
  ['cut', { size: 1 }],
  ['removed', {}],
  ['stored', { entries: [{ header: { type: 't' } }, { header: { type: 'ledger.erase' } }] }]
])(
  'after %s an answer is made anew, and also if that happens while it is made; of no other ledger',
  async (type, change) => {
    const { heard, cache, made, ask } = setup()
    await ask(A, 'q')
    await ask(B, 'q')
    heard.get(type)!({ id: A }, change)
    await ask(A, 'q')
    await ask(B, 'q')
    expect(made).toHaveLength(3)
    await cache.of(A, 'r', async () => {
      heard.get(type)!({ id: A }, change)
      return answerOf()
    })
    await ask(A, 'r')
    expect(made.at(-1)).toBe('r')
  }
)

test('entries that erase nothing leave it; what is asked again reads nothing, and another question is another', async () => {
  const { heard, made, ask } = setup()
  expect((await ask(A, { from: 0 })).examined).toBe(7)
  heard.get('stored')!({ id: A }, { entries: [{ header: { type: 'note' } }] })
  expect((await ask(A, { from: 0 })).examined).toBe(0)
  await ask(A, { from: 1 })
  await ask(B, { from: 0 })
  expect(made).toEqual([{ from: 0 }, { from: 1 }, { from: 0 }])
})

test('a minute later it is made anew, however often it was asked for', async () => {
  const { clock, made, ask } = setup()
  await ask(A, 'q')
  clock.ms += CACHED_MS - 1
  await ask(A, 'q')
  expect(made).toHaveLength(1)
  clock.ms++
  await ask(A, 'q')
  expect(made).toHaveLength(2)
})

test('at the limits: an answer that is too large, too many bytes, too many answers; the oldest makes room', async () => {
  const { made, ask } = setup()
  for (let n = 0; n < 2; n++) await ask(A, 'too large', MAX_CACHED_BYTES)
  expect(made).toHaveLength(2)
  const large = MAX_CACHED_BYTES - 4096
  const fit = Math.floor(MAX_CACHE_BYTES / MAX_CACHED_BYTES)
  for (let n = 0; n <= fit; n++) await ask(A, n, large)
  await ask(A, fit, large)
  expect(made).toHaveLength(2 + fit + 1)
  await ask(A, 0, large)
  expect(made, 'the first is gone').toHaveLength(2 + fit + 2)
  for (let n = 0; n <= MAX_CACHED; n++) await ask(B, n)
  const before = made.length
  await ask(B, MAX_CACHED)
  await ask(B, 1)
  expect(made).toHaveLength(before)
  await ask(B, 0)
  expect(made).toHaveLength(before + 1)
})

test('after the end nothing is heard or kept', async () => {
  const { heard, cache, made, ask } = setup()
  await ask(A, 'q')
  cache.stop()
  expect(heard.size).toBe(0)
  await ask(A, 'q')
  expect(made).toHaveLength(2)
})
