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
 * The source of a server's answers: at most 256, the most relevant first. None, not held and not for this peer all look
 * the same. A thrown WireError BUSY is sent as the answer.
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
