import { expect, test } from 'vitest'
import { pause } from '../../../src/node/runtime/pause.js'

test('a pause ends with its time or its signal, and leaves no timer', async () => {
  const timers = new Set<() => void>()
  const clock = {
    now: () => 0,
    after: (_ms: number, call: () => void) => {
      timers.add(call)
      return () => timers.delete(call)
    }
  }
  const controller = new AbortController()
  const timed = pause(clock, 10, controller.signal)
  for (const call of timers) call()
  await timed
  const cut = pause(clock, 10, controller.signal)
  expect(timers.size).toBe(1)
  controller.abort()
  await cut
  await pause(clock, 10, controller.signal)
  expect(timers.size).toBe(0)
})
