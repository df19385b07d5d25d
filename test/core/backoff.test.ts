import { expect, test } from 'vitest'
import { Backoff, growingMs, jitteredMs } from '../../src/core/backoff.js'

const LIMITS = { first: 100, last: 1_000 }
const always = (next: number): { next: () => number } => ({ next: () => next })

test('twice as long after each failure, at most the last, also after very many', () => {
  expect([0, 1, 2, 3, 4, 1e6].map((failures) => growingMs(failures, LIMITS))).toEqual([
    100, 200, 400, 800, 1_000, 1_000
  ])
})

test('with jitter between half and the whole of it', () => {
  expect(jitteredMs(1, LIMITS, always(0))).toBe(100)
  expect(jitteredMs(1, LIMITS, always(0.999_999))).toBe(200)
})

test('counts by itself, and begins anew when it worked', () => {
  const backoff = new Backoff(LIMITS, always(0))
  expect([backoff.next(), backoff.next(), backoff.next()]).toEqual([50, 100, 200])
  expect(backoff.failures).toBe(3)
  backoff.reset()
  expect(backoff.next()).toBe(50)
})
