/**
 * Announce: what travels by gossip (SPEC.md). There is no stream, hence no server and client but a codec; the verdict
 * is made where chains are known.
 *
 * ```ts
 * await host.publish(announceTopic(network, ledger), encodeAnnouncement({ head: { header, signature } }))
 * ```
 */
export type * from './contract.js'
export { announcementId, decodeAnnouncement, encodeAnnouncement } from './codec.js'
export { announceTopic, nodesTopic } from './topics.js'
export { MAX_GOSSIP_EVIDENCE_BYTES } from './limits.js'
