import { expect, test } from 'vitest'
import { LedgermeshError, type ErrorCode } from '../../../src/core/errors.js'
import { NetworkError } from '../../../src/network/network-error.js'
import { tryAgain } from '../../../src/node/discovery/try-again.js'
import { TestClock, testRandom } from '../../ledger/support.js'

const late = new NetworkError('UNREACHABLE', 'dialling', { cause: new NetworkError('TIMEOUT', 'no answer in time') })
const refused = new NetworkError('UNREACHABLE', 'connect ECONNREFUSED', { cause: new Error('connect ECONNREFUSED') })

function failure(code: ErrorCode, cause?: Error): LedgermeshError {
  return new LedgermeshError(code, 'no', undefined, { cause })
}

/** Plays what the attempts come to, 100 ms at a time, until it has ended or a minute is over. */
async function play(results: (Error | string)[], stopAtMs = Infinity): Promise<{ end: unknown; tookMs: number }> {
  const clock = new TestClock()
  const stopping = new AbortController()
  const attempts = results[Symbol.iterator]()
  let last: Error | string = 'none'
  let end: unknown
  const run = tryAgain(
    async () => {
      last = attempts.next().value ?? last
      if (last instanceof Error) throw last
      return last
    },
    { clock, random: testRandom(), signal: stopping.signal }
  ).then(
    (value) => (end = value),
    (error: unknown) => (end = error)
  )
  let tookMs = 0
  for (; tookMs < 60_000; tookMs += 100) {
    for (let turn = 0; turn < 10; turn++) await Promise.resolve()
    if (end !== undefined) break
    if (tookMs >= stopAtMs) stopping.abort()
    clock.pass(100)
  }
  await run
  return { end, tookMs }
}

test.each([
  ['a port without a listener', failure('UNREACHABLE', refused)],
  ['a refusal in words', failure('REFUSED', new Error('DENIED'))],
  ['an address that is none', failure('BAD_ADDRESS')],
  ['a fault of ours', new TypeError('a bug')]
])('%s is thrown at once', async (_, error) => {
  expect(await play([error, 'too late'])).toEqual({ end: error, tookMs: 0 })
})

test('one that was busy is asked again, later and later', async () => {
  const { end, tookMs } = await play([
    failure('UNREACHABLE', late),
    failure('OVERLOADED'),
    failure('TIMEOUT'),
    failure('UNREACHABLE', late),
    'done'
  ])
  expect(end).toBe('done')
  // Half of 500 + 1,000 + 2,000 + 4,000 ms at least, all of it at most.
  expect(tookMs).toBeGreaterThanOrEqual(3_700)
  expect(tookMs).toBeLessThanOrEqual(7_900)
})

test('one that closes without a word is asked three times', async () => {
  const closing = new Error('closed')
  closing.name = 'ConnectionClosedError'
  const closed = [failure('REFUSED'), failure('REFUSED', new NetworkError('UNREACHABLE', 'no', { cause: closing }))]
  expect((await play([...closed, 'done'])).end).toBe('done')
  const { end, tookMs } = await play([...closed, ...closed])
  expect(end).toBe(closed[0])
  expect(tookMs).toBeLessThanOrEqual(1_600)
})

test('the signal ends it, with what went wrong last', async () => {
  const error = failure('UNREACHABLE', late)
  const { end, tookMs } = await play([error], 20_000)
  expect(end).toBe(error)
  expect(tookMs).toBeLessThan(20_300)
})
