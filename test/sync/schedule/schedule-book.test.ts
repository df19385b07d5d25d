import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseSchedule } from '../../../src/sync/schedule/schedule.js'
import { ScheduleBook, type Turned } from '../../../src/sync/schedule/schedule-book.js'

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
const START = Date.parse('2026-03-20T12:00Z')

/** Looks whenever the book asks for it, until `end`; `work`: how long an open remote needs, or null: for ever. */
function play(book: ScheduleBook, from: number, end: number, work: (remote: string) => number | null): Turned[] {
  const log: (Turned & { at: number })[] = []
  const busy = new Map<string, number>()
  let now = from
  for (let turns = 0; now <= end; turns++) {
    if (turns > 200_000) throw new Error('it never stops waking up')
    for (const [remote, until] of busy)
      if (until <= now) {
        busy.delete(remote)
        book.done(remote)
      }
    const { turned, next } = book.look(now)
    for (const one of turned) {
      log.push({ ...one, at: now })
      busy.delete(one.remote)
      const needs = work(one.remote)
      if (one.open && needs !== null) busy.set(one.remote, now + needs)
    }
    const wakes = Math.min(next ?? Infinity, ...busy.values())
    expect(wakes).toBeGreaterThan(now)
    now = wakes
  }
  return log
}

const opens = (log: Turned[]): number[] =>
  log.filter(({ open }) => open).map((one) => (one as Turned & { at: number }).at)

describe('the book of schedules', () => {
  it('keeps a continuous remote open and never looks at it again', () => {
    const book = new ScheduleBook()
    book.set('a', 'continuous', null)
    expect(book.look(START)).toEqual({ turned: [], next: null })
    expect(book.gateOf('a')).toEqual({ open: true, next: null })
    expect(book.gateOf('nobody')).toEqual({ open: true, next: null })
  })

  it('opens a manual one when it is asked for, until it is done or an hour is over', () => {
    const book = new ScheduleBook()
    book.set('a', 'manual', null)
    expect(book.look(START)).toEqual({ turned: [{ remote: 'a', open: false, next: null }], next: null })
    book.ask('a', START)
    expect(book.look(START)).toEqual({ turned: [{ remote: 'a', open: true, next: null }], next: START + HOUR_MS })
    book.done('a')
    expect(book.look(START + 5).turned).toEqual([{ remote: 'a', open: false, next: null }])
    book.ask('a', START + 10)
    book.look(START + 10)
    expect(book.look(START + 10 + HOUR_MS).turned).toEqual([{ remote: 'a', open: false, next: null }])
  })

  it('opens a periodic one once in each period, the first time at once, and closes it when it is done', () => {
    const book = new ScheduleBook()
    book.set('a', parseSchedule('every 24h'), null)
    const at = opens(play(book, START, START + 30 * DAY_MS, () => 60_000))
    // the first look finds it open already
    expect(at.length).toBeGreaterThanOrEqual(28)
    expect(at.length).toBeLessThanOrEqual(31)
    const gaps = at.slice(1).map((one, n) => one - at[n]!)
    expect(Math.min(...gaps)).toBeGreaterThan(DAY_MS / 2)
    expect(Math.max(...gaps)).toBeLessThan(1.5 * DAY_MS)
    expect(new Set(gaps).size).toBeGreaterThan(10) // jitter
  })

  it('finds the same times again after a restart, and catches up what was missed while the node was off', () => {
    const book = new ScheduleBook()
    book.set('a', parseSchedule('every 24h'), null)
    play(book, START, START + HOUR_MS, () => 1)
    const { next } = book.gateOf('a')
    const again = new ScheduleBook()
    again.set('a', parseSchedule('every 24h'), book.ranAt('a'))
    again.look(START + 2 * HOUR_MS)
    expect(again.gateOf('a')).toEqual({ open: false, next })
    const late = new ScheduleBook()
    late.set('a', parseSchedule('every 24h'), book.ranAt('a'))
    late.look(next! + 5 * HOUR_MS)
    expect(late.gateOf('a').open).toBe(true)
  })

  it('spreads the turns of many remotes over the period', () => {
    const book = new ScheduleBook()
    for (let n = 0; n < 1000; n++) book.set(`remote ${n}`, parseSchedule('every 24h'), START)
    const hours = new Map<number, number>()
    for (const at of opens(play(book, START, START + 2 * DAY_MS, () => 1)))
      hours.set(Math.floor((at - START) / HOUR_MS), (hours.get(Math.floor((at - START) / HOUR_MS)) ?? 0) + 1)
    expect(Math.max(...hours.values())).toBeLessThan(120)
  })

  it('opens at windows, over the change to summer time', () => {
    const book = new ScheduleBook()
    book.set('a', parseSchedule('02:00-04:00 Europe/Amsterdam'), null)
    const at = opens(play(book, Date.parse('2026-03-27T12:00Z'), Date.parse('2026-03-31T12:00Z'), () => null))
    expect(at.map((one) => new Date(one).toISOString().slice(0, 16))).toEqual([
      '2026-03-28T01:00',
      '2026-03-29T01:00',
      '2026-03-30T00:00',
      '2026-03-31T00:00'
    ])
  })

  it('is not closed for ever by a clock that was set back', () => {
    const book = new ScheduleBook()
    book.set('a', parseSchedule('every 1h'), null)
    book.look(START)
    book.done('a')
    book.look(START + 1)
    const before = START - 365 * DAY_MS
    book.look(before)
    expect(book.gateOf('a').next).toBeLessThan(before + 2 * HOUR_MS)
  })

  it('plays 1,000 remotes over a change of the clock with few looks', () => {
    const book = new ScheduleBook()
    const texts = ['every 6h', 'mon-fri 22:00-06:00 Europe/Amsterdam', '01:30-02:30 America/New_York', 'manual']
    for (let n = 0; n < 1000; n++) book.set(`remote ${n}`, parseSchedule(texts[n % texts.length]!), null)
    const log = play(book, Date.parse('2026-10-24T00:00Z'), Date.parse('2026-10-28T00:00Z'), () => 1000)
    expect(log.length).toBeLessThan(1000 * 20)
    const opened = new Set(log.filter(({ open }) => open).map(({ remote }) => remote))
    expect(['remote 0', 'remote 1', 'remote 2', 'remote 3'].filter((remote) => !opened.has(remote))).toEqual([
      'remote 3'
    ])
  })

  it('property: a closed remote with a next time opens then, and not before', () => {
    const schedule = fc.constantFrom(
      'every 1min',
      'every 6h',
      'every 4w',
      '22:00-06:00 Europe/Amsterdam',
      'sun 00:00-24:00 UTC'
    )
    fc.assert(
      fc.property(schedule, fc.nat(), fc.integer({ min: 0, max: 3 * 365 * DAY_MS }), (text, id, offset) => {
        const book = new ScheduleBook()
        const now = START + offset
        book.set(`r${id}`, parseSchedule(text), now)
        book.look(now)
        const { open, next } = book.gateOf(`r${id}`)
        if (open) return
        book.look(next! - 1)
        expect(book.gateOf(`r${id}`)).toEqual({ open: false, next })
        book.look(next!)
        expect(book.gateOf(`r${id}`).open).toBe(true)
      })
    )
  })
})
