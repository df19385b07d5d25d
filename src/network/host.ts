import type { Log } from '../ports.js'
import type { FrameStream } from '../../protocols/wire.js'
import { parseListenAddress, parsePeerAddress } from './address.js'
import { BootstrapConnector } from './bootstrap-connector.js'
import { RateLimiter } from './rate-limiter.js'
import { Discovery, type Provider } from './discovery.js'
import { Held } from './held.js'
import { Gossip, type GossipValidator, type MessageId } from './gossip.js'
import { GossipWatchdog } from './gossip-watchdog.js'
import { DhtGuard } from './dht/guard.js'
import { DhtWatchdog } from './dht-watchdog.js'
import { DialPolicy } from './dialling/dial-policy.js'
import { NO_LOAD } from './load-monitor.js'
import { createNode, dhtProtocol, type Node } from './libp2p-node.js'
import { serveAll } from './protocol-handler.js'
import { asError, listenError, NetworkError, toNetworkError } from './network-error.js'
import { Dialer, type ProtocolRef } from './open.js'
import { Peers, type ConnectionInfo, type PeerCallbacks, type PeerInfo } from './peers.js'
import { TUNING, type HostOptions } from './host-options.js'
import { SilenceWatchdog } from './silence-watchdog.js'
import type { Datastore } from './datastore.js'
import { protocolCosts } from './costs.js'
import { Toll } from './toll.js'

export { parseListenAddress, parsePeerAddress } from './address.js'
export { NetworkError, type NetworkErrorCode } from './network-error.js'
export { protocolHandler, type ProtocolHandler } from './protocol-handler.js'
export type { ConnectionInfo, Datastore, GossipValidator, MessageId, PeerCallbacks, PeerInfo, ProtocolRef, Provider }
export { eventLoopDelay, LoadMonitor, LOAD_LEVELS, type DelayGauge, type LoadLevel } from './load-monitor.js'
export type { Verdict } from './gossip.js'
export type { HostOptions, HostTuning } from './host-options.js'
export type { ConnectionPriority } from './inbound.js'

/** Milliseconds that `stop` waits for an orderly end of the connections. */
const STOP_TIMEOUT_MS = 5_000
/** Bytes of the seed of the peer key, and of a pre-shared key. */
const KEY_BYTES = 32

/** Makes the host and registers the protocols; nothing is on the network before `start`. Throws BAD_ADDRESS. */
export async function createHost(options: HostOptions): Promise<Host> {
  for (const text of options.listen) parseListenAddress(text)
  for (const key of [options.peerKey, options.psk])
    if (key !== undefined && key.byteLength !== KEY_BYTES)
      throw new RangeError(`a key of ${key.byteLength} bytes, not ${KEY_BYTES}`)
  const bootstrap = byPeer(options.bootstrap)
  const { clock, log, load = NO_LOAD } = options
  const tuning = { ...TUNING, ...options.tuning }
  const state: { connector?: BootstrapConnector } = {}
  const { network } = options
  const stopping = new AbortController()
  const limiter = new RateLimiter({ limits: tuning.quota, clock, load, stopped: stopping.signal })
  const peers = new Peers({
    clock,
    log,
    load,
    limiter,
    maxConnections: tuning.maxConnections,
    countLoopback: tuning.countLoopback,
    callbacks: {
      ...options.callbacks,
      onDisconnect: (peer) => {
        state.connector?.lost(peer)
        options.callbacks.onDisconnect(peer)
      }
    }
  })
  const held = new Held()
  const toll = new Toll({
    limiter,
    held,
    load,
    clock,
    log,
    countLoopback: tuning.countLoopback,
    drop: (peer, reason, banMs) => {
      peers.drop(peer, reason, banMs)
    }
  })
  for (const cost of protocolCosts(dhtProtocol(network))) toll.cover(cost)
  const gossip = new Gossip({
    clock,
    log,
    load,
    limiter,
    prefix: `/ledgermesh/${network}/`,
    payerOf: (peer) => peers.payerOf(peer, toll),
    onSubscribed: options.callbacks.onSubscribed,
    drop: (peer, reason, banMs) => {
      peers.drop(peer, reason, banMs)
    }
  })
  const policy = new DialPolicy({ listen: options.listen, publicNetwork: options.publicNetwork, clock })
  for (const address of [...bootstrap.values()].flat()) policy.name(address)
  const guard = new DhtGuard({ protocol: dhtProtocol(network), log })
  const node = await createNode({
    metrics: options.metrics,
    network,
    listen: options.listen,
    peerKey: options.peerKey,
    datastore: options.datastore,
    agent: options.agent,
    psk: options.psk,
    publicNetwork: options.publicNetwork ?? false,
    maxConnections: tuning.maxConnections,
    selfQueryMs: tuning.selfQueryMs,
    selfQueryEveryMs: tuning.selfQueryEveryMs,
    dialTimeoutMs: tuning.dialTimeoutMs,
    gater: peers.gater(),
    clock,
    gossip,
    toll,
    policy,
    hostOf: (peer) => peers.hostOf(peer),
    rankOf: (peer) => peers.rankOf(peer),
    line: {
      limiter,
      held,
      payerOn: (socket) => peers.payerOn(socket, toll),
      drop: (peer, reason, banMs) => {
        peers.drop(peer, reason, banMs)
      }
    },
    dht: options.dht === false ? undefined : guard
  }).catch((error: unknown) => {
    throw toNetworkError(error, 'making the host', 'BAD_ADDRESS')
  })
  peers.watch(node)
  bootstrap.delete(node.peerId.toString()) // one list may serve all nodes of a network
  await serveAll(options.protocols, { node, network, peers, limiter, held, toll, clock, log, stopped: stopping.signal })
  const dialer = new Dialer({ node, network, peers, limiter, toll, timeoutMs: tuning.dialTimeoutMs })
  const connector = new BootstrapConnector({
    targets: bootstrap,
    clock,
    log,
    random: options.random,
    minBackoffMs: tuning.minBackoffMs,
    maxBackoffMs: tuning.maxBackoffMs,
    dialTimeoutMs: tuning.dialTimeoutMs,
    isConnected: (peer) => peers.isConnected(peer),
    dial: async (addrs, signal) => {
      await dialer.dialAny(addrs, signal)
    }
  })
  state.connector = connector
  const { pubsub, dht } = node.services
  const watchdog = new GossipWatchdog({
    node,
    pubsub,
    clock,
    log,
    tuning: { tickMs: tuning.watchdogTickMs, graceMs: tuning.watchdogGraceMs }
  })
  const dhtWatchdogs =
    dht === undefined
      ? []
      : [new DhtWatchdog({ node, dht, protocol: dhtProtocol(network), tickMs: tuning.selfQueryEveryMs, clock, log })]
  return new Host({
    node,
    peers,
    limiter,
    held,
    toll,
    gossip,
    dialer,
    policy,
    connector,
    watchdogs: [watchdog, new SilenceWatchdog({ peers, load, clock }), ...dhtWatchdogs],
    discovery: new Discovery({ node, dht, random: options.random, log }),
    stopping,
    log
  })
}

