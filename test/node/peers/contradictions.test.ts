import { expect, test } from 'vitest'
import { Contradictions } from '../../../src/node/peers/contradictions.js'
import { TestClock } from '../../ledger/support.js'

const MAX_KEPT = 256
const found = (problem: string) => ({ source: 'dht' as never, peer: 'p', ledger: null, problem })

test('lies without end take no memory: the newest are kept, and the same one again is one', () => {
  const clock = new TestClock()
  const contradictions = new Contradictions(clock)
  for (let n = 0; n <= MAX_KEPT; n++) contradictions.add(found(`${n}`))
  clock.pass(5)
  for (let n = 0; n < 9; n++) contradictions.add(found('7'))
  const kept = contradictions.list()
  expect([kept.length, kept[0]!.problem, kept.at(-1)]).toEqual([MAX_KEPT, '1', { ...found('7'), at: clock.now() }])
})

test('what is found after a mark is listed, also when it is found again, and what else is wanted', () => {
  const contradictions = new Contradictions(new TestClock())
  for (const problem of ['a', 'b', 'c']) contradictions.add(found(problem))
  const mark = contradictions.mark()
  contradictions.add(found('b'))
  contradictions.add(found('d'))
  const listed = (also?: string): string[] =>
    contradictions.list(mark, ({ problem }) => problem === also).map(({ problem }) => problem)
  expect([listed(), listed('a')]).toEqual([
    ['b', 'd'],
    ['a', 'b', 'd']
  ])
})
