/**
 * Questions across ledgers under every mixture of faults: `complete` is never said when an entry is missing, each source
 * says what came of it, and the answer is there when it is due. `SIM_SEED=… npx vitest run dist/test/sim/query` replays.
 */
import assert from 'node:assert/strict'
import { expect, test } from 'vitest'
import { MAX_IN_FLIGHT } from '../../../src/query/limits.js'
import { dice } from '../../helpers/dice.js'
import { makeLedger, QueryWorld, rootOf, type SimAnswer, type SimLedger } from './world.js'

const DEADLINE = 5_000
const SEEDS = process.env.SIM_SEED === undefined ? Number(process.env.SIM_SEEDS ?? 600) : 1
const FIRST = Number(process.env.SIM_SEED ?? 1)
const ORDER_OF_STATES = [
  'proved',
  'included',
  'stale',
  'truncated',
  'frozen',
  'unlinked',
  'unknown',
  'no_peers',
  'timeout',
  'busy',
  'bad_answer'
]

function play(seed: number): { ledgers: SimLedger[]; answer: SimAnswer } {
  const random = dice(seed)
  const ledgers = Array.from({ length: 1 + Math.floor(random() * 16) }, (_, at) => makeLedger(`l${at}`, random))
  return { ledgers, answer: new QueryWorld(ledgers, random, DEADLINE).run() }
}

/** What should have been shown of a source that says that nothing is missing. */
function missing({ ledgers, answer }: ReturnType<typeof play>, ledger: string): string | null {
  const source = answer.sources.find((one) => one.ledger === ledger)!
  const { main, fork } = ledgers.find(({ id }) => id === ledger)!
  const { size, root } = source.as_of!
  const history = [main, fork].find((one) => size <= one.hashes.length && rootOf(one, size) === root)
  if (history === undefined) return 'a tree that there is not'
  const { next } = source
  const taken = new Set(answer.taken.get(ledger)?.seqs ?? [])
  // What lies behind the cursor is not due yet.
  const isDue = (seq: number): boolean => next === null || (answer.order === 'asc' ? seq < next.seq : seq >= next.seq)
  const left = history.matches.filter((seq) => seq < size && isDue(seq) && !taken.has(seq))
  return left.length === 0 ? null : `entries ${left.join(', ')} of ${ledger}`
}

test(`${SEEDS} questions from seed ${FIRST}`, { timeout: 120_000 }, () => {
  const states = new Map<string, number>()
  const proofs = { chain: 0, author: 0 }
  let complete = 0
  let believed = 0
  for (let seed = FIRST; seed < FIRST + SEEDS; seed++) {
    const played = play(seed)
    const { ledgers, answer } = played
    const context = `SIM_SEED=${seed}`
    assert.ok(answer.tookMs <= DEADLINE, `${context}: it took ${answer.tookMs} ms`)
    assert.ok(answer.mostAtOnce <= MAX_IN_FLIGHT, context)
    assert.deepEqual(
      answer.sources.map(({ ledger }) => ledger),
      ledgers.map(({ id }) => id),
      context
    )
    for (const source of answer.sources) {
      states.set(source.state, (states.get(source.state) ?? 0) + 1)
      const taken = answer.taken.get(source.ledger)?.seqs ?? []
      assert.equal(source.entries, taken.length, `${context}: what is counted is what was taken`)
      if (source.state === 'proved') {
        const lies = ledgers.find(({ id }) => id === source.ledger)!.main.index?.hides.length ?? 0
        assert.ok(source.by !== null, context)
        proofs[source.by]++
        // The one who may lie is the author, in his index alone: then it says that it is his word.
        const left = missing(played, source.ledger)
        if (left !== null && source.by === 'author' && lies > 0) believed++
        else assert.equal(left, null, context)
      } else assert.equal(source.by, null, context)
      if (source.state !== 'unlinked') assert.ok(source.asked.length > 0 || source.entries === 0, context)
    }
    assert.equal(
      answer.complete,
      answer.sources.every(({ state }) => state === 'proved'),
      context
    )
    if (answer.complete) complete++
  }
  console.log(
    `questions: ${SEEDS} seeds from ${FIRST}, ${complete} complete; by chain ${proofs.chain}, by author ${proofs.author}, of these ${believed} lies; ${[...states].map(([state, count]) => `${state} ${count}`).join(', ')}`
  )
  if (SEEDS < 100) return
  expect(ORDER_OF_STATES.filter((state) => !states.has(state))).toEqual([])
  expect(complete).toBeGreaterThan(0)
  expect(Math.min(proofs.chain, proofs.author, believed)).toBeGreaterThan(0)
})

test('one seed is played alike twice', () => {
  for (const seed of [3, 33, 333])
    expect(JSON.stringify(play(seed).answer.sources)).toBe(JSON.stringify(play(seed).answer.sources))
})
