import { createHash } from 'node:crypto'
import { generateKeyPairFromSeed } from '@libp2p/crypto/keys'
import type { GossipSub } from '@libp2p/gossipsub'
import { identify, identifyPush, type Identify, type IdentifyPush } from '@libp2p/identify'
import type { ConnectionGater, Libp2p, PeerId } from '@libp2p/interface'
import {
  kadDHT,
  passthroughMapper,
  removePrivateAddressesMapper,
  type DisjointPath,
  type KadDHTInit,
  type MessageType,
  type QueryEvent,
  type SingleKadDHT
} from '@libp2p/kad-dht'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import { ping, type Ping } from '@libp2p/ping'
import { createLibp2p } from 'libp2p'
import type { Clock, Metrics } from '../ports.js'
import { libp2pMetrics } from './libp2p-metrics.js'
import { BoundedDatastore } from './bounded-datastore.js'
import { capPeerStore } from './capped-peer-store.js'
import { VALID_MS, type Rank } from './dht/provider-book.js'
import type { DhtGuard } from './dht/guard.js'
import { encryption } from './encryption.js'
import type { DialPolicy } from './dialling/dial-policy.js'
import type { Gossip } from './gossip.js'
import { muxer, type MuxerOptions } from './muxer.js'
import { quietLogger } from './quiet-logger.js'
import type { Toll } from './toll.js'
import { transport } from './transport.js'
import type { Datastore } from './datastore.js'

/** Milliseconds. libp2p forgets addresses one hour after they were first seen, even of connected peers. */
const ADDRESS_AGE_MS = 30 * 24 * 60 * 60 * 1000
/**
 * Milliseconds between two checks for own provider records to renew, and how long before the end of their two hours
 * they are renewed: each is renewed hourly.
 */
const REPROVIDE_INTERVAL_MS = 10 * 60 * 1000
const REPROVIDE_THRESHOLD_MS = 60 * 60 * 1000
/**
 * Milliseconds between two pings of a connection, and for the answer. libp2p lengthens the latter with every failure of
 * any peer: after one dead connection the next one was noticed only after a minute.
 */
const PING_MS = 10_000
/** Milliseconds that a peer has to answer the ping which lets it into the routing table. */
const FIRST_PING_TIMEOUT_MS = 20_000
/** Inbound connections per second and IP: many nodes may share one host or one NAT. */
const INBOUND_PER_SECOND = 256
/**
 * Pings of one connection at a time. The heartbeat of the connection, which closes it when it fails, and the DHT both
 * ping; by default one of the two may.
 */
const MAX_PINGS = 8
/** Inbound connections that are still in their handshake. */
const MAX_PENDING = 128

/** Members of kad-dht that its type does not declare. */
export interface Dht extends SingleKadDHT {
  network: {
    sendRequest: (
      to: PeerId,
      message: { type: MessageType; key: Uint8Array },
      options: { signal: AbortSignal; path: DisjointPath }
    ) => AsyncGenerator<QueryEvent>
  }
}
export type Services = {
  toll: object
  identify: Identify
  identifyPush: IdentifyPush
  ping: Ping
  dht?: Dht
  pubsub: GossipSub
}
export type Node = Libp2p<Services>
export interface NodeOptions {
  metrics: Metrics | undefined
  network: string
  listen: readonly string[]
  peerKey: Uint8Array
  datastore: Datastore
  agent: string
  psk: Uint8Array | undefined
  publicNetwork: boolean
  maxConnections: number
  selfQueryMs: number
  selfQueryEveryMs: number
  dialTimeoutMs: number
  gater: ConnectionGater
  clock: Clock
  line: Omit<MuxerOptions, 'isServed' | 'clock'>
  gossip: Gossip
  toll: Toll
  /** The IP address from which a peer is connected, and its rank (see ProviderBook). */
  hostOf: (peer: string) => string | null
  rankOf: (peer: string) => Rank
  /** undefined: no DHT. */
  dht: DhtGuard | undefined
  policy: DialPolicy
}

export function dhtProtocol(network: string): string {
  return `/ledgermesh/${network}/kad/1`
}

