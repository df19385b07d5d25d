import type { Clock, Log, Random } from '../ports.js'
import type { FrameStream } from '../../protocols/wire.js'
import { parsePeerAddress } from './address.js'
import { BootstrapKeeper } from './bootstrap-keeper.js'
import { Charger } from './charger.js'
import { Discovery, type Provider } from './discovery.js'
import { Gossip, type GossipValidator, type MessageId } from './gossip.js'
import { GossipWatchdog } from './gossip-watchdog.js'
import { DhtWatchdog } from './dht-watchdog.js'
import { NO_LOAD, type Load } from './load-watch.js'
import { createNode, dhtProtocol, type Datastore, type Node } from './libp2p-node.js'
import { serveAll, type Mount } from './mount.js'
import { asError, NetworkError, toNetworkError } from './network-error.js'
import { Dialer, type ProtocolRef } from './open.js'
import { Peers, type ConnectionInfo, type PeerCallbacks, type PeerInfo } from './peers.js'
import type { QuotaLimits } from './quota.js'
import { SilenceWatchdog } from './silence-watchdog.js'

export { NetworkError, type NetworkErrorCode } from './network-error.js'
export { mount, type Mount } from './mount.js'
export type { ConnectionInfo, Datastore, GossipValidator, MessageId, PeerCallbacks, PeerInfo, ProtocolRef, Provider }
export { eventLoopDelay, LoadWatch, LOAD_LEVELS, type DelayGauge, type LoadLevel } from './load-watch.js'
export type { Verdict } from './gossip.js'
export type { Worth } from './inbound.js'

/** Numbers that tests and large networks change. */
export interface HostTuning {
  /** Connections at most; inbound ones above that are refused, or take the place of one of less worth. */
  maxConnections: number
  /** Loopback addresses are limited like any other host's. */
  countLoopback: boolean
  /** Milliseconds for one dial, and for one negotiation of a stream. */
  dialTimeoutMs: number
  /** First and longest wait between two attempts to reach a bootstrap peer, in milliseconds. */
  minBackoffMs: number
  maxBackoffMs: number
  /** The gossip watchdog: milliseconds between two looks, and until a missing link costs the connection. */
  watchdogTickMs: number
  watchdogGraceMs: number
  /** Milliseconds after the start until the DHT first looks for its own neighbours, and between two later looks (and of its watchdog). */
  selfQueryMs: number
  selfQueryEveryMs: number
  quota: QuotaLimits
}

const TUNING: HostTuning = {
  maxConnections: 300,
  countLoopback: false,
  dialTimeoutMs: 10_000,
  minBackoffMs: 1_000,
  maxBackoffMs: 30_000,
  watchdogTickMs: 5_000,
  watchdogGraceMs: 30_000,
  selfQueryMs: 500,
  selfQueryEveryMs: 30_000,
  quota: { unitsPerSecond: 1024, burstUnits: 2048 }
}

/** Milliseconds that `stop` waits for an orderly end of the connections. */
const STOP_TIMEOUT_MS = 5_000
/** Bytes of the seed of the peer key, and of a pre-shared key. */
const KEY_BYTES = 32

export interface HostOptions {
  network: string
  /** Multiaddrs; port 0 takes a free one. */
  listen: readonly string[]
  /** Multiaddrs with /p2p/. */
  bootstrap: readonly string[]
  /** The 32-byte Ed25519 seed of the peer key. */
  peerKey: Uint8Array
  datastore: Datastore
  /** What this software calls itself to its peers. */
  agent: string
  log: Log
  clock: Clock
  random: Random
  protocols: readonly Mount[]
  /** 32 random bytes shared by all nodes of a closed network. */
  psk?: Uint8Array | undefined
  /** Address rules of the open internet: private addresses stay out of the DHT, many peers at one IP are suspect. Default false. */
  publicNetwork?: boolean
  /** False: neither asks the DHT nor serves it. Default true. */
  dht?: boolean | undefined
  callbacks: PeerCallbacks
  /** How much this process has to do; default: nothing worth mentioning. */
  load?: Load | undefined
  tuning?: Partial<HostTuning>
}

