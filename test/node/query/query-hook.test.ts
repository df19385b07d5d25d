import { expect, test } from 'vitest'
import type { NetworkAnswer, NetworkQuestion } from '../../../src/node/api/query.js'
import { answerAcross } from '../../../src/node/query/query-hook.js'
import { MAX_LIMIT } from '../../../src/query/limits.js'

const ANSWER = { aggregated: ['e'], nextCursor: 'c', hasMore: true, complete: false, sources: ['s'], more: 1 }

async function asked(
  filter: Record<string, unknown>,
  isOn = true
): Promise<{ questions: NetworkQuestion[]; outcome: unknown }> {
  const questions: NetworkQuestion[] = []
  const outcome = await answerAcross(filter, isOn, async (question) => {
    questions.push(question)
    return ANSWER as unknown as NetworkAnswer
  })
  return { questions, outcome }
}

test('names of ledgers without the word, or with another value, are refused: nobody asks one ledger by mistake', async () => {
  for (const filter of [
    { _ledgers: ['a'] },
    { _ledgers: ['a'], _crossLedger: false },
    { _crossLedger: 'true' },
    { _crossLedger: null },
    { _crossLedger: 1 }
  ])
    await expect(asked(filter)).rejects.toMatchObject({ code: 'INVALID_PARAMS' })
  await expect(asked({ _crossLedger: true, adopted: true })).rejects.toMatchObject({ code: 'INVALID_PARAMS' })
})

test('switched off, or not asked for, the filter is left as it is', async () => {
  expect(await asked({ _crossLedger: true }, false)).toEqual({ questions: [], outcome: null })
  expect(await asked({ stream: 'main' })).toEqual({ questions: [], outcome: null })
  expect(await asked({ stream: 'main', _crossLedger: false })).toEqual({
    questions: [],
    outcome: { filter: { stream: 'main' } }
  })
})

test('the question has the filter without its own members, and a limit that is allowed', async () => {
  const { questions, outcome } = await asked({
    _crossLedger: true,
    _ledgers: ['a'],
    stream: 'main',
    limit: MAX_LIMIT + 1,
    order: 'desc'
  })
  expect(questions).toEqual([
    { filters: { stream: 'main' }, ledgers: ['a'], order: 'desc', cursor: undefined, limit: MAX_LIMIT }
  ])
  expect(outcome).toEqual({
    shortCircuit: { entries: ['e'], nextCursor: 'c', hasMore: true, complete: false, sources: ['s'] }
  })
  expect((await asked({ _crossLedger: true })).questions[0]!.limit).toBeUndefined()
})
