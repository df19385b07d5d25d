import type { Header } from './header.js'

/** An entry matches when every list that is given, and not empty, names its value. */
export interface SyncFilters {
  streams?: string[]
  types?: string[]
  issuers?: string[]
  subjects?: string[]
}

/** The payloads that a follow wants: all (null), those that match, or none (`headers`). */
export type Wanted = SyncFilters | 'headers' | null

/**
 * Does a follow with these filters want the entry's payload? Every given list must name the entry's value; null wants
 * everything.
 */
export function wants(filters: Wanted, header: Header): boolean {
  if (filters === null) return true
  if (filters === 'headers') return false
  return (
    names(filters.streams, header.stream) &&
    names(filters.types, header.type) &&
    names(filters.issuers, header.issuer_oid) &&
    names(filters.subjects, header.subject_oid)
  )
}

function names(list: string[] | undefined, value: string | null): boolean {
  return list === undefined || list.length === 0 || (value !== null && list.includes(value))
}
