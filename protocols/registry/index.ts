/**
 * Registry: a node that keeps and serves the records of others (SPEC.md). One request per stream. Records are opaque
 * here: the receiver verifies a record, and believes it only once its node shows it on its own connection.
 *
 * ```ts
 * const listings = await discoverAt(await host.open(peer, registry, signal), { capability: 'sync', limit: 64 }, {
 * signal })
 * ```
 */
export type * from './contract.js'
export { discoverAt, getLedgerAt, registerAt, updateStatusAt } from './client.js'
export { registry } from './server.js'
