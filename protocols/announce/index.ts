/**
 * Announce: what travels by gossip (SPEC.md). There is no stream, hence no server and client but a codec; the verdict is made where chains are known.
 *
 * ```ts
 * await host.publish(announceTopic(network, ledger), encodeAnnouncement({ head: { header, signature } }))
 * ```
 */
import type { SignedRecord, WireKeyEntry } from '../types.js'

export { announcementId, decodeAnnouncement, encodeAnnouncement } from './codec.js'
export { announceTopic, nodesTopic } from './topics.js'
export { MAX_GOSSIP_EVIDENCE_BYTES } from './limits.js'

/** Exactly one of them. A head or evidence goes to its ledger's topic, a record to the network's. */
export type Announcement =
  | { head: WireKeyEntry }
  | { evidence: Uint8Array }
  | { record: SignedRecord }
