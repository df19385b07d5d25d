/** How much of the event loop HTTP takes: nothing that others need, and no longer a wait than it must. */
import { expect, test } from 'vitest'
import { Pace } from '../../src/http/pace.js'

interface Loop {
  time: number
  busy: number
}

/** Calls as fast as the pace lets them, of so many KiB each, for so long; how many there were. */
function callsIn(loop: Loop, pace: Pace, ms: number, kib: number): number {
  const end = loop.time + ms
  let calls = 0
  for (;;) {
    loop.time += Math.max(pace.wait, 0.5 + kib * 0.03) // what it costs
    if (loop.time >= end) return calls
    pace.spent(kib * 1024)
    calls++
  }
}

test('while others want all of the loop, HTTP gets a few hundredths; when they are done, everything', () => {
  const loop = { time: 0, busy: 1 }
  const pace = new Pace({ now: () => loop.time, busy: () => loop.busy })
  callsIn(loop, pace, 2_000, 20) // until it has noticed
  const busy = callsIn(loop, pace, 10_000, 20) * (0.5 + 20 * 0.03)
  expect(busy / 10_000).toBeLessThan(0.05)
  expect(busy).toBeGreaterThan(0)
  loop.busy = 0.5
  callsIn(loop, pace, 2_000, 20)
  expect((callsIn(loop, pace, 10_000, 20) * (0.5 + 20 * 0.03)) / 10_000).toBeGreaterThan(0.95)
})

test('nobody waits for longer than two seconds, whatever was sent before', () => {
  const loop = { time: 0, busy: 1 }
  const pace = new Pace({ now: () => loop.time, busy: () => loop.busy })
  for (let at = 0; at < 100; at++) pace.spent(8 * 1024 * 1024)
  expect(pace.wait).toBe(2_000)
})

test('on a loop that has time the first call waits for nothing, and the next ones hardly', () => {
  const loop = { time: 0, busy: 0 }
  const pace = new Pace({ now: () => loop.time, busy: () => loop.busy })
  expect(pace.wait).toBe(0)
  pace.spent(2_000)
  expect(pace.wait).toBeLessThan(3)
})
