/**
 * Attest: what a peer holds of attestations about a ledger, or by it (SPEC.md). Hints: what they weigh is decided by whoever holds the
 * headers of their issuers. The bytes of entries are opaque here.
 *
 * ```ts
 * const items = await fetchAttestations(await host.open(peer, attest, signal), { about: ledger }, { signal })
 * ```
 */
import type { WireKeyEntry } from '../types.js'

export { fetchAttestations } from './client.js'
export { attest, attestProtocol } from './server.js'

/** Exactly one: attestations whose subject, or whose issuer, is this ledger. */
export type AttestRequest = { about: string } | { by: string }

export interface AttestItem {
  /** The attestation entry's header and signature; it has no payload. */
  attestation: WireKeyEntry
  /** The entry by which the subject accepts it; null: none is shown. */
  acceptance: WireKeyEntry | null
}

/** Where a server's answers come from: at most 256, the most wanted first. None, not held and not for this peer all look the same. A WireError BUSY is the answer too. */
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
