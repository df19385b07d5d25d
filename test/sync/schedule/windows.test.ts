import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { openingOf, type Window } from '../../../src/sync/schedule/windows.js'
import { dayIn, instantOf, isZone, weekdayOf } from '../../../src/sync/schedule/zoned-time.js'

const HOUR_MS = 3_600_000
const WEEK_MS = 7 * 24 * HOUR_MS
const EVERY_DAY = [1, 2, 3, 4, 5, 6, 7]
const at = (iso: string): number => Date.parse(iso)
const iso = (ms: number): string => new Date(ms).toISOString().slice(0, 16)
const amsterdam = (from: string, to: string, days = EVERY_DAY): Window => ({
  days,
  from: minutes(from),
  to: minutes(to),
  zone: 'Europe/Amsterdam'
})

function minutes(time: string): number {
  const [hour, minute] = time.split(':')
  return Number(hour) * 60 + Number(minute)
}

function shows(window: Window[], now: string): { open: boolean; until: string } {
  const { open, until } = openingOf(window, at(now))
  return { open, until: iso(until) }
}

describe('windows of the week', () => {
  it('open and close on the wall clock of their zone', () => {
    const office = [amsterdam('09:00', '17:00', [1, 2, 3, 4, 5])]
    // Friday 2026-01-09, winter: UTC+1
    expect(shows(office, '2026-01-09T07:59Z')).toEqual({ open: false, until: '2026-01-09T08:00' })
    expect(shows(office, '2026-01-09T08:00Z')).toEqual({ open: true, until: '2026-01-09T16:00' })
    expect(shows(office, '2026-01-09T16:00Z')).toEqual({ open: false, until: '2026-01-12T08:00' })
    // summer: UTC+2
    expect(shows(office, '2026-07-10T07:00Z')).toEqual({ open: true, until: '2026-07-10T15:00' })
  })

  it('over midnight belong to the day on which they begin', () => {
    const nights = [amsterdam('22:00', '06:00', [5])]
    expect(shows(nights, '2026-01-10T04:59Z')).toEqual({ open: true, until: '2026-01-10T05:00' })
    expect(shows(nights, '2026-01-10T21:30Z')).toEqual({ open: false, until: '2026-01-16T21:00' })
  })

  it('that touch are one, and those that leave no gap never close', () => {
    expect(shows([amsterdam('09:00', '12:00'), amsterdam('12:00', '14:00')], '2026-01-09T09:00Z')).toEqual({
      open: true,
      until: '2026-01-09T13:00'
    })
    const { open, until } = openingOf([amsterdam('00:00', '24:00')], at('2026-01-09T09:00Z'))
    expect(open).toBe(true)
    expect(until).toBeGreaterThan(at('2026-01-16T09:00Z'))
  })

  it('in spring, when 02:00 is 03:00: none is lost, and none is empty', () => {
    // 2026-03-29 01:00Z the clock jumps from 02:00 to 03:00
    expect(shows([amsterdam('02:15', '02:45')], '2026-03-29T00:30Z')).toEqual({
      open: false,
      until: '2026-03-29T01:00'
    })
    expect(shows([amsterdam('02:15', '02:45')], '2026-03-29T01:00Z')).toEqual({ open: true, until: '2026-03-29T01:45' })
    expect(shows([amsterdam('02:30', '03:15')], '2026-03-29T01:00Z')).toEqual({ open: true, until: '2026-03-29T01:15' })
    expect(shows([amsterdam('22:00', '06:00', [6])], '2026-03-29T00:00Z')).toEqual({
      open: true,
      until: '2026-03-29T04:00'
    })
  })

  it('in autumn, when 02:00 to 03:00 comes twice: from the first to the last one, without a pause', () => {
    // 2026-10-25 01:00Z the clock goes back from 03:00 to 02:00
    expect(shows([amsterdam('02:15', '02:45')], '2026-10-25T00:15Z')).toEqual({ open: true, until: '2026-10-25T01:45' })
    expect(shows([amsterdam('02:15', '02:45')], '2026-10-25T01:00Z')).toEqual({ open: true, until: '2026-10-25T01:45' })
    expect(shows([amsterdam('01:00', '06:00')], '2026-10-24T23:00Z')).toEqual({ open: true, until: '2026-10-25T05:00' })
  })

  it('keep their hour on both sides of a change, in zones of both halves of the world', () => {
    for (const zone of [
      'Europe/Amsterdam',
      'America/New_York',
      'Australia/Lord_Howe',
      'America/Santiago',
      'Asia/Kolkata'
    ]) {
      const window: Window = { days: EVERY_DAY, from: 540, to: 600, zone }
      for (let now = at('2026-01-01T00:00Z'), day = 0; day < 365; day++) {
        const { until: opens } = openingOf([window], now)
        const shown = new Intl.DateTimeFormat('en-GB', { timeZone: zone, hour: '2-digit', minute: '2-digit' }).format(
          opens!
        )
        expect(`${zone} ${shown}`).toBe(`${zone} 09:00`)
        const { open, until } = openingOf([window], opens)
        expect(open).toBe(true)
        expect(until - opens).toBe(HOUR_MS)
        now = until
      }
    }
  })

  it('property: the state holds until it changes, and changes then; each day has its window', () => {
    const zones = fc.constantFrom('UTC', 'Europe/Amsterdam', 'America/New_York', 'Australia/Lord_Howe', 'Pacific/Apia')
    const window = fc
      .record({
        days: fc.uniqueArray(fc.integer({ min: 1, max: 7 }), { minLength: 1 }),
        from: fc.integer({ min: 0, max: 1439 }),
        to: fc.integer({ min: 1, max: 1440 }),
        zone: zones
      })
      .filter(({ from, to }) => from !== to)
    const times = fc.integer({ min: at('2026-01-01T00:00Z'), max: at('2028-01-01T00:00Z') })
    fc.assert(
      fc.property(fc.array(window, { minLength: 1, maxLength: 3 }), times, (windows, now) => {
        const { open, until } = openingOf(windows, now)
        expect(until).toBeGreaterThan(now)
        // Those that leave no gap for a week are only looked at again.
        expect(openingOf(windows, until).open).toBe(until - now < WEEK_MS ? !open : openingOf(windows, until).open)
        expect(until - now < WEEK_MS || open).toBe(true)
        for (const then of [until - 1, Math.floor((now + until) / 2)]) expect(openingOf(windows, then).open).toBe(open)
      }),
      { numRuns: 300 }
    )
  })
})

describe('wall clocks', () => {
  it('know zones by their names alone', () => {
    expect(['UTC', 'Europe/Amsterdam', '+02:00', 'Mars/Olympus', ''].map(isZone)).toEqual([
      true,
      true,
      false,
      false,
      false
    ])
  })

  it('count days and weekdays', () => {
    expect(weekdayOf(dayIn('UTC', at('2026-01-05T00:00Z')))).toBe(1)
    expect(weekdayOf(dayIn('Europe/Amsterdam', at('2026-01-04T23:30Z')))).toBe(1)
    expect(weekdayOf(-1)).toBe(3) // 1969-12-31
  })

  it('find a day that was skipped as a whole', () => {
    // Samoa had no 2011-12-30
    const day = dayIn('UTC', at('2011-12-30T00:00Z'))
    expect(iso(instantOf('Pacific/Apia', day, 600, 'first'))).toBe('2011-12-30T10:00')
  })
})
