import { expect, test } from 'vitest'
import { forwardClock } from '../../src/node/runtime/monotonic-clock.js'

test('a clock that is set back goes on from where it was; one that jumps ahead is believed', () => {
  let wall = 1000
  const clock = forwardClock({ now: () => wall, after: () => () => {} })
  expect(clock.now()).toBe(1000)
  wall = 5000
  expect(clock.now()).toBe(5000)
  wall = 2000
  expect(clock.now()).toBe(5000)
  wall = 2300
  expect(clock.now()).toBe(5300)
  wall = 2200
  expect(clock.now()).toBe(5300)
  wall = 2250
  expect(clock.now()).toBe(5350)
})
