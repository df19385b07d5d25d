/**
 * Attest: what a peer holds of attestations about a ledger, or by it (SPEC.md). Hints: they count only for a node that
 * holds the headers of their issuers. The bytes of entries are opaque here.
 *
 * ```ts
 * const items = await fetchAttestations(await host.open(peer, attest, signal), { about: ledger }, { signal })
 * ```
 */
export type * from './contract.js'
export { fetchAttestations } from './client.js'
export { attest, attestProtocol } from './server.js'
