/**
 * How the index lmx1 lists one entry (docs/FORMATS.md §11): the lists that it is in, and its posting there. A function
 * of the header's bytes alone, for every type: payloads, freezes and resolved references play no part.
 */
import { BoundedMap } from '../bounded.js'
import { fromHex, sha256, sha256Text, type Hash } from '../hash.js'
import type { EntryFilter } from '../entry-filter.js'
import type { Header } from '../header.js'
import { referencesIn, syncMarkOf } from '../reference.js'

/** The families of lists, by their byte. */
export const FAMILIES = {
  all: 0,
  id: 1,
  stream: 2,
  type: 3,
  issuer: 4,
  subject: 5,
  target: 6,
  targetEntry: 7,
  original: 8
} as const
/** A family of lists: which of an entry's values a list is about. */
export type Family = keyof typeof FAMILIES

/** A posting: 28 bytes as 56 hex digits. seq (6 bytes), timestamp (6), tags of stream, type, issuer and subject (4). */
export type Posting = string

/** Hex digits of a posting. */
export const POSTING_DIGITS = 56
/** Hex digits of a number of 6 bytes. */
const U48_DIGITS = 12
const TAG_DIGITS = 8
const TAGGED = ['stream', 'type', 'issuer', 'subject'] as const
/** Values that a memo has. */
const MAX_MEMO = 4096
/** The tag of a null value. */
const NO_TAG = '0'.repeat(TAG_DIGITS)

/** Which list: SHA-256("ledgermesh/index/1" LF ‖ family ‖ value as UTF-8). */
export function indexKey(family: Family, value: string): Hash {
  return sha256Text(`ledgermesh/index/1\n${String.fromCharCode(FAMILIES[family])}${value}`)
}

/** Keys of values that many entries have, so that they are not hashed for each. */
export class KeyMemo {
  readonly #keys = new BoundedMap<string, Hash>(MAX_MEMO)

  key(family: Family, value: string): Hash {
    const name = `${FAMILIES[family]}${value}`
    let key = this.#keys.get(name)
    if (key === undefined) this.#keys.set(name, (key = indexKey(family, value)))
    return key
  }
}

/** 6 bytes, big-endian, as hex. */
export function u48(value: number): string {
  return value.toString(16).padStart(U48_DIGITS, '0')
}

/** How the index lists an entry. */
export interface Posted {
  posting: Posting
  /** Each list that the entry is in, once. */
  keys: Hash[]
}

/** `header` has been decoded: its references and adoption mark follow the grammar, or are absent. */
export function postedOf(header: Header, memo: KeyMemo | null = null): Posted {
  const keyOf = (family: Family, value: string): Hash => memo?.key(family, value) ?? indexKey(family, value)
  const { stream, type, issuer_oid: issuer, subject_oid: subject } = header
  const tagged = [
    keyOf('stream', stream),
    keyOf('type', type),
    issuer === null ? null : keyOf('issuer', issuer),
    subject === null ? null : keyOf('subject', subject)
  ]
  const keys = new Set([keyOf('all', ''), indexKey('id', header.id)])
  for (const key of tagged) if (key !== null) keys.add(key)
  for (const { ledgerId, entryId } of referencesIn(header.meta)) {
    keys.add(keyOf('target', ledgerId))
    keys.add(indexKey('targetEntry', `${ledgerId}/${entryId}`))
  }
  const mark = syncMarkOf(header.meta)
  if (mark !== null) keys.add(indexKey('original', `${mark.source}/${mark.originalHash}`))
  const tags = tagged.map((key) => key?.slice(0, TAG_DIGITS) ?? NO_TAG)
  return { posting: u48(header.seq) + u48(header.timestamp) + tags.join(''), keys: [...keys] }
}

export function seqOf(posting: Posting): number {
  return Number.parseInt(posting.slice(0, U48_DIGITS), 16)
}

export function timestampOf(posting: Posting): number {
  return Number.parseInt(posting.slice(U48_DIGITS, 2 * U48_DIGITS), 16)
}

/** SHA-256(0x10 ‖ posting). */
export function hashPosting(posting: Posting): Hash {
  return sha256(fromHex(`10${posting}`))
}

/** The lists that contain every entry that matches the filter, narrow families first. */
export function listsOf(filter: EntryFilter): [family: Family, key: Hash][] {
  const values: [Family, string | undefined][] = [
    ['id', filter.id],
    ['targetEntry', filter.refers_to?.entry_id && `${filter.refers_to.ledger}/${filter.refers_to.entry_id}`],
    ['target', filter.refers_to?.ledger],
    ['subject', filter.subject_oid],
    ['issuer', filter.issuer_oid],
    ['type', filter.type],
    ['stream', filter.stream],
    ['all', '']
  ]
  return values.flatMap(([family, value]) => (value === undefined ? [] : [[family, indexKey(family, value)]]))
}

/** Does the posting alone show that its entry does not match? False is no answer: then the header decides. */
export type Misses = (posting: Posting) => boolean

export function missesOf(filter: EntryFilter): Misses {
  const values = [filter.stream, filter.type, filter.issuer_oid, filter.subject_oid]
  const tags = TAGGED.map((family, at) =>
    values[at] === undefined ? null : indexKey(family, values[at]).slice(0, TAG_DIGITS)
  )
  return (posting) => {
    const at = timestampOf(posting)
    if (at < (filter.from ?? 0) || at >= (filter.to ?? Infinity)) return true
    return tags.some((tag, place) => tag !== null && !posting.startsWith(tag, 2 * U48_DIGITS + place * TAG_DIGITS))
  }
}
