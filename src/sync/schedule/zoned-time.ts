/** Wall clocks of time zones, by Intl: no table of zones of our own to grow old. */
import { BoundedMap } from '../../core/bounded.js'

const MINUTE_MS = 60_000
const DAY_MS = 24 * 60 * MINUTE_MS
/** Formatters that are kept; making one costs as much as a thousand uses. */
const KEPT_ZONES = 64
/** No zone changes its offset but at a quarter of an hour. */
const QUARTER_MS = 15 * MINUTE_MS
/** Offsets that are kept: many remotes have the same windows. */
const KEPT_OFFSETS = 4096

/** A day of the calendar as days since 1970-01-01, whatever the zone. */
export type CalendarDay = number

const formatters = new BoundedMap<string, Intl.DateTimeFormat>(KEPT_ZONES)
const offsets = new BoundedMap<string, number>(KEPT_OFFSETS)

/** Does the system know this IANA zone (Europe/Amsterdam, UTC)? Plain offsets are none: they know no summer. */
export function isZone(zone: string): boolean {
  if (!/^[A-Za-z]/.test(zone)) return false
  try {
    formatterOf(zone)
    return true
  } catch (error) {
    if (error instanceof RangeError) return false
    throw error
  }
}

/** The calendar day there at `at` (ms since the epoch). */
export function dayIn(zone: string, at: number): CalendarDay {
  return Math.floor((at + offsetAt(zone, at)) / DAY_MS)
}

/** 1 Monday … 7 Sunday. */
export function weekdayOf(day: CalendarDay): number {
  return ((((day + 3) % 7) + 7) % 7) + 1
}

/**
 * When the clock there shows `minutes` after midnight of that day. A time that comes twice (autumn): `first` or the
 * last one. A time that is skipped (spring): `first`, when the clock jumps; else as long after the jump as it would
 * have been after the hour began, so that no span from a first to a last time is empty.
 */
export function instantOf(zone: string, day: CalendarDay, minutes: number, which: 'first' | 'last'): number {
  const wall = day * DAY_MS + minutes * MINUTE_MS
  const before = offsetAt(zone, wall - DAY_MS)
  const after = offsetAt(zone, wall + DAY_MS)
  if (before === after) return wall - before
  const early = wall - Math.max(before, after)
  const late = wall - Math.min(before, after)
  const isEarly = early + offsetAt(zone, early) === wall
  const isLate = late + offsetAt(zone, late) === wall
  if (isEarly || isLate) return which === 'first' ? (isEarly ? early : late) : isLate ? late : early
  return which === 'first' ? jumpBetween(zone, early, late) : late
}

/** The first ms in (from, to] at which the offset is that of `to`. */
function jumpBetween(zone: string, from: number, to: number): number {
  const target = offsetAt(zone, to)
  let before = from
  let at = to
  while (at - before > 1) {
    const middle = Math.floor((before + at) / 2)
    if (offsetAt(zone, middle) === target) at = middle
    else before = middle
  }
  return at
}

function offsetAt(zone: string, at: number): number {
  const quarter = Math.floor(at / QUARTER_MS) * QUARTER_MS
  const key = `${zone} ${quarter}`
  const known = offsets.get(key)
  if (known !== undefined) return known
  const offset = wallMs(zone, quarter) - quarter
  offsets.set(key, offset)
  return offset
}

/** What the wall clock there shows at a whole second, as if it were UTC. */
function wallMs(zone: string, at: number): number {
  const parts: Record<string, number> = {}
  for (const { type, value } of formatterOf(zone).formatToParts(at)) parts[type] = Number(value)
  const { year = 0, month = 1, day = 0, hour = 0, minute = 0, second = 0 } = parts
  return Date.UTC(year, month - 1, day, hour, minute, second)
}

function formatterOf(zone: string): Intl.DateTimeFormat {
  const known = formatters.get(zone)
  if (known !== undefined) return known
  const made = new Intl.DateTimeFormat('en-US', {
    timeZone: zone,
    calendar: 'iso8601',
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric'
  })
  formatters.set(zone, made)
  return made
}
