import type { GossipSub } from '@libp2p/gossipsub'
import type { RPC } from '@libp2p/gossipsub/message'
import type { Connection, PeerId } from '@libp2p/interface'

/**
 * Messages that are remembered: those of 120 s, at about 1.5 KiB each, and no more than this many. One that is
 * forgotten early is checked again, and then ignored.
 */
const MAX_REMEMBERED = 16_384

interface TimeCache {
  readonly entries: Map<string, unknown>
  has: (key: string) => boolean
}

/** Members of gossipsub 17.1.1 that its type does not declare. */
export interface GossipInside {
  readonly peers: ReadonlyMap<string, PeerId>
  readonly mesh: ReadonlyMap<string, ReadonlySet<string>>
  readonly seenCache: TimeCache
  readonly fastMsgIdCache: TimeCache
  readonly mcache: { readonly msgs: ReadonlyMap<string, { message: RPC.Message }> }
  readonly score: {
    readonly deliveryRecords: {
      readonly records: Map<string, unknown>
      readonly queue: { readonly length: number; shift: () => { msgId: string } | undefined }
    }
  }
  readonly streamsOutbound: Map<
    string,
    { readonly rawStream: { readonly writeBufferLength: number; readonly writeStatus: string } }
  >
  readonly floodsubPeers: Set<string>
  createOutboundStream: (to: PeerId, connection: Connection) => Promise<void>
  decodeRpc: (bytes: Uint8Array) => RPC
  handleReceivedRpc: (from: PeerId, rpc: RPC) => Promise<void>
  sendRpc: (peer: string, rpc: RPC) => boolean
  sendRpcInBatch: (peers: Set<string>, rpc: RPC) => void
}

const PARTS: readonly (keyof GossipInside)[] = [
  'peers',
  'mesh',
  'seenCache',
  'fastMsgIdCache',
  'mcache',
  'score',
  'streamsOutbound',
  'floodsubPeers',
  'createOutboundStream',
  'decodeRpc',
  'handleReceivedRpc',
  'sendRpc',
  'sendRpcInBatch'
]

export function insideOf(pubsub: GossipSub): GossipInside {
  for (const part of PARTS) if (!(part in pubsub)) throw new TypeError(`gossipsub has no ${part} any more`)
  // members that gossipsub declares private: no type of its can name them, so their presence is checked above
  return pubsub as unknown as GossipInside
}

/** To be called before a message goes in. */
export function forgetOldest({ seenCache, fastMsgIdCache, score: { deliveryRecords } }: GossipInside): void {
  for (const { entries } of [seenCache, fastMsgIdCache])
    for (const key of entries.keys()) {
      if (entries.size < MAX_REMEMBERED) break
      entries.delete(key)
    }
  while (deliveryRecords.queue.length >= MAX_REMEMBERED) {
    const oldest = deliveryRecords.queue.shift()
    if (oldest !== undefined) deliveryRecords.records.delete(oldest.msgId)
  }
}
