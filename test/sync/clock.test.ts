import { describe, expect, test } from 'vitest'
import { Desk, hash } from './desk.js'

const L = 'ledger'
const HOUR_MS = 3_600_000

/** Synced with one peer, and asleep until the next deadline. */
function synced(): Desk {
  const desk = new Desk()
  desk.follow(L, 10)
  desk.on({ type: 'connected', peer: 'p' })
  desk.has('p', L, 10)
  return desk
}

describe('a clock that is not steady', () => {
  test('a timer that ends a moment too early is set again (nothing was ever looked at again until something happened)', () => {
    const desk = synced()
    const { at } = desk.only('wake-at').at(-1)!
    desk.now = at - 1
    expect(desk.on({ type: 'tick' })).toEqual([{ type: 'wake-at', at }])
    desk.now = at
    expect(desk.only('fetch-head', desk.on({ type: 'tick' }))).toHaveLength(1)
  })

  test('set back by an hour: the heads are exchanged a minute later, not an hour later', () => {
    const desk = synced()
    const { at } = desk.only('wake-at').at(-1)!
    desk.now = at - HOUR_MS
    const [again] = desk.only('wake-at', desk.on({ type: 'tick' }))
    expect(again!.at - desk.now).toBeLessThan(75_000)
    expect(desk.only('fetch-head', desk.wait(75_000)).length).toBeGreaterThan(0)
  })

  test('set back by an hour: what is said of a stall fits the clock as it goes now', () => {
    const desk = new Desk()
    desk.follow(L)
    desk.wait(40_000)
    desk.now -= HOUR_MS
    desk.on({ type: 'tick' }) // a timer does not care
    desk.on({ type: 'announced', peer: 'p', head: { ledger: L, size: 5, hash: hash(4), prevHash: hash(3) } })
    desk.wait(40_000)
    const status = desk.status(L) as { since: number; next: number }
    expect(status.since).toBeLessThanOrEqual(desk.now)
    expect(status.next).toBeGreaterThan(desk.now)
    expect(status.next).toBeLessThan(desk.now + 61_000)
  })

  test('set forward by an hour: what is due is due, and then all is well', () => {
    const desk = synced()
    desk.now += HOUR_MS
    expect(desk.word(L)).not.toBe('synced')
    expect(desk.only('fetch-head', desk.on({ type: 'tick' }))).toHaveLength(1)
    desk.has('p', L, 10)
    expect(desk.word(L)).toBe('synced')
  })
})