/** Makes the host and mounts the protocols; nothing is on the network before `start`. Throws BAD_ADDRESS. */
export async function createHost (options: HostOptions): Promise<Host> {
  for (const key of [options.peerKey, options.psk]) if (key !== undefined && key.byteLength !== KEY_BYTES) throw new RangeError(`a key of ${key.byteLength} bytes, not ${KEY_BYTES}`)
  const bootstrap = new Map<string, string[]>()
  for (const text of options.bootstrap) {
    const peer = parsePeerAddress(text).peer.toString()
    bootstrap.set(peer, [...(bootstrap.get(peer) ?? []), text])
  }
  const { clock, log, load = NO_LOAD } = options
  const tuning = { ...TUNING, ...options.tuning }
  const state: { keeper?: BootstrapKeeper } = {}
  const peers = new Peers({ clock, log, load, maxConnections: tuning.maxConnections, countLoopback: tuning.countLoopback, callbacks: {
    ...options.callbacks,
    onDisconnect: (peer) => {
      state.keeper?.lost(peer)
      options.callbacks.onDisconnect(peer)
    }
  } })
  const gossip = new Gossip({ clock, log, load, drop: (peer, reason, banMs) => { peers.drop(peer, reason, banMs) } })
  const node = await createNode({
    network: options.network, listen: options.listen, peerKey: options.peerKey, datastore: options.datastore, agent: options.agent, psk: options.psk,
    publicNetwork: options.publicNetwork ?? false, maxConnections: tuning.maxConnections, selfQueryMs: tuning.selfQueryMs, selfQueryEveryMs: tuning.selfQueryEveryMs,
    dialTimeoutMs: tuning.dialTimeoutMs, gater: peers.gater(), clock, onFlood: (streams) => { peers.flooded(streams) }, gossip, dht: options.dht ?? true
  }).catch((error: unknown) => { throw toNetworkError(error, 'making the host', 'BAD_ADDRESS') })
  peers.watch(node)
  bootstrap.delete(node.peerId.toString()) // one list may serve all nodes of a network
  const stopping = new AbortController()
  const charger = new Charger({ limits: tuning.quota, clock, load, stopped: stopping.signal })
  const { network } = options
  await serveAll(options.protocols, { node, network, peers, charger, clock, log, stopped: stopping.signal })
  const dialer = new Dialer({ node, network, peers, charger, timeoutMs: tuning.dialTimeoutMs })
  const keeper = new BootstrapKeeper({
    targets: bootstrap, clock, log, random: options.random, minBackoffMs: tuning.minBackoffMs, maxBackoffMs: tuning.maxBackoffMs,
    dialTimeoutMs: tuning.dialTimeoutMs, isConnected: (peer) => peers.isConnected(peer), dial: async (addrs, signal) => { await dialer.dialAny(addrs, signal) }
  })
  state.keeper = keeper
  const { pubsub, dht } = node.services
  const watchdog = new GossipWatchdog({ node, pubsub, clock, log, tuning: { tickMs: tuning.watchdogTickMs, graceMs: tuning.watchdogGraceMs } })
  const dhtWatchdogs = dht === undefined ? [] : [new DhtWatchdog({ node, dht, protocol: dhtProtocol(network), tickMs: tuning.selfQueryEveryMs, clock, log })]
  return new Host({ node, peers, gossip, dialer, keeper, watchdogs: [watchdog, new SilenceWatchdog({ peers, load, clock }), ...dhtWatchdogs], discovery: new Discovery({ node, dht, random: options.random, log }), stopping, log })
}

interface Parts {
  node: Node
  peers: Peers
  gossip: Gossip
  dialer: Dialer
  keeper: BootstrapKeeper
  watchdogs: Array<GossipWatchdog | DhtWatchdog | SilenceWatchdog>
  discovery: Discovery
  stopping: AbortController
  log: Log
}

