/** The table of attacks: a name, and what is done. One file each, or one for a family. */
import type { Attack } from '../attack.js'
import { DHT_ATTACKS } from './dht.js'
import { forgedAnnouncements } from './forged-announcements.js'
import {
  entries,
  grafts,
  idontwants,
  ihaves,
  iwants,
  oversize,
  prunes,
  subscriptions,
  unfinished
} from './gossip-control.js'
import { emptyControl, emptyRpcs, overQuota, signedMessages, unknownTopics } from './gossip-messages.js'
import { helloFlood } from './hello-flood.js'
import { dhtBytes, identifies, pings, pushes } from './libp2p-streams.js'
import { floods } from './line.js'
import { silentSockets } from './silent-sockets.js'
import { slowReaders } from './slow-readers.js'
import { stalledWriters } from './stalled-writers.js'
import { strangers } from './strangers.js'
import { sybilRecords } from './sybil-records.js'
import { unreadBytes } from './unread-bytes.js'
import { unusedStreams } from './unused-streams.js'

export const GOSSIP_ATTACKS: Record<string, Attack> = {
  'gossip: unknown topics': unknownTopics,
  'gossip: signed messages': signedMessages,
  'gossip: empty RPCs': emptyRpcs,
  'gossip: empty control': emptyControl,
  'gossip: over quota': overQuota,
  'gossip: IHAVE': ihaves,
  'gossip: IWANT': iwants,
  'gossip: IDONTWANT': idontwants,
  'gossip: GRAFT': grafts,
  'gossip: PRUNE with peers': prunes,
  'gossip: subscriptions': subscriptions,
  'gossip: too many entries': entries,
  'gossip: unfinished RPCs': unfinished,
  'gossip: oversize RPCs': oversize
}

export const LINE_ATTACKS: Record<string, Attack> = { ...floods, 'unread bytes': unreadBytes }

export const ATTACKS: Record<string, Attack> = {
  'silent sockets': silentSockets,
  strangers,
  'unused streams': unusedStreams,
  'slow readers': slowReaders,
  'stalled writers': stalledWriters,
  'hello flood': helloFlood,
  'forged announcements': forgedAnnouncements,
  'sybil records': sybilRecords,
  ...GOSSIP_ATTACKS,
  ...DHT_ATTACKS,
  ...LINE_ATTACKS,
  'ping: bytes': pings,
  'identify: bytes': identifies,
  'identify-push: bytes': pushes,
  'DHT: bytes': dhtBytes
}

export { DHT_ATTACKS }
