import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Quota } from '../../src/network/quota.js'
import { RejectTally } from '../../src/network/reject-tally.js'

describe('quota', () => {
  const limits = { unitsPerSecond: 10, burstUnits: 5 }

  test('the burst is free, one unit more waits for its time, and idling refills it', () => {
    const quota = new Quota(limits)
    for (let i = 0; i < 5; i++) expect(quota.take('a', 1, 1_000)).toBe(0)
    expect(quota.take('a', 1, 1_000)).toBe(100)
    expect(quota.take('a', 1, 1_000)).toBe(200)
    expect(quota.take('b', 5, 1_000)).toBe(0)
    expect(quota.take('a', 1, 1_250)).toBe(50)
    expect(quota.take('a', 5, 100_000)).toBe(0)
    expect(quota.take('a', 0.5, 100_000)).toBe(50)
  })

  test('a clock that goes back gives nothing away and blocks nobody for ever', () => {
    const quota = new Quota(limits)
    expect(quota.take('a', 5, 10_000)).toBe(0)
    expect(quota.take('a', 1, 9_000)).toBe(1_100)
  })

  test('who waits as told never gets more than rate and burst', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.integer({ min: 0, max: 1_000 }), fc.integer({ min: 1, max: 40 })), { maxLength: 60 }),
        (steps) => {
          const quota = new Quota(limits)
          let now = 0
          let used = 0
          for (const [idle, sixteenths] of steps) {
            now += idle
            now += quota.take('a', sixteenths / 16, now)
            used += sixteenths / 16
            expect(used).toBeLessThanOrEqual(limits.burstUnits + (now / 1_000) * limits.unitsPerSecond + 1e-6)
          }
        }
      )
    )
  })

  test('keys that owe nothing are forgotten', () => {
    const quota = new Quota(limits)
    for (let i = 0; i < 20_000; i++) quota.take(`peer ${i}`, 1, i * 10)
    expect(quota.size).toBeLessThan(5_000)
  })
})

describe('rejected messages', () => {
  test('one is cheap, three are below the graylist, time forgives', () => {
    const tally = new RejectTally()
    expect(tally.score('a', 0)).toBe(0)
    tally.add('a', 0)
    expect(tally.score('a', 0)).toBe(-1)
    tally.add('a', 0)
    tally.add('a', 0)
    expect(tally.score('a', 0) * 10).toBeLessThan(-80)
    expect(tally.score('b', 0)).toBe(0)
    expect(tally.score('a', 10 * 60_000)).toBeCloseTo(-2.25)
    expect(tally.score('a', 24 * 60 * 60_000)).toBe(0)
  })
})
