/** When a remote has its turn, and the text form of that. */
import { LedgermeshError } from '../../core/errors.js'
import { isInteger, isObject } from '../../core/grammar.js'
import { MAX_PERIOD_MS, MAX_WINDOWS, MIN_PERIOD_MS } from './limits.js'
import type { Window } from './windows.js'
import { isZone } from './zoned-time.js'

/**
 * Always; only when it is asked for; once in each period; or in windows of the week.
 */
export type Schedule = 'continuous' | 'manual' | Turns

/** A turn in each period, or in windows. */
export type Turns = { everyMs: number } | { windows: readonly Window[] }

const DAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun']
const UNITS: [unit: string, ms: number][] = [
  ['w', 7 * 86_400_000],
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['min', 60_000]
]
const WINDOW = /^(?:([a-z-]+(?: ?, ?[a-z-]+)*) +)?(\d{1,2}):(\d{2}) ?- ?(\d{1,2}):(\d{2}) +([A-Za-z][\w+/-]{0,63})$/

/**
 * `continuous`, `manual`, `every 24h`, or windows: `mon-fri 22:00-06:00 Europe/Amsterdam`, several with `;` between
 * them; without days: every day. Throws INVALID_PARAMS.
 */
export function parseSchedule(text: string): Schedule {
  const given = text.trim()
  if (given === 'continuous' || given === 'manual') return given
  const every = /^every +(\d{1,6}) ?([a-z]+)$/.exec(given)
  if (every !== null) {
    const ms = UNITS.find(([unit]) => unit === every[2])?.[1]
    if (ms === undefined) throw refuse(`every ${every[1]!}${every[2]!}: write min, h, d or w`)
    return checkSchedule({ everyMs: Number(every[1]) * ms })
  }
  return checkSchedule({ windows: given.split(';').map((one) => parseWindow(one.trim())) })
}

export function formatSchedule(schedule: Schedule): string {
  if (typeof schedule === 'string') return schedule
  if ('windows' in schedule) return schedule.windows.map(formatWindow).join('; ')
  const [unit, ms] = UNITS.find(([, size]) => schedule.everyMs % size === 0) ?? ['ms', 1]
  return `every ${schedule.everyMs / ms}${unit}`
}

/** Reads a schedule from a program or the disk. Throws INVALID_PARAMS. */
export function checkSchedule(given: unknown): Schedule {
  if (given === 'continuous' || given === 'manual') return given
  if (!isObject(given)) throw refuse('a schedule is continuous, manual, {everyMs} or {windows}')
  const keys = Object.keys(given)
  if (keys.length === 1 && keys[0] === 'everyMs') {
    const { everyMs } = given
    if (!isInteger(everyMs, MAX_PERIOD_MS) || everyMs < MIN_PERIOD_MS)
      throw refuse('a period is a minute to four weeks')
    return { everyMs }
  }
  const { windows } = given
  if (keys.length !== 1 || !Array.isArray(windows) || windows.length === 0 || windows.length > MAX_WINDOWS)
    throw refuse(`a schedule has a period, or 1 to ${MAX_WINDOWS} windows`)
  return { windows: windows.map(checkWindow) }
}

function checkWindow(given: unknown): Window {
  if (!isObject(given) || Object.keys(given).some((key) => !['days', 'from', 'to', 'zone'].includes(key)))
    throw refuse('a window is {days, from, to, zone}')
  const { days, from, to, zone } = given
  if (
    !Array.isArray(days) ||
    days.length === 0 ||
    days.length > 7 ||
    !days.every((day): day is number => isInteger(day, 7) && day > 0)
  )
    throw refuse('the days of a window are 1 (Monday) to 7')
  if (!isInteger(from, 1439) || !isInteger(to, 1440) || to === 0 || to === from)
    throw refuse('a window goes from 00:00–23:59 to 00:01–24:00, and not to where it begins')
  if (typeof zone !== 'string' || zone.length > 64 || !isZone(zone))
    throw refuse('the zone of a window is one such as Europe/Amsterdam, or UTC')
  return { days: [...new Set(days)].sort((a, b) => a - b), from, to, zone }
}

function parseWindow(text: string): Window {
  const match = WINDOW.exec(text)
  if (match === null)
    throw refuse(
      `${JSON.stringify(text.slice(0, 64))} is no schedule: write continuous, manual, every 24h, or mon-fri 22:00-06:00 Europe/Amsterdam`
    )
  const [, days, fromHour, fromMinute, toHour, toMinute, zone] = match
  const minutes = (hour: string, minute: string): number => {
    if (Number(minute) > 59) throw refuse(`${hour}:${minute} is no time of day`)
    return Number(hour) * 60 + Number(minute)
  }
  return {
    days: days === undefined ? [1, 2, 3, 4, 5, 6, 7] : days.split(',').flatMap((part) => parseDays(part.trim())),
    from: minutes(fromHour!, fromMinute!),
    // 00:00 is where the day ends, too.
    to: minutes(toHour!, toMinute!) || 1440,
    zone: zone!
  }
}

/** `fri-mon` goes over the weekend. */
function parseDays(text: string): number[] {
  const [first, last = first, more] = text.split('-').map((day) => DAYS.indexOf(day) + 1)
  if (first === undefined || last === undefined || more !== undefined || first === 0 || last === 0)
    throw refuse(`${JSON.stringify(text)} are no days: write mon-fri, or sat,sun`)
  return Array.from({ length: ((last - first + 7) % 7) + 1 }, (_, at) => ((first - 1 + at) % 7) + 1)
}

function formatWindow({ days, from, to, zone }: Window): string {
  const time = (minutes: number): string =>
    `${String(Math.floor(minutes / 60)).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}`
  return `${days.length === 7 ? '' : `${formatDays(days)} `}${time(from)}-${time(to)} ${zone}`
}

function formatDays(days: readonly number[]): string {
  const runs: [first: number, last: number][] = []
  for (const day of days) {
    const run = runs.at(-1)
    if (run !== undefined && run[1] === day - 1) run[1] = day
    else runs.push([day, day])
  }
  const name = (day: number): string => DAYS[day - 1]!
  return runs.map(([first, last]) => (first === last ? name(first) : `${name(first)}-${name(last)}`)).join(',')
}

function refuse(why: string): LedgermeshError {
  return new LedgermeshError('INVALID_PARAMS', why)
}
