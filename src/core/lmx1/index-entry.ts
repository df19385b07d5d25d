/**
 * The entries that name an index, `ledger.index`, and take one back, `ledger.index-withdraw`. Both are reserved types
 * that the validity of a chain does not know, and must never know (core/ledger-types.ts, CHECKS): what does not read as
 * one of them says nothing, and is no fault.
 */
import type { JsonObject } from '../canonical.js'
import { hasExactly, isInteger } from '../grammar.js'
import { isHash, type Hash } from '../hash.js'
import type { Header } from '../header.js'
import type { IndexRoot } from './verify-index.js'

export const INDEX_TYPE = 'ledger.index'
export const WITHDRAW_TYPE = 'ledger.index-withdraw'
export const INDEX_STREAM = 'ledger'
/** Indexes that one entry takes back. */
export const MAX_WITHDRAWN = 64
const FORMAT = 'lmx1'
/** The largest number of 6 bytes. */
const MAX_SIZE = 2 ** 48 - 1

export function indexMeta({ size, root }: IndexRoot): JsonObject {
  return { v: 1, format: FORMAT, size, root }
}

/** What the entry commits to; null: it is no index of this form. */
export function indexOf(header: Header): IndexRoot | null {
  const { meta, seq } = header
  if (header.type !== INDEX_TYPE || !isBare(header)) return null
  if (!hasExactly(meta, ['v', 'format', 'size', 'root']) || meta.v !== 1 || meta.format !== FORMAT) return null
  const { size, root } = meta
  if (!isInteger(size, Math.min(seq, MAX_SIZE)) || size < 1 || !isHash(root)) return null
  return { size, root }
}

/** The index entries, by their hashes, that nobody shall use any more; null: it is no such entry. */
export function withdrawnBy(header: Header): Hash[] | null {
  const { meta } = header
  if (header.type !== WITHDRAW_TYPE || !isBare(header)) return null
  if (!hasExactly(meta, ['v', 'entries']) || meta.v !== 1 || !Array.isArray(meta.entries)) return null
  const { entries } = meta
  return entries.length > 0 && entries.length <= MAX_WITHDRAWN && entries.every(isHash) ? (entries as Hash[]) : null
}

function isBare({ stream, payload_hash: payload, issuer_oid: issuer, subject_oid: subject }: Header): boolean {
  return stream === INDEX_STREAM && payload === null && issuer === null && subject === null
}
