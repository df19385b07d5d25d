/**
 * Pull: one request per stream about one ledger, answered by frames and an END (SPEC.md). The bytes of entries are
 * opaque here.
 *
 * ```ts
 * const entries = await fetchRange(await host.open(peer, pull, signal), { ledger, from: 0, count: 512, want: 'full' },
 * { signal })
 * ```
 */
export type * from './contract.js'
export { fetchEvidence, fetchHead, fetchKeyEntries, fetchPayloads, fetchRange } from './client.js'
export { pull, pullProtocol } from './server.js'
