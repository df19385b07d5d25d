import type { Framing } from './message-scan.js'
import type { QuotaLimits } from './quota.js'

const KIB = 1024
/** Milliseconds that a stream of one request and its answer may live. */
const STREAM_MS = 60_000
/** identify takes ten messages of this size; everything else about a peer is sent on the hello stream. */
const IDENTIFY_BYTES = 8 * KIB
const IDENTIFY_STREAM_BYTES = 10 * (IDENTIFY_BYTES + 2)
/** Bytes of a ping, and pings on one stream: libp2p sends one, and its peers a few. */
const PING_BYTES = 32
const PINGS = 64
/** Bytes of a DHT message: 20 peers of 16 addresses each, with a margin. */
export const MAX_DHT_MESSAGE_BYTES = 64 * KIB
/**
 * Bytes of one gossip RPC, which may carry several messages. A larger one disconnects the sender, so it must be the
 * same on all nodes.
 */
export const MAX_RPC_BYTES = 1024 * KIB

/**
 * Gossip that one peer may send: RPCs, entries and bytes. A node relays 1,024 messages a second in all (gossip-gate.ts)
 * and uses two RPCs for each: no honest node comes near this limit, and a peer above it is disconnected.
 */
export const GOSSIP_QUOTA: QuotaLimits = { unitsPerSecond: 512, burstUnits: 2048 }

/**
 * Costs of a connection beside the messages on its streams, in units: a packet of the encryption and a frame of the
 * multiplexer, whatever they contain; a ping, which needs an answer; an invalid negotiation, which no honest node
 * sends; each 64 KiB of that, or for a stream that does not exist (2 MiB may be on their way when a stream is reset,
 * and there are eight of pull). A message is a packet and a frame: an honest node sends one peer no more than 2,048 in
 * a second (GOSSIP_QUOTA).
 */
export const LINE = {
  name: 'connection',
  packetUnits: 1 / 32,
  frameUnits: 1 / 64,
  pingUnits: 2,
  nonsenseUnits: 8,
  strayFactor: 2,
  quota: { unitsPerSecond: 128, burstUnits: 1024 } as QuotaLimits
}
/**
 * Streams that a remote opens: each costs this node a negotiation, used or not. Streams above the limit are reset
 * unread; after many of those, the connection is closed.
 */
export const OPENING = { name: 'streams', quota: { unitsPerSecond: 256, burstUnits: 1024 } as QuotaLimits }
export const REFUSED = { name: 'streams refused', quota: { unitsPerSecond: 64, burstUnits: 1024 } as QuotaLimits }
/**
 * Connections that a host begins: each costs this node a handshake of a few milliseconds. Connections above the limit
 * are closed before it.
 */
export const HANDSHAKE = { name: 'handshakes', quota: { unitsPerSecond: 16, burstUnits: 256 } as QuotaLimits }

/**
 * Costs of a libp2p protocol for the peer that uses it: our own protocols are charged frame by frame (MeteredStream),
 * but these cannot wait.
 */
export interface ProtocolCost {
  /** The account: ids that are versions of each other share one. */
  readonly name: string
  readonly protocols: readonly string[]
  readonly framing: Framing
  /** A message that announces a larger size costs the peer its connection. */
  readonly maxMessageBytes: number
  /**
   * Bytes that the remote may send on one stream that it opened, and on one that this node opened. One byte more resets
   * the stream.
   */
  readonly maxStreamBytes: { readonly they: number; readonly we: number }
  /** Lifetime of a stream in milliseconds; then it is reset. */
  readonly maxStreamMs: number
  /**
   * Streams that remotes may have open: of one peer, of one host, in all. A quarter of all is kept for peers that have
   * none.
   */
  readonly streams: { readonly perPeer: number; readonly perHost: number; readonly inAll: number }
  /** Units (64 KiB) of a stream and of a message; its bytes come on top. */
  readonly streamUnits: number
  readonly messageUnits: number
  /** Quota of one peer; a host has a few times as much. */
  readonly quota: QuotaLimits
  /**
   * Traffic over the quota resets the stream, and closes the connection if it goes on; where a part of a stream cannot
   * be left out, it closes the connection at once.
   */
  readonly over: 'reset' | 'drop'
}

/** Every protocol that libp2p serves itself. The host does not start if one is missing here. */
export function protocolCosts(dhtProtocol: string): ProtocolCost[] {
  return [
    {
      name: 'identify',
      protocols: ['/ipfs/id/1.0.0'],
      framing: 'prefixed',
      maxMessageBytes: IDENTIFY_BYTES,
      maxStreamBytes: { they: KIB, we: IDENTIFY_STREAM_BYTES },
      maxStreamMs: STREAM_MS,
      streams: { perPeer: 8, perHost: 64, inAll: 512 },
      streamUnits: 1 / 4,
      messageUnits: 1 / 16,
      quota: { unitsPerSecond: 4, burstUnits: 64 },
      over: 'reset'
    },
    {
      name: 'identify-push',
      protocols: ['/ipfs/id/push/1.0.0'],
      framing: 'prefixed',
      maxMessageBytes: IDENTIFY_BYTES,
      maxStreamBytes: { they: IDENTIFY_STREAM_BYTES, we: KIB },
      maxStreamMs: STREAM_MS,
      streams: { perPeer: 8, perHost: 64, inAll: 256 },
      streamUnits: 1 / 2,
      messageUnits: 1 / 2,
      quota: { unitsPerSecond: 2, burstUnits: 32 },
      over: 'reset'
    },
    {
      name: 'ping',
      protocols: ['/ipfs/ping/1.0.0'],
      framing: { bytes: PING_BYTES },
      maxMessageBytes: PING_BYTES,
      maxStreamBytes: { they: PINGS * PING_BYTES, we: PING_BYTES },
      maxStreamMs: STREAM_MS,
      streams: { perPeer: 16, perHost: 128, inAll: 512 },
      streamUnits: 1 / 4,
      messageUnits: 1 / 16,
      quota: { unitsPerSecond: 8, burstUnits: 128 },
      over: 'reset'
    },
    {
      // Each request is a stream. A node that provides 512 ledgers sends each of few peers two or three times as many
      // requests, and again an hour later.
      name: 'dht',
      protocols: [dhtProtocol],
      framing: 'prefixed',
      maxMessageBytes: MAX_DHT_MESSAGE_BYTES,
      maxStreamBytes: { they: 2 * MAX_DHT_MESSAGE_BYTES, we: 2 * MAX_DHT_MESSAGE_BYTES },
      maxStreamMs: STREAM_MS,
      streams: { perPeer: 32, perHost: 128, inAll: 256 },
      streamUnits: 1 / 8,
      messageUnits: 1 / 8,
      quota: { unitsPerSecond: 32, burstUnits: 2048 },
      over: 'reset'
    },
    {
      // RPCs and their bytes are charged here, their contents when they are decoded (gossip-gate.ts).
      name: 'gossip',
      protocols: ['/meshsub/1.0.0', '/meshsub/1.1.0', '/meshsub/1.2.0'],
      framing: 'prefixed',
      maxMessageBytes: MAX_RPC_BYTES,
      maxStreamBytes: { they: Infinity, we: 0 },
      maxStreamMs: Infinity,
      streams: { perPeer: 4, perHost: 64, inAll: 1024 },
      streamUnits: 1,
      messageUnits: 1 / 16,
      quota: GOSSIP_QUOTA,
      over: 'drop'
    }
  ]
}
