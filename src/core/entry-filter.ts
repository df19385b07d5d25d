/** Which entries a query is about: a function of the header alone, so that every node finds the same entries. */
import { LedgermeshError } from './errors.js'
import { isInteger, isName, isObject } from './grammar.js'
import type { Header } from './header.js'
import { isLedgerId, type LedgerId } from './ledger-id.js'
import { MAX_TIMESTAMP_MS } from './limits.js'
import { refuseUnknown, type Members } from './options.js'
import { referencesIn } from './reference.js'

/** What an entry's reference names: a ledger, or one entry of it by its id. */
export interface ReferredTo {
  ledger: LedgerId
  entry_id?: string | undefined
}

/** An entry must match all the filters that are given. Absent: no filter. */
export interface EntryFilter {
  stream?: string | undefined
  type?: string | undefined
  issuer_oid?: string | undefined
  subject_oid?: string | undefined
  id?: string | undefined
  /** Entries with a reference to it in `meta.crossLedgerRefs`. */
  refers_to?: ReferredTo | undefined
  /** Timestamp in ms, inclusive. */
  from?: number | undefined
  /** Timestamp in ms, exclusive. */
  to?: number | undefined
}

const MEMBERS: Members<EntryFilter> = {
  stream: true,
  type: true,
  issuer_oid: true,
  subject_oid: true,
  id: true,
  refers_to: true,
  from: true,
  to: true
}
const NAMES = ['stream', 'type', 'issuer_oid', 'subject_oid', 'id'] as const

/** Does the entry match? Its header has been decoded, so its references have the form that they must have. */
export function matchesFilter(header: Header, filter: EntryFilter): boolean {
  return (
    NAMES.every((name) => filter[name] === undefined || header[name] === filter[name]) &&
    (filter.from === undefined || header.timestamp >= filter.from) &&
    (filter.to === undefined || header.timestamp < filter.to) &&
    (filter.refers_to === undefined || refersTo(header, filter.refers_to))
  )
}

function refersTo({ meta }: Header, { ledger, entry_id: id }: ReferredTo): boolean {
  return referencesIn(meta).some(({ ledgerId, entryId }) => ledgerId === ledger && (id === undefined || entryId === id))
}

/** Throws INVALID_PARAMS for an unknown member, and for a value that no entry can have. */
export function checkEntryFilter(filter: EntryFilter): EntryFilter {
  if (!isObject(filter)) throw invalid('a filter is an object')
  refuseUnknown(filter, Object.keys(MEMBERS), 'filter')
  for (const name of NAMES)
    if (filter[name] !== undefined && !isName(filter[name])) throw invalid(`${name} is a text of 1 to 128 bytes`)
  for (const name of ['from', 'to'] as const)
    if (filter[name] !== undefined && !isInteger(filter[name], MAX_TIMESTAMP_MS + 1))
      throw invalid(`${name} is milliseconds since 1970`)
  if (filter.refers_to !== undefined) checkReferredTo(filter.refers_to)
  return filter
}

/** Throws INVALID_PARAMS. */
export function checkReferredTo(target: unknown): void {
  if (!isObject(target)) throw invalid('refers_to is {ledger, entry_id?}')
  refuseUnknown(target, ['ledger', 'entry_id'], 'member of refers_to')
  if (!isLedgerId(target.ledger) || (target.entry_id !== undefined && !isName(target.entry_id)))
    throw invalid('refers_to is {ledger, entry_id?}')
}

function invalid(what: string): LedgermeshError {
  return new LedgermeshError('INVALID_PARAMS', what)
}
