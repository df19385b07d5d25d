/** When one of several weekly windows is open. */
import { dayIn, instantOf, weekdayOf } from './zoned-time.js'

/** A span of the week on the wall clock of a zone; `to` not after `from`: it ends on the next day. */
export interface Window {
  /** 1 Monday … 7 Sunday: the days on which it begins. */
  days: readonly number[]
  /** Minutes after midnight: 0 to 1,439, and 1 to 1,440. */
  from: number
  to: number
  /** IANA: Europe/Amsterdam, UTC. */
  zone: string
}

/**
 * Is one open, and until when (ms since the epoch)? Then it changes; windows that leave no gap for a week are looked at
 * again.
 */
export interface Opening {
  open: boolean
  until: number
}

/** A week and the day before, for a window that has begun then; and the day after. */
const DAYS_AHEAD = 8
const DAY_MS = 86_400_000

export function openingOf(windows: readonly Window[], now: number): Opening {
  let until = now
  for (let end = now; until - now < DAYS_AHEAD * DAY_MS; until = end) {
    end = Math.max(until, ...windows.map((window) => endAt(window, until)))
    if (end === until) break
  }
  return until > now
    ? { open: true, until }
    : { open: false, until: Math.min(now + DAYS_AHEAD * DAY_MS, ...windows.map((window) => startAfter(window, now))) }
}

/** When the window that is open at `at` ends; `at` itself: none is. */
function endAt(window: Window, at: number): number {
  const today = dayIn(window.zone, at)
  let end = at
  for (const day of [today - 1, today, today + 1]) {
    const span = spanOn(window, day)
    if (span !== null && span.start <= at && span.end > end) end = span.end
  }
  return end
}

function startAfter(window: Window, at: number): number {
  const today = dayIn(window.zone, at)
  for (let day = today; day <= today + DAYS_AHEAD; day++) {
    const span = spanOn(window, day)
    if (span !== null && span.start > at) return span.start
  }
  return Infinity
}

function spanOn({ days, from, to, zone }: Window, day: number): { start: number; end: number } | null {
  if (!days.includes(weekdayOf(day))) return null
  return {
    start: instantOf(zone, day, from, 'first'),
    end: instantOf(zone, to <= from ? day + 1 : day, to, 'last')
  }
}
