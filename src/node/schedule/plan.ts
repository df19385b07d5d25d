/** The operator's settings for a remote's turns. */
import type { JsonObject } from '../../core/canonical.js'
import { isCoded, LedgermeshError } from '../../core/errors.js'
import { isInteger } from '../../core/grammar.js'
import { DEFAULT_PRIORITY, MAX_CAP_KIB, MAX_PRIORITY, MIN_CAP_KIB } from '../../sync/schedule/limits.js'
import {
  checkSchedule,
  formatSchedule,
  parseSchedule,
  type Schedule,
  type Turns
} from '../../sync/schedule/schedule.js'

export interface Plan {
  schedule: Schedule
  /** 0–9: each step doubles its share of what this node fetches. */
  priority: number
  /** Bandwidth caps; null: none. */
  inKiBps: number | null
  outKiBps: number | null
  /** End of its pause, ms since the epoch; null: not paused, or paused until resumed. */
  pausedUntil: number | null
}

export const DEFAULT_PLAN: Plan = {
  schedule: 'continuous',
  priority: DEFAULT_PRIORITY,
  inKiBps: null,
  outKiBps: null,
  pausedUntil: null
}

/** The settings as input. A schedule may also be text: `every 24h`, `mon-fri 22:00-06:00 Europe/Amsterdam`. */
export interface PlanChange {
  schedule?: string | Turns
  priority?: number
  inKiBps?: number | null
  outKiBps?: number | null
}

/** Throws INVALID_PARAMS. */
export function changePlan(plan: Plan, { schedule, priority, inKiBps, outKiBps }: PlanChange): Plan {
  return checkPlan({
    schedule: typeof schedule === 'string' ? parseSchedule(schedule) : (schedule ?? plan.schedule),
    priority: priority ?? plan.priority,
    inKiBps: inKiBps === undefined ? plan.inKiBps : inKiBps,
    outKiBps: outKiBps === undefined ? plan.outKiBps : outKiBps,
    pausedUntil: plan.pausedUntil
  })
}

/** Throws INVALID_PARAMS. */
function checkPlan({ schedule, priority, inKiBps, outKiBps, pausedUntil }: { [Member in keyof Plan]: unknown }): Plan {
  if (!isInteger(priority, MAX_PRIORITY))
    throw new LedgermeshError('INVALID_PARAMS', `a priority is 0 to ${MAX_PRIORITY}`)
  if (!isCap(inKiBps) || !isCap(outKiBps))
    throw new LedgermeshError('INVALID_PARAMS', `a cap of bandwidth is ${MIN_CAP_KIB} to ${MAX_CAP_KIB} KiB/s`)
  if (!(pausedUntil === null || isInteger(pausedUntil, Number.MAX_SAFE_INTEGER)))
    throw new LedgermeshError('INVALID_PARAMS', 'the end of a pause is a time')
  return { schedule: checkSchedule(schedule), priority, inKiBps, outKiBps, pausedUntil }
}

/** null: none, also as null. */
export function isCap(kib: unknown): kib is number | null {
  return kib === null || (isInteger(kib, MAX_CAP_KIB) && kib >= MIN_CAP_KIB)
}

export function planToJson({ schedule, ...plan }: Plan, ran: number | null): JsonObject {
  return { ...plan, schedule: formatSchedule(schedule), ran }
}

/** null: it is none. */
export function planFromJson({ schedule, ran, ...row }: JsonObject): { plan: Plan; ran: number | null } | null {
  if (typeof schedule !== 'string' || !(ran === null || isInteger(ran, Number.MAX_SAFE_INTEGER))) return null
  const { priority, inKiBps, outKiBps, pausedUntil } = row
  try {
    return { plan: checkPlan({ schedule: parseSchedule(schedule), priority, inKiBps, outKiBps, pausedUntil }), ran }
  } catch (error) {
    if (isCoded(error, 'INVALID_PARAMS')) return null
    throw error
  }
}
