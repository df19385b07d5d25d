/** Which payloads are wanted, as several protocols carry it. */
import { WireError } from './codes.js'
import { checkText, invalid } from './fields.js'
import { MAX_FILTER_VALUES, MAX_NAME_BYTES } from './limits.js'

/** An entry matches when each list that is not empty holds its value (an absent oid is in no list). */
export interface PullFilter {
  streams?: string[]
  types?: string[]
  issuers?: string[]
  subjects?: string[]
}

export const FILTER_LISTS = ['streams', 'types', 'issuers', 'subjects'] as const

/** Caps for the decoder: each list is cut off while it is read. */
export const FILTER_LIMITS = {
  streams: MAX_FILTER_VALUES,
  types: MAX_FILTER_VALUES,
  issuers: MAX_FILTER_VALUES,
  subjects: MAX_FILTER_VALUES
}

/** At least one value in all. Throws INVALID_FRAME or TOO_LARGE. */
export function checkFilter(filter: PullFilter): PullFilter {
  let values = 0
  for (const name of FILTER_LISTS) {
    const list = filter[name] ?? []
    if (list.length > MAX_FILTER_VALUES) throw new WireError('TOO_LARGE', `more than ${MAX_FILTER_VALUES} ${name}`)
    for (const value of list) checkText(value, name, MAX_NAME_BYTES)
    values += list.length
  }
  if (values === 0) invalid('an empty filter')
  return filter
}

/** As the encoder takes it: every list is there. */
export function allLists({ streams = [], types = [], issuers = [], subjects = [] }: PullFilter): Required<PullFilter> {
  return { streams, types, issuers, subjects }
}
