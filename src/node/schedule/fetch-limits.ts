import { LedgermeshError } from '../../core/errors.js'
import { isInteger } from '../../core/grammar.js'
import { readOptions, type Members } from '../../core/options.js'
import { MAX_CAP_KIB, MAX_JOBS, MIN_CAP_KIB } from '../../sync/schedule/limits.js'
import { isCap } from './plan.js'

/** Limits for fetches from all remotes together. */
export interface FetchLimits {
  /** Ranges that are fetched at once, of all ledgers. */
  maxJobs: number
  /** Bandwidth caps; null: none. */
  inKiBps: number | null
  outKiBps: number | null
}

export const DEFAULT_FETCH_LIMITS: FetchLimits = { maxJobs: 32, inKiBps: null, outKiBps: null }

const FETCH_LIMITS: Members<FetchLimits> = { maxJobs: true, inKiBps: true, outKiBps: true }

/** Throws INVALID_PARAMS. */
export function readFetchLimits(given: Partial<FetchLimits> | undefined): FetchLimits {
  const limits = { ...DEFAULT_FETCH_LIMITS, ...readOptions(given, FETCH_LIMITS) }
  if (!isInteger(limits.maxJobs, MAX_JOBS) || limits.maxJobs === 0)
    throw new LedgermeshError('INVALID_PARAMS', `limits.maxJobs is 1 to ${MAX_JOBS}`)
  if (!isCap(limits.inKiBps) || !isCap(limits.outKiBps))
    throw new LedgermeshError('INVALID_PARAMS', `a cap of bandwidth is ${MIN_CAP_KIB} to ${MAX_CAP_KIB} KiB/s`)
  return limits
}
