/** Reads the options of a follow: which part of the ledger is wanted, and the pinned key. */
import { LedgermeshError } from '../../core/errors.js'
import { isName } from '../../core/grammar.js'
import { isHash } from '../../core/hash.js'
import { readOptions, type Members } from '../../core/options.js'
import type { Wanted } from '../../core/payload-filter.js'
import type { FollowOptions, SyncFilters } from '../api/sync.js'

const FOLLOW_OPTIONS: Members<FollowOptions> = { filters: true, headers: true, key: true, adopt: true }
const FILTERS: Members<SyncFilters> = { streams: true, types: true, issuers: true, subjects: true }

/** Throws INVALID_PARAMS. */
export function readFollowOptions(given: FollowOptions | undefined): FollowOptions {
  return readOptions(given, FOLLOW_OPTIONS)
}

/** Throws INVALID_PARAMS. */
export function wantedOf({ headers, filters }: { headers?: boolean; filters?: SyncFilters }): Wanted {
  if (headers === true && filters !== undefined)
    throw new LedgermeshError('INVALID_PARAMS', 'headers alone: there is nothing to filter')
  return headers === true ? 'headers' : filters === undefined ? null : readFilters(filters)
}

/** Throws INVALID_PARAMS. */
export function readFilters(given: SyncFilters): SyncFilters {
  for (const [filter, list] of Object.entries(readOptions(given, FILTERS, 'filter'))) {
    if (list !== undefined && !(Array.isArray(list) && list.every(isName)))
      throw new LedgermeshError('INVALID_PARAMS', `${filter} is a list of names`)
  }
  return given
}

/** Throws INVALID_PARAMS for a value that is not a public key. */
export function readPublicKey(key: string | undefined): string | null {
  if (key !== undefined && !isHash(key)) throw new LedgermeshError('INVALID_PARAMS', 'a public key is 64 hex digits')
  return key ?? null
}
