/** Times, spans and levels as people write them. What could be read in two ways is refused, with both readings. */
import { LedgermeshError } from '../core/errors.js'
import { MAX_TIMESTAMP_MS } from '../core/limits.js'

/** What a span such as `7d` counts from: back from now, on from now, or nothing (then only a date will do). */
export type Sense = 'past' | 'future' | 'instant'

/** ms of a unit. `m` is not one: minutes or months? */
const UNITS: Record<string, number> = { ms: 1, s: 1000, min: 60_000, h: 3_600_000, d: 86_400_000, w: 7 * 86_400_000 }
const SPAN = /^(\d+(?:\.\d+)?) ?([a-z]+)$/i
const DATE = /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2}(?::\d{2}(?:\.\d{1,3})?)?) ?(Z|[+-]\d{2}:\d{2})?)?$/
const DIGITS = /^\d+$/
/** Fewer ms since 1970 than this (1973) may be seconds, or a year. */
const CERTAINLY_MS = 100_000_000_000

/**
 * ms since 1970: of that number, of a date (2026-03-01: its beginning in UTC; 2026-03-01T12:00:00Z) or, from `now`, of
 * a span. Throws INVALID_PARAMS.
 */
export function readTime(given: number | string, sense: Sense, now: number): number {
  const ms = Math.round(typeof given === 'number' ? given : timeOf(given.trim(), sense, now))
  if (typeof given === 'number' && !Number.isInteger(given))
    throw refuse(given, 'is not a whole number of milliseconds')
  if (ms < 0 || ms > MAX_TIMESTAMP_MS) throw refuse(given, 'is not between the years 1970 and 9999')
  return ms
}

function timeOf(text: string, sense: Sense, now: number): number {
  if (DIGITS.test(text)) {
    const ms = Number(text)
    if (ms !== 0 && ms < CERTAINLY_MS)
      throw refuse(text, 'can be seconds, milliseconds or a year: write a date, 2026-03-01 or 2026-03-01T12:00:00Z')
    return ms
  }
  if (SPAN.test(text)) {
    if (sense === 'instant')
      throw refuse(text, 'does not say from when: write a date, 2026-03-01 or 2026-03-01T12:00:00Z')
    return sense === 'past' ? now - readSpan(text) : now + readSpan(text)
  }
  const date = DATE.exec(text)
  if (date === null)
    throw refuse(
      text,
      'is not a time: write 2026-03-01, 2026-03-01T12:00:00Z, milliseconds since 1970, or (where it is clear from when) 7d or 12h'
    )
  const [, day, time, zone] = date
  if (time !== undefined && zone === undefined)
    throw refuse(text, 'does not say in which zone: end it with Z (UTC) or +02:00')
  const ms = Date.parse(time === undefined ? `${day!}T00:00:00Z` : `${day!}T${time}${zone!}`)
  // 30 February would be read as 2 March
  if (Number.isNaN(ms) || new Date(`${day!}T00:00:00Z`).toISOString().slice(0, 10) !== day)
    throw refuse(text, 'is not an existing date or time')
  return ms
}

/** ms of a span such as 90s, 30min, 12h, 7d or 2w. Throws INVALID_PARAMS. */
export function readSpan(text: string): number {
  const [, count, unit] = SPAN.exec(text.trim()) ?? []
  if (count === undefined) throw refuse(text, 'is not a span: write 90s, 30min, 12h, 7d or 2w')
  if (/^(?:m|mo)$/i.test(unit!)) throw refuse(text, 'can be minutes or months: write 30min or 30d')
  const ms = UNITS[unit!]
  if (ms === undefined) throw refuse(text, 'has no known unit: write s, min, h, d or w')
  return Number(count) * ms
}

/** Thousandths: of a whole number of them (800), or of a part of one (0.8). Throws INVALID_PARAMS. */
export function readLevel(given: number | string): number {
  const text = String(given).trim()
  if (text === '1') throw refuse(given, 'can be one thousandth or all: write 0.001, or 1000')
  if (DIGITS.test(text) && Number(text) <= 1000) return Number(text)
  if (/^(?:0?\.\d{1,3}|1\.0{1,3}|0\.0)$/.test(text)) return Math.round(Number(text) * 1000)
  throw refuse(
    given,
    'is no level: write 0 to 1 with a point and at most three digits behind it (0.8), or 0 to 1000 thousandths'
  )
}

/** Whole days: of a number of them, or of a span (30d, 2w). Throws INVALID_PARAMS. */
export function readDays(given: number | string): number {
  const days =
    typeof given === 'number' ? given : DIGITS.test(given.trim()) ? Number(given) : readSpan(given) / UNITS.d!
  if (!Number.isInteger(days)) throw refuse(given, 'is not a whole number of days')
  return days
}

function refuse(given: number | string, why: string): LedgermeshError {
  return new LedgermeshError(
    'INVALID_PARAMS',
    `${JSON.stringify(typeof given === 'string' ? given.slice(0, 64) : given)} ${why}`
  )
}
