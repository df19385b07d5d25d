/**
 * Query: one question about one ledger, answered with entries and the proof that they are its author's (SPEC.md). The
 * bytes of entries are opaque here.
 *
 * ```ts
 * const reply = await askSelect(await host.open(peer, query, signal), { ledger, filter: { subject: 'oid:x' }, … }, { signal })
 * ```
 */
export type * from './contract.js'
export { askGet, askSelect } from './client.js'
export { query, queryProtocol } from './server.js'
