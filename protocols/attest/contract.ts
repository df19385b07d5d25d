import type { WireKeyEntry } from '../types.js'

/** Exactly one: attestations whose subject, or whose issuer, is this ledger. */
export type AttestRequest = { about: string } | { by: string }

export interface AttestItem {
  /** The attestation entry's header and signature; it has no payload. */
  attestation: WireKeyEntry
  /** The entry by which the subject accepts it; null: none is shown. */
  acceptance: WireKeyEntry | null
}

/**
 * Where a server's answers come from: at most 256, the most wanted first. None, not held and not for this peer all look
 * the same. A WireError BUSY is the answer too.
 */
export interface AttestSource {
  attestations: (peer: string, request: AttestRequest, signal: AbortSignal) => Promise<AttestItem[]>
}

/** Milliseconds; the defaults are in limits.ts, where each is explained. */
export interface AttestDeadlines {
  requestMs: number
  busyAfterMs: number
  stallMs: number
  totalMs: number
  closeMs: number
}

export interface FetchOptions {
  signal: AbortSignal
  deadlines?: Partial<AttestDeadlines>
}
