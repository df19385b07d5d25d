/** How far references are followed: [least, most, default]. */
import { LedgermeshError } from '../core/errors.js'
import { isInteger } from '../core/grammar.js'
import { REFERENCE_TYPES, type ReferenceType } from '../core/reference.js'
import type { Direction } from './types.js'

/** Steps from the start. */
export const DEPTH = { least: 0, most: 8, default: 2 }
/** References of one entry, each way. */
export const FAN_OUT = { least: 1, most: 64, default: 16 }
/** Entries in all. */
export const TOTAL = { least: 1, most: 1000, default: 200 }
/** References with what they are worth, of one page. */
export const STATES = { least: 1, most: 1000, default: 100 }
/** Of a ledger, for going on into it. */
export const MIN_TRUST_MILLI = { least: 0, most: 1000, default: 0 }
/** Milliseconds for all of it. */
export const DEADLINE_MS = { least: 1, most: 60_000, default: 5_000 }

const DIRECTIONS: readonly Direction[] = ['out', 'in', 'both']

/** Throws INVALID_PARAMS. */
export function within(
  name: string,
  given: number | undefined,
  { least, most, default: usual }: { least: number; most: number; default: number }
): number {
  if (given === undefined) return usual
  if (!isInteger(given, most) || given < least) throw invalid(`${name} is ${least} to ${most}`)
  return given
}

/** Throws INVALID_PARAMS. */
export function readDirection(given: Direction | undefined, usual: Direction): Direction {
  if (given === undefined) return usual
  if (!DIRECTIONS.includes(given)) throw invalid(`direction is ${DIRECTIONS.join(', ')}`)
  return given
}

/** null: all. Throws INVALID_PARAMS. */
export function readTypes(given: readonly ReferenceType[] | undefined): readonly ReferenceType[] | null {
  if (given === undefined) return null
  if (!Array.isArray(given) || given.length === 0 || !given.every((type) => REFERENCE_TYPES.includes(type)))
    throw invalid(`types are of ${REFERENCE_TYPES.join(', ')}`)
  return given
}

function invalid(message: string): LedgermeshError {
  return new LedgermeshError('INVALID_PARAMS', message)
}