/** Throws BAD_ADDRESS. */
function byPeer(addresses: readonly string[]): Map<string, string[]> {
  const peers = new Map<string, string[]>()
  for (const text of addresses) {
    const peer = parsePeerAddress(text).peer.toString()
    peers.set(peer, [...(peers.get(peer) ?? []), text])
  }
  return peers
}

interface Parts {
  node: Node
  peers: Peers
  limiter: RateLimiter
  held: Held
  toll: Toll
  gossip: Gossip
  dialer: Dialer
  policy: DialPolicy
  connector: BootstrapConnector
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

  constructor(parts: Parts) {
    this.#parts = parts
    this.peerId = parts.node.peerId.toString()
  }

  /**
   * Throws LISTEN_FAILED, with the system's reasons, when an address is taken or not one of this machine. Does not wait
   * for any peer: an offline node starts as well.
   */
  async start(): Promise<void> {
    try {
      await this.#parts.node.start()
      const uncovered = this.#parts.toll.uncovered(this.protocols())
      if (uncovered.length > 0) throw new Error(`no costs are defined for ${uncovered.join(', ')}`)
    } catch (error) {
      await this.stop()
      throw listenError(error)
    }
    this.#parts.gossip.start()
    this.#parts.connector.start()
    for (const watchdog of this.#parts.watchdogs) watchdog.start()
  }

  /** Ends all streams and connections and closes the listeners, within a few seconds; the datastore stays open. */
  async stop(): Promise<void> {
    this.#stopped ??= this.#stop()
    await this.#stopped
  }

  /** Replaces the bootstrap peers, multiaddrs with /p2p/. Throws BAD_ADDRESS. */
  joinThrough(addresses: readonly string[]): void {
    const peers = byPeer(addresses)
    peers.delete(this.peerId)
    this.#parts.connector.retarget(peers)
  }

  /** Own addresses, each with /p2p/. */
  addrs(): string[] {
    return this.#parts.node.getMultiaddrs().map((addr) => addr.toString())
  }

  /** All protocol ids that this host serves, those of libp2p included. */
  protocols(): string[] {
    return this.#parts.node.getProtocols()
  }

  /** Units (64 KiB) that all peers together were ever charged, by protocol. */
  charged(): Map<string, number> {
    return this.#parts.limiter.charged()
  }

  /** Received bytes in memory that are unread or incomplete; and bytes of gossip queued for peers that do not read. */
  kept(): { unread: number; unsent: number } {
    return { unread: this.#parts.held.bytes, unsent: this.#parts.gossip.unsent }
  }

  peers(): PeerInfo[] {
    return this.#parts.peers.list()
  }

  /** The IPv4 address or IPv6 /64 from which a peer is connected; null: it is not. */
  hostOf(peer: string): string | null {
    return this.#parts.peers.siteOf(peer)
  }

  isConnected(peer: string): boolean {
    return this.#parts.peers.isConnected(peer)
  }

  /**
   * Connects to a multiaddr with /p2p/ that the operator named, or to a peer id; gives the peer id. UNREACHABLE,
   * WRONG_PEER, BANNED, BAD_ADDRESS, ABORTED.
   */
  async dial(addrOrPeer: string, signal: AbortSignal): Promise<string> {
    if (addrOrPeer.startsWith('/')) this.name(addrOrPeer)
    return await this.#parts.dialer.dial(addrOrPeer, signal)
  }

  /** The same for a multiaddr from another source: UNREACHABLE too when `DialPolicy` does not allow it. */
  async dialHearsay(address: string, signal: AbortSignal): Promise<string> {
    return await this.#parts.dialer.dial(address, signal)
  }

  /** Notes that the operator named this multiaddr with /p2p/: it may always be dialled. BAD_ADDRESS. */
  name(address: string): void {
    this.#parts.policy.name(parsePeerAddress(address).addr.toString())
  }

  /** May this node dial the address when it comes from others? False for an invalid one. */
  mayDial(address: string): boolean {
    try {
      return this.#parts.policy.mayDial(parsePeerAddress(address).addr)
    } catch {
      return false // not an address with a peer id
    }
  }

  /** Opens a stream, dialling first if needed. UNSUPPORTED, TIMEOUT, BUSY and the errors of `dial`. */
  async open(peer: string, protocol: ProtocolRef, signal: AbortSignal): Promise<FrameStream> {
    return await this.#parts.dialer.open(peer, protocol, signal)
  }

  /**
   * Opens a stream on one of several connections with a peer, by the id from `onAnother`. UNREACHABLE when it is gone,
   * UNSUPPORTED, TIMEOUT, BUSY.
   */
  async openOn(peer: string, connectionId: string, protocol: ProtocolRef, signal: AbortSignal): Promise<FrameStream> {
    return await this.#parts.dialer.openOn(peer, connectionId, protocol, signal)
  }

  /** Disconnects a peer at once and refuses it for `banMs` milliseconds. */
  drop(peer: string, reason: string, banMs: number): void {
    this.#parts.peers.drop(peer, reason, banMs)
  }

  subscribe(topic: string, validate: GossipValidator, messageId: MessageId): void {
    this.#parts.gossip.subscribe(topic, validate, messageId)
  }

  unsubscribe(topic: string): void {
    this.#parts.gossip.unsubscribe(topic)
  }

  async publish(topic: string, bytes: Uint8Array): Promise<{ recipients: number }> {
    return await this.#parts.gossip.publish(topic, bytes)
  }

  /** Peers that we know to have subscribed to the topic. */
  subscribers(topic: string): string[] {
    return this.#parts.gossip.subscribers(topic)
  }

  async provide(key: string, signal: AbortSignal): Promise<number> {
    return await this.#parts.discovery.provide(key, signal)
  }

  async cancelProvide(key: string, signal: AbortSignal): Promise<void> {
    await this.#parts.discovery.cancelProvide(key, signal)
  }

  findProviders(key: string, signal: AbortSignal): AsyncGenerator<Provider> {
    return this.#parts.discovery.findProviders(key, signal)
  }

  dhtMode(): 'client' | 'server' | 'off' {
    return this.#parts.discovery.mode()
  }

  dhtSize(): number {
    return this.#parts.discovery.size()
  }

  async #stop(): Promise<void> {
    const { node, gossip, connector, watchdogs, stopping, log } = this.#parts
    gossip.stop()
    connector.stop()
    for (const watchdog of watchdogs) watchdog.stop()
    stopping.abort(new NetworkError('CLOSED', 'the node is stopping'))
    const late = AbortSignal.timeout(STOP_TIMEOUT_MS)
    const { promise: waited, resolve } = Promise.withResolvers<void>()
    late.addEventListener(
      'abort',
      () => {
        resolve()
      },
      { once: true }
    )
    await Promise.race([
      Promise.resolve(node.stop()).catch((error: unknown) => {
        log.warn({ event: 'network.stop-failed', error: asError(error).message }, 'libp2p did not stop cleanly')
      }),
      waited
    ])
    for (const connection of node.getConnections()) connection.abort(new Error('the node has stopped'))
  }
}
