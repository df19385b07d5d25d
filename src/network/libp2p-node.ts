import { createHash } from 'node:crypto'
import { generateKeyPairFromSeed } from '@libp2p/crypto/keys'
import type { GossipSub } from '@libp2p/gossipsub'
import { identify, identifyPush, type Identify, type IdentifyPush } from '@libp2p/identify'
import type { ConnectionGater, Libp2p } from '@libp2p/interface'
import { kadDHT, passthroughMapper, removePrivateAddressesMapper, type SingleKadDHT, type KadDHTInit } from '@libp2p/kad-dht'
import { noise } from '@libp2p/noise'
import { ping, type Ping } from '@libp2p/ping'
import { createLibp2p, type Libp2pOptions } from 'libp2p'
import type { Gossip } from './gossip.js'
import { muxer } from './muxer.js'
import { transport } from './transport.js'

/** Milliseconds. libp2p forgets addresses one hour after they were first seen, even of connected peers. */
const ADDRESS_AGE_MS = 30 * 24 * 60 * 60 * 1000
/** Milliseconds between two looks for own provider records that are due, and the rest of their 48 hours at which they are: each is told again hourly. */
const REPROVIDE_INTERVAL_MS = 10 * 60 * 1000
const REPROVIDE_THRESHOLD_MS = 47 * 60 * 60 * 1000
/** Milliseconds that a peer has to answer the ping which lets it into the routing table. */
const FIRST_PING_TIMEOUT_MS = 20_000
/** Inbound connections per second and IP: many nodes may share one host or one NAT. */
const INBOUND_PER_SECOND = 256
/** Inbound connections that are still shaking hands. */
const MAX_PENDING = 64

export type Services = { identify: Identify, identifyPush: IdentifyPush, ping: Ping, dht?: SingleKadDHT, pubsub: GossipSub }
export type Node = Libp2p<Services>
/** An interface-datastore Datastore, opened and closed by its owner. */
export type Datastore = NonNullable<Libp2pOptions['datastore']>

export interface NodeOptions {
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
  gossip: Gossip
  dht: boolean
}

export function dhtProtocol (network: string): string { return `/ledgermesh/${network}/kad/1` }

/** libp2p with every default that bites set by hand; not started. */
export async function createNode (options: NodeOptions): Promise<Node> {
  return await createLibp2p<Services>({
    start: false,
    datastore: options.datastore,
    privateKey: await generateKeyPairFromSeed('Ed25519', options.peerKey),
    nodeInfo: { userAgent: options.agent },
    addresses: { listen: [...options.listen] },
    transports: [transport()],
    connectionEncrypters: [noise(options.psk === undefined ? {} : { prologueBytes: prologue(options.psk) })],
    streamMuxers: [muxer()],
    peerStore: { maxAddressAge: ADDRESS_AGE_MS, maxPeerAge: ADDRESS_AGE_MS },
    connectionManager: {
      maxConnections: options.maxConnections,
      inboundConnectionThreshold: INBOUND_PER_SECOND,
      maxIncomingPendingConnections: MAX_PENDING,
      dialTimeout: options.dialTimeoutMs,
      // Dead peers must not fill the slots of live ones; our own keeper does the rest.
      maxParallelReconnects: 64
    },
    connectionMonitor: { pingInterval: 10_000, pingTimeout: { minTimeout: 10_000 } },
    connectionGater: options.gater,
    services: {
      identify: identify(),
      identifyPush: identifyPush(),
      ping: ping(),
      ...(options.dht ? { dht: dht({
        protocol: dhtProtocol(options.network),
        clientMode: false, // unset it is a client until a public address appears: never, in a private network
        peerInfoMapper: options.publicNetwork ? removePrivateAddressesMapper : passthroughMapper,
        initialQuerySelfInterval: options.selfQueryMs,
        querySelfInterval: options.selfQueryEveryMs, // by default 5 minutes: nodes that start together would not know each other until then
        // A busy peer that is slow to answer the first ping would never enter the table, for there is no second one.
        pingNewContactTimeout: { minTimeout: FIRST_PING_TIMEOUT_MS },
        onPeerConnectTimeout: FIRST_PING_TIMEOUT_MS,
        reprovide: { interval: REPROVIDE_INTERVAL_MS, threshold: REPROVIDE_THRESHOLD_MS }
      }) } : {}),
      // In a public network many peers at one address are one attacker; elsewhere they are one office.
      pubsub: options.gossip.service(options.publicNetwork ? -5 : 0)
    }
  })
}

/** kadDHT makes a SingleKadDHT and declares less. */
function dht (init: KadDHTInit): (components: Parameters<ReturnType<typeof kadDHT>>[0]) => SingleKadDHT {
  const make = kadDHT(init)
  return (components) => {
    const made = make(components)
    if (!hasRoutingTable(made)) throw new TypeError('kad-dht has no routing table any more')
    return made
  }
}

function hasRoutingTable (made: ReturnType<ReturnType<typeof kadDHT>>): made is SingleKadDHT {
  return 'routingTable' in made
}

/**
 * The pre-shared key enters every handshake as Noise's prologue: who does not know it can neither finish a handshake with us nor learn the
 * network's name. It is hashed, never sent, and must be 32 random bytes.
 */
function prologue (psk: Uint8Array): Uint8Array {
  return createHash('sha256').update('ledgermesh/psk/1\n').update(psk).digest()
}
