import type { Connection, ConnectionGater, Libp2p, PeerId } from '@libp2p/interface'
import type { Clock, Log } from '../ports.js'
import { parsePeer } from './address.js'
import { Inbound, type Worth } from './inbound.js'
import { NO_LOAD, type Load } from './load-watch.js'
import { codeOf } from './network-error.js'

/** Connections of one peer; more than two are leftovers of its restarts, or an attempt to take all our slots. */
const MAX_CONNECTIONS_PER_PEER = 8
/** Milliseconds that a peer which floods a connection stays out. */
const FLOOD_BAN_MS = 60_000
/** Bans remembered at most; the one that ends first goes. */
const MAX_BANS = 10_000

export interface ConnectionInfo {
  addr: string
  /** Of the first of the connections to this peer, as this side saw it: when both dial at once, the sides may disagree. */
  direction: 'inbound' | 'outbound'
  /** Milliseconds since the Unix epoch. */
  since: number
  /** True on exactly one of the two sides, whoever dialled: who must speak first. */
  initiator: boolean
}

export interface PeerInfo { peer: string, addrs: string[], direction: 'inbound' | 'outbound', since: number }

/** Called once per peer, however many connections there are to it. What they throw is logged. */
export interface PeerCallbacks {
  onConnect: (peer: string, connection: ConnectionInfo) => void
  onDisconnect: (peer: string) => void
  /** Asked before a peer is dialled and when it has proved its id: true refuses the connection. Default: nobody. */
  refuses?: (peer: string) => boolean
  /** What a peer's place is worth when there are not enough of them, and whether it has introduced itself. Default: all are worth the same. */
  worthOf?: (peer: string) => Worth
}

/** Who may be connected, and who is. Bans live in memory: a restart forgives. */
export class Peers {
  readonly #clock: Clock
  readonly #log: Log
  readonly #callbacks: PeerCallbacks
  readonly #refuses: (peer: string) => boolean
  readonly #bannedUntil = new Map<string, number>()
  readonly #connected = new Set<string>()
  readonly #inbound: Inbound
  readonly #worthOf: ((peer: string) => Worth) | undefined
  #node: Libp2p | undefined

  constructor (options: { clock: Clock, log: Log, callbacks: PeerCallbacks, maxConnections: number, countLoopback?: boolean | undefined, load?: Load | undefined }) {
    const { callbacks: { worthOf }, maxConnections, countLoopback = false, load = NO_LOAD } = options
    this.#worthOf = worthOf
    this.#inbound = new Inbound({ maxConnections, countLoopback, load, worthOf: worthOf ?? (() => 1), connections: () => this.#places() })
    this.#refuses = options.callbacks.refuses ?? (() => false)
    this.#clock = options.clock
    this.#log = options.log
    this.#callbacks = options.callbacks
  }

  /** Encrypted connections are where the remote's peer id is first known to be true. */
  gater (): ConnectionGater {
    const banned = (peer: PeerId): boolean => this.isBanned(peer.toString()) || this.#refuses(peer.toString())
    return {
      denyDialPeer: banned,
      denyInboundConnection: (socket) => this.#inbound.refusesSocket(socket),
      denyInboundEncryptedConnection: (peer, socket) => banned(peer) || this.#connectionsOf(peer.toString()).length >= MAX_CONNECTIONS_PER_PEER ||
        this.#inbound.refusesPeer(peer.toString(), socket),
      denyOutboundEncryptedConnection: banned
    }
  }

  watch (node: Libp2p): void {
    this.#node = node
    node.addEventListener('peer:connect', (event) => { this.#onConnect(event.detail) })
    node.addEventListener('peer:disconnect', (event) => { this.#onDisconnect(event.detail.toString()) })
  }

  isBanned (peer: string): boolean {
    const until = this.#bannedUntil.get(peer)
    if (until === undefined) return false
    if (until > this.#clock.now()) return true
    this.#bannedUntil.delete(peer)
    return false
  }

  isConnected (peer: string): boolean { return this.#connected.has(peer) }

  /** Closes every connection to the peer at once and refuses new ones for `banMs` milliseconds (0: only closes). */
  drop (peer: string, reason: string, banMs: number): void {
    if (banMs > 0) {
      if (this.#bannedUntil.size >= MAX_BANS) this.#forgetOne()
      this.#bannedUntil.set(peer, Math.max(this.#clock.now() + banMs, this.#bannedUntil.get(peer) ?? 0))
    }
    this.#log.info({ peer, reason, banMs }, 'peer dropped')
    for (const connection of this.#connectionsOf(peer)) connection.abort(new Error(reason))
  }

  /** The peer of the connection with these streams opens more and more. */
  flooded (streams: readonly unknown[]): void {
    const connection = this.#node?.getConnections().find((one) => one.streams === streams)
    if (connection !== undefined) this.drop(connection.remotePeer.toString(), 'it opens streams without end', FLOOD_BAN_MS)
  }

  list (): PeerInfo[] {
    const byPeer = new Map<string, PeerInfo>()
    for (const connection of this.#node?.getConnections() ?? []) {
      if (connection.status !== 'open') continue
      const peer = connection.remotePeer.toString()
      const known = byPeer.get(peer)
      if (known !== undefined) known.addrs.push(connection.remoteAddr.toString())
      else byPeer.set(peer, { peer, addrs: [connection.remoteAddr.toString()], direction: connection.direction, since: connection.timeline.open })
    }
    return [...byPeer.values()]
  }

  #connectionsOf (peer: string): Connection[] {
    return this.#node?.getConnections(parsePeer(peer)) ?? []
  }

  /** Connected peers that have not introduced themselves. */
  silent (): string[] {
    return this.#worthOf === undefined ? [] : [...this.#connected].filter((peer) => this.#worthOf!(peer) === 0)
  }

  #places (): { peer: string, close: () => void }[] {
    return (this.#node?.getConnections() ?? []).toSorted((a, b) => a.timeline.open - b.timeline.open)
      .map((connection) => ({ peer: connection.remotePeer.toString(), close: () => { connection.abort(new Error('its place is needed')) } }))
  }

  #onConnect (id: PeerId): void {
    const peer = id.toString()
    const [first] = this.#connectionsOf(peer)
    if (first === undefined || this.#connected.has(peer) || this.#node === undefined) return
    this.#connected.add(peer)
    const info: ConnectionInfo = {
      addr: first.remoteAddr.toString(), direction: first.direction, since: first.timeline.open, initiator: this.#node.peerId.toString() < peer
    }
    this.#guarded('onConnect', () => { this.#callbacks.onConnect(peer, info) })
  }

  #onDisconnect (peer: string): void {
    if (!this.#connected.delete(peer)) return // libp2p also reports the end of connections that it never announced
    this.#guarded('onDisconnect', () => { this.#callbacks.onDisconnect(peer) })
  }

  /** An exception in an event listener would end the process. */
  #guarded (name: string, call: () => void): void {
    try {
      call()
    } catch (error) {
      this.#log.error({ callback: name, code: codeOf(error), error }, 'a peer callback failed')
    }
  }

  #forgetOne (): void {
    let first: [string, number] | undefined
    for (const ban of this.#bannedUntil) if (first === undefined || ban[1] < first[1]) first = ban
    if (first !== undefined) this.#bannedUntil.delete(first[0])
  }
}