/** libp2p with all unsuitable defaults replaced; not started. */
export async function createNode(options: NodeOptions): Promise<Node> {
  const privateKey = await generateKeyPairFromSeed('Ed25519', options.peerKey)
  const node = await createLibp2p<Services>({
    start: false,
    ...(options.metrics === undefined ? {} : { metrics: libp2pMetrics(options.metrics) }),
    logger: quietLogger,
    datastore: await BoundedDatastore.open(options.datastore, {
      self: peerIdFromPrivateKey(privateKey).toString(),
      now: () => options.clock.now(),
      hostOf: options.hostOf,
      rankOf: options.rankOf
    }),
    privateKey,
    nodeInfo: { userAgent: options.agent },
    addresses: { listen: [...options.listen] },
    transports: [transport(options.policy)],
    connectionEncrypters: [encryption(options.psk === undefined ? undefined : prologue(options.psk))],
    streamMuxers: [
      muxer({ ...options.line, clock: options.clock, isServed: (protocol) => options.toll.isServed(protocol) })
    ],
    peerStore: { maxAddressAge: ADDRESS_AGE_MS, maxPeerAge: ADDRESS_AGE_MS },
    connectionManager: {
      // Our own gater decides which peer gets a place, and it has to know the peer: libp2p's limit must not apply
      // before it.
      maxConnections: options.maxConnections + MAX_PENDING,
      inboundConnectionThreshold: INBOUND_PER_SECOND,
      maxIncomingPendingConnections: MAX_PENDING,
      dialTimeout: options.dialTimeoutMs,
      // Dead peers must not fill the slots of live ones; our own connector redials them.
      maxParallelReconnects: 64
    },
    connectionMonitor: { pingInterval: PING_MS, pingTimeout: { minTimeout: PING_MS, maxTimeout: PING_MS } },
    connectionGater: options.gater,
    services: {
      toll: options.toll.service(),
      identify: identify(),
      identifyPush: identifyPush(),
      ping: ping({ maxInboundStreams: MAX_PINGS, maxOutboundStreams: MAX_PINGS }),
      ...(options.dht === undefined
        ? {}
        : {
            dht: dht(
              {
                protocol: dhtProtocol(options.network),
                clientMode: false, // unset: a client until it has a public address, which in a private network is never
                peerInfoMapper: options.publicNetwork ? removePrivateAddressesMapper : passthroughMapper,
                initialQuerySelfInterval: options.selfQueryMs,
                // by default 5 minutes: nodes that start together would not find each other until then
                querySelfInterval: options.selfQueryEveryMs,
                // A busy peer that is slow to answer the first ping would never enter the table, because there is no
                // second ping.
                pingNewContactTimeout: { minTimeout: FIRST_PING_TIMEOUT_MS },
                onPeerConnectTimeout: FIRST_PING_TIMEOUT_MS,
                reprovide: { interval: REPROVIDE_INTERVAL_MS, threshold: REPROVIDE_THRESHOLD_MS, validity: VALID_MS }
              },
              options.dht
            )
          }),
      // In a public network many peers at one address are treated as one attacker; elsewhere they are one office.
      pubsub: options.gossip.service(options.publicNetwork ? -5 : 0)
    }
  })
  capPeerStore(node.peerStore, node.peerId)
  return node
}

function dht(init: KadDHTInit, guard: DhtGuard): (components: Parameters<ReturnType<typeof kadDHT>>[0]) => Dht {
  const make = kadDHT(init)
  return (components) => {
    const made = make(guard.guard(components))
    if (!isWhole(made)) throw new TypeError('kad-dht has no routing table or no network any more')
    return made
  }
}

function isWhole(made: ReturnType<ReturnType<typeof kadDHT>>): made is Dht {
  return 'routingTable' in made && 'network' in made
}

/**
 * The pre-shared key is part of every handshake as Noise's prologue: a peer without it can neither finish a handshake
 * nor learn the network's name. It is hashed, never sent, and must be 32 random bytes.
 */
function prologue(psk: Uint8Array): Uint8Array {
  return createHash('sha256').update('ledgermesh/psk/1\n').update(psk).digest()
}
