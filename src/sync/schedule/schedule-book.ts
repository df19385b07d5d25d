/**
 * The turns of remotes. A remote is open or closed; for a closed one the next opening is known. Pure: the time is an
 * argument, by the wall clock, because windows are times of day.
 */
import { PERIOD_JITTER, TURN_MAX_MS } from './limits.js'
import type { Schedule } from './schedule.js'
import { openingOf } from './windows.js'

/** `next`: when a closed one opens, ms since the epoch; null: on request. For an open one: null. */
export interface Gate {
  open: boolean
  next: number | null
}

/** A remote whose gate has changed. */
export interface Turned extends Gate {
  remote: string
}

interface Row {
  schedule: Schedule
  gate: Gate
  /** The turn that was asked for, or that a period gave, began then; null: none goes on. */
  turnSince: number | null
  /** When the last turn began, ms since the epoch; null: never. */
  ran: number | null
  /** When to look again. */
  lookAt: number
}

export class ScheduleBook {
  readonly #rows = new Map<string, Row>()

  /** `ran`: when its last turn began, as far as is known. Its gate is told by the next `look`, when it is closed. */
  set(remote: string, schedule: Schedule, ran: number | null): void {
    const known = this.#rows.get(remote)
    const gate = known?.gate ?? { open: true, next: null }
    this.#rows.set(remote, { schedule, gate, turnSince: null, ran, lookAt: -Infinity })
  }

  has(remote: string): boolean {
    return this.#rows.has(remote)
  }

  delete(remote: string): void {
    this.#rows.delete(remote)
  }

  gateOf(remote: string): Gate {
    return this.#rows.get(remote)?.gate ?? { open: true, next: null }
  }

  ranAt(remote: string): number | null {
    return this.#rows.get(remote)?.ran ?? null
  }

  /** Opens it now, on request, until it is done, whatever its schedule. */
  ask(remote: string, now: number): void {
    const row = this.#rows.get(remote)
    if (row === undefined || row.schedule === 'continuous') return
    begin(row, now)
  }

  /** Its turn is done: closed until the next. */
  done(remote: string): void {
    const row = this.#rows.get(remote)
    if (row === undefined || row.turnSince === null) return
    row.turnSince = null
    row.lookAt = -Infinity
  }

  /** Those whose gate has changed since, and when to look again; null: not before the next call. */
  look(now: number): { turned: Turned[]; next: number | null } {
    const turned: Turned[] = []
    let next = Infinity
    for (const [remote, row] of this.#rows) {
      if (row.lookAt <= now || (row.ran !== null && row.ran > now)) {
        const gate = turn(remote, row, now)
        if (gate.open !== row.gate.open || gate.next !== row.gate.next) turned.push({ remote, ...gate })
        row.gate = gate
      }
      next = Math.min(next, row.lookAt)
    }
    return { turned, next: next === Infinity ? null : next }
  }
}

function begin(row: Row, now: number): void {
  row.turnSince = row.ran = now
  row.lookAt = -Infinity
}

function turn(remote: string, row: Row, now: number): Gate {
  const { schedule } = row
  // A clock that was set back would keep it closed for as long.
  if (row.ran !== null && row.ran > now) row.ran = now
  if (row.turnSince !== null && (row.turnSince > now || row.turnSince + turnMs(schedule) <= now)) row.turnSince = null
  if (schedule === 'continuous') return openUntil(row, Infinity)
  if (typeof schedule === 'object' && 'windows' in schedule) {
    const { open, until } = openingOf(schedule.windows, now)
    if (open) return openUntil(row, until)
    if (row.turnSince !== null) return openUntil(row, Math.min(until, row.turnSince + TURN_MAX_MS))
    row.lookAt = until
    return { open: false, next: until }
  }
  if (row.turnSince !== null) return openUntil(row, row.turnSince + turnMs(schedule))
  if (schedule === 'manual') {
    row.lookAt = Infinity
    return { open: false, next: null }
  }
  const due = dueAfter(remote, schedule.everyMs, row.ran)
  if (due <= now) {
    begin(row, now)
    return openUntil(row, now + turnMs(schedule))
  }
  row.lookAt = due
  return { open: false, next: due }
}

function openUntil(row: Row, until: number): Gate {
  row.lookAt = until
  return { open: true, next: null }
}

function turnMs(schedule: Schedule): number {
  return typeof schedule === 'object' && 'everyMs' in schedule ? Math.min(TURN_MAX_MS, schedule.everyMs) : TURN_MAX_MS
}

/**
 * The first turn at once; those after it at the remote's own place in each period, moved a little each time. Both are
 * derived from its id, so that a restart neither moves it nor synchronises all remotes.
 */
function dueAfter(remote: string, everyMs: number, ran: number | null): number {
  if (ran === null) return -Infinity
  const place = part(remote)
  const last = Math.floor(ran / everyMs - place)
  const dueIn = (period: number): number =>
    Math.round(everyMs * (period + place + PERIOD_JITTER * (part(`${remote} ${period}`) - 0.5)))
  for (let period = last; ; period++) {
    // What was moved to just after the turn before would be a second one.
    const due = dueIn(period)
    if (due > ran + everyMs * (1 - 2 * PERIOD_JITTER)) return due
  }
}

/** A number in [0, 1) that the text alone decides (FNV-1a, mixed). */
function part(text: string): number {
  let hash = 0x811c9dc5
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193)
  hash = Math.imul(hash ^ (hash >>> 16), 0x45d9f3b)
  return ((hash ^ (hash >>> 16)) >>> 0) / 2 ** 32
}