/** The one libp2p host of a node. Ids and addresses are strings; errors are NetworkErrors. */
export class Host {
  readonly peerId: string
  readonly #parts: Parts
  #stopped: Promise<void> | undefined

  constructor (parts: Parts) {
    this.#parts = parts
    this.peerId = parts.node.peerId.toString()
  }

  /** Throws LISTEN_FAILED when an address is taken. Does not wait for any peer: an offline node starts as well. */
  async start (): Promise<void> {
    try {
      await this.#parts.node.start()
    } catch (error) {
      await this.stop()
      throw toNetworkError(error, 'starting the host', 'LISTEN_FAILED')
    }
    this.#parts.gossip.start()
    this.#parts.keeper.start()
    for (const watchdog of this.#parts.watchdogs) watchdog.start()
  }

  /** Ends all streams and connections and closes the listeners, within a few seconds; the datastore stays open. */
  async stop (): Promise<void> {
    this.#stopped ??= this.#stop()
    await this.#stopped
  }

  /** Own addresses, each with /p2p/. */
  addrs (): string[] { return this.#parts.node.getMultiaddrs().map((addr) => addr.toString()) }

  peers (): PeerInfo[] { return this.#parts.peers.list() }

  isConnected (peer: string): boolean { return this.#parts.peers.isConnected(peer) }

  /** Connects to a multiaddr with /p2p/ or to a peer id; gives the peer id. UNREACHABLE, WRONG_PEER, BANNED, BAD_ADDRESS, ABORTED. */
  async dial (addrOrPeer: string, signal: AbortSignal): Promise<string> { return await this.#parts.dialer.dial(addrOrPeer, signal) }

  /** Opens a stream, dialling first if need be. UNSUPPORTED, TIMEOUT, BUSY and what `dial` throws. */
  async open (peer: string, protocol: ProtocolRef, signal: AbortSignal): Promise<FrameStream> { return await this.#parts.dialer.open(peer, protocol, signal) }

  /** Disconnects a peer at once and keeps it out for `banMs` milliseconds. */
  drop (peer: string, reason: string, banMs: number): void { this.#parts.peers.drop(peer, reason, banMs) }

  subscribe (topic: string, validate: GossipValidator, messageId: MessageId): void { this.#parts.gossip.subscribe(topic, validate, messageId) }

  unsubscribe (topic: string): void { this.#parts.gossip.unsubscribe(topic) }

  async publish (topic: string, bytes: Uint8Array): Promise<{ recipients: number }> { return await this.#parts.gossip.publish(topic, bytes) }

  /** Peers that we know to have subscribed to the topic. */
  subscribers (topic: string): string[] { return this.#parts.gossip.subscribers(topic) }

  async provide (key: string, signal: AbortSignal): Promise<number> { return await this.#parts.discovery.provide(key, signal) }

  async cancelProvide (key: string, signal: AbortSignal): Promise<void> { await this.#parts.discovery.cancelProvide(key, signal) }

  findProviders (key: string, signal: AbortSignal): AsyncGenerator<Provider> { return this.#parts.discovery.findProviders(key, signal) }

  dhtMode (): 'client' | 'server' | 'off' { return this.#parts.discovery.mode() }

  dhtSize (): number { return this.#parts.discovery.size() }

  async #stop (): Promise<void> {
    const { node, gossip, keeper, watchdogs, stopping, log } = this.#parts
    gossip.stop()
    keeper.stop()
    for (const watchdog of watchdogs) watchdog.stop()
    stopping.abort(new NetworkError('CLOSED', 'the node is stopping'))
    const late = AbortSignal.timeout(STOP_TIMEOUT_MS)
    const { promise: waited, resolve } = Promise.withResolvers<void>()
    late.addEventListener('abort', () => { resolve() }, { once: true })
    await Promise.race([Promise.resolve(node.stop()).catch((error: unknown) => { log.warn({ message: asError(error).message }, 'libp2p did not stop cleanly') }), waited])
    for (const connection of node.getConnections()) connection.abort(new Error('the node has stopped'))
  }
}
