import { expect, test } from 'vitest'
import { sha256Text } from '../../src/core/hash.js'
import { ledgerIdOf } from '../../src/core/ledger-id.js'
import { mergeDelayMs } from '../../src/conflict/election.js'
import { ELECTION_STEP_MS } from '../../src/conflict/limits.js'
import { readRule } from '../../src/conflict/rule.js'

const LEDGERS = ['a', 'b', 'c', 'd'].map((name) => ledgerIdOf(sha256Text(name)))
const [A, B, , D] = LEDGERS as [string, string, string, string]
const rule = readRule({ name: 'test', key: ['id'], scope: 'held', writers: LEDGERS.slice(0, 3), strategy: 'merge' })
const id = (n: number): string => `c${String(n).padStart(32, '0')}`

test('the writers among the authors wait one after another, in an order that follows from the conflict', () => {
  const firsts = new Set<string>()
  for (let n = 0; n < 50; n++) {
    const delays = [A, B].map((own) => mergeDelayMs(rule, id(n), [A, B, D], own)!)
    expect(delays.toSorted((a, b) => a - b)).toEqual([0, ELECTION_STEP_MS])
    expect([B, A].map((own) => mergeDelayMs(rule, id(n), [D, B, A], own))).toEqual(delays.toReversed())
    firsts.add(delays[0] === 0 ? 'a' : 'b')
  }
  expect(firsts.size).toBe(2)
})

test('who is no writer never merges; when no writer is concerned, all of them are', () => {
  expect(mergeDelayMs(rule, id(1), [A, D], D)).toBeNull()
  expect(mergeDelayMs(rule, id(1), [A, D], B)).toBeNull()
  expect(
    LEDGERS.slice(0, 3)
      .map((own) => mergeDelayMs(rule, id(1), [D], own)!)
      .toSorted((a, b) => a - b)
  ).toEqual([0, ELECTION_STEP_MS, 2 * ELECTION_STEP_MS])
})
