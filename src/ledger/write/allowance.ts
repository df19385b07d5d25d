import type { Entry } from '../../core/entry.js'
import { LedgermeshError } from '../../core/errors.js'
import type { LedgerId } from '../../core/ledger-id.js'

/**
 * How many bytes of a ledger may be taken in. The one writer checks it before each batch and each payload, so nothing
 * can pass between two checks.
 */
export interface Allowance {
  /** `taken`: bytes of headers, signatures and payloads, those to be stored now included. */
  admits: (taken: number) => boolean
}

/** Bytes of headers, signatures and payloads. */
export function bytesOf(entries: readonly Pick<Entry, 'raw'>[]): number {
  return entries.reduce(
    (sum, { raw: { header, signature, payload } }) => sum + header.length + signature.length + (payload?.length ?? 0),
    0
  )
}

/** The total with `more` bytes; undefined: there is no limit. Throws QUOTA. */
export function charge(
  allowance: Allowance | null,
  ledger: LedgerId,
  taken: number | undefined,
  more: number
): number | undefined {
  if (allowance === null && taken === undefined) return undefined
  const after = (taken ?? 0) + more
  if (allowance?.admits(after) === false)
    throw new LedgermeshError('QUOTA', `${ledger} came by push, and has no room for ${more} bytes more`)
  return after
}
