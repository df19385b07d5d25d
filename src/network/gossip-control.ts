import type { RPC } from '@libp2p/gossipsub/message'
import type { GossipInside } from './gossip-inside.js'

/** Bytes of a message id: a SHA-256. Ids of other lengths are not of this network. */
const ID_BYTES = 32
/** Ids taken from the IHAVEs and from the IWANTs of one RPC: the answer to either is one RPC of as many messages. */
const MAX_IDS = 64
/**
 * Bytes of the answer to the IWANTs of one RPC, which has to fit into an RPC; and queued bytes for a peer, above which
 * it gets no more.
 */
const MAX_ANSWER_BYTES = 896 * 1024
const MAX_UNSENT_BYTES = 1024 * 1024
/** Ids taken from the IDONTWANTs of one RPC. */
const MAX_UNWANTED = 512
/** Seconds for which a peer may ask not to be grafted again. */
const MAX_BACKOFF_S = 600

export interface ControlOptions {
  inside: GossipInside
  isKnown: (topic: string) => boolean
  /** Charges for sending a message of this many bytes; false: over the quota. */
  pays: (bytes: number) => boolean
}

/** The control part of an RPC reduced to our topics, and to as much as can be answered. undefined: nothing is left. */
export function admitControl(
  control: RPC.ControlMessage,
  peer: string,
  { inside, isKnown, pays }: ControlOptions
): RPC.ControlMessage | undefined {
  const ours = <T extends { topicID?: string | undefined }>(entries: T[]): (T & { topicID: string })[] =>
    entries.filter((entry): entry is T & { topicID: string } => entry.topicID !== undefined && isKnown(entry.topicID))
  const wanted = new Set<string>()
  const ihave = ours(control.ihave)
    .map(({ topicID, messageIDs }) => ({
      topicID,
      messageIDs: messageIDs.filter((id) => {
        const name = nameOf(id)
        if (wanted.size >= MAX_IDS || name === null || wanted.has(name) || inside.seenCache.has(name)) return false
        wanted.add(name)
        return true
      })
    }))
    .filter(({ messageIDs }) => messageIDs.length > 0)
  const admitted: RPC.ControlMessage = {
    ihave,
    iwant: answerable(control.iwant, peer, inside, pays),
    graft: once(ours(control.graft)),
    // Peers that a PRUNE names are not dialled: an unknown peer must not choose what this node dials. A PRUNE of a
    // topic that the peer is not grafted to has no effect.
    prune: once(ours(control.prune))
      .filter(({ topicID }) => inside.mesh.get(topicID)?.has(peer) === true)
      .map(({ topicID, backoff }) => ({
        topicID,
        peers: [],
        ...(backoff === undefined ? {} : { backoff: Math.min(backoff, MAX_BACKOFF_S) })
      })),
    idontwant: unwanted(control.idontwant)
  }
  return Object.values(admitted).some((entries: unknown[]) => entries.length > 0) ? admitted : undefined
}

function once<T extends { topicID: string }>(entries: T[]): T[] {
  return [...new Map(entries.map((entry) => [entry.topicID, entry])).values()]
}

function answerable(
  iwant: RPC.ControlIWant[],
  peer: string,
  { mcache, streamsOutbound }: GossipInside,
  pays: (bytes: number) => boolean
): RPC.ControlIWant[] {
  let left = MAX_ANSWER_BYTES
  const ids: Uint8Array[] = []
  if ((streamsOutbound.get(peer)?.rawStream.writeBufferLength ?? 0) > MAX_UNSENT_BYTES) return []
  for (const id of iwant.flatMap(({ messageIDs }) => messageIDs)) {
    const name = nameOf(id)
    const bytes = name === null ? undefined : mcache.msgs.get(name)?.message.data?.byteLength
    if (bytes === undefined || bytes > left) continue
    if (ids.length >= MAX_IDS || !pays(bytes)) break
    left -= bytes
    ids.push(id)
  }
  return ids.length === 0 ? [] : [{ messageIDs: ids }]
}

function unwanted(idontwant: RPC.ControlIDontWant[]): RPC.ControlIDontWant[] {
  const ids = idontwant
    .flatMap(({ messageIDs }) => messageIDs)
    .filter((id) => id.byteLength === ID_BYTES)
    .slice(0, MAX_UNWANTED)
  return ids.length === 0 ? [] : [{ messageIDs: ids }]
}

/** The name under which gossipsub files an id. */
function nameOf(id: Uint8Array): string | null {
  return id.byteLength === ID_BYTES
    ? Buffer.from(id.buffer, id.byteOffset, id.byteLength).toString('base64').replace(/=+$/, '')
    : null
}
