import { expect, test } from 'vitest'
import { showAnswer, showCounts } from '../../src/cli/views/answer-view.js'
import { METHODS } from '../../src/rpc/methods/index.js'
import type { ResultOf } from '../../src/rpc/method.js'

type Answer = ResultOf<(typeof METHODS)['network.query']>

const answer = METHODS['network.query'].result.parse(METHODS['network.query'].example.result)

function shown(some: Partial<Answer['sources'][number]>, more: Partial<Answer> = {}): string {
  return showAnswer({ ...answer, sources: [{ ...answer.sources[0]!, ...some }], ...more })
}

test('a whole answer says so, with how many ledgers', () => {
  expect(shown({})).toContain('complete: yes, 1 ledger')
  expect(shown({})).toContain('proved: nothing was left out')
})

test('what is missing is named: each source in words, and ledgers that were not asked', () => {
  const { sources } = METHODS['network.query'].result.shape
  for (const state of sources.element.shape.state.options) {
    const text = shown({ state, by: null, name: null }, { complete: false })
    expect(text).toContain(`complete: no: ${answer.sources[0]!.ledger} (${state})`)
    expect(text).not.toContain('undefined')
  }
  const left = { ...answer.selection, left: 3 }
  expect(shown({}, { complete: false, selection: left })).toContain('complete: no: 3 ledgers not asked')
  expect(showAnswer({ ...answer, sources: [], results: [], complete: false })).toContain(
    'complete: no: no ledger was asked'
  )
})

test('a name from elsewhere moves no cursor', () => {
  const text = shown({ name: 'a\u001b[2Jb\nc' })
  expect(text).not.toContain('\u001b')
  expect(text).not.toContain('b\nc')
})

test('a count says where there may be more', () => {
  const counts = METHODS['network.count'].result.parse(METHODS['network.count'].example.result)
  expect(showCounts(counts)).toContain('7 entries in all')
  const more = { counts: [{ ...counts.counts[0]!, atLeast: true }], total: 7, complete: false }
  expect(showCounts(more)).toContain('7 or more')
})
