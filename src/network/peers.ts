import type { Connection, ConnectionGater, Libp2p, PeerId } from '@libp2p/interface'
import type { Clock, Log } from '../ports.js'
import type { Payer } from './account.js'
import type { RateLimiter } from './rate-limiter.js'
import { parsePeer } from './address.js'
import { hostOf, Inbound, type ConnectionPriority } from './inbound.js'
import { NO_LOAD, type Load } from './load-monitor.js'
import { codeOf } from './network-error.js'
import { HANDSHAKE } from './costs.js'
import type { Toll } from './toll.js'

/** Connections of one peer; more than two are leftovers of its restarts, or an attempt to take all our slots. */
const MAX_CONNECTIONS_PER_PEER = 8
/** Bans remembered at most; the one that ends first is forgotten. */
const MAX_BANS = 10_000

export interface ConnectionInfo {
  addr: string
  /**
   * The direction of the first connection to this peer, as this side saw it: when both dial at once, the sides may
   * disagree.
   */
  direction: 'inbound' | 'outbound'
  /** Milliseconds since the Unix epoch. */
  since: number
  /** True on exactly one of the two sides, whichever dialled: that side must speak first. */
  initiator: boolean
}

export interface PeerInfo {
  peer: string
  addrs: string[]
  direction: 'inbound' | 'outbound'
  since: number
}

/**
 * Called once per peer, however many connections there are to it, but for `onAnother`. Errors that they throw are
 * logged.
 */
export interface PeerCallbacks {
  onConnect: (peer: string, connection: ConnectionInfo) => void
  onDisconnect: (peer: string) => void
  /**
   * One more connection with a peer that is connected: a leftover of its restart, both dialled at once, or two nodes
   * have one key. `id` is this connection's.
   */
  onAnother?: (peer: string, connection: { id: string; initiator: boolean }) => void
  /** Addresses of this node were learned or lost. */
  onAddrs?: () => void
  /** A peer has subscribed to this topic. */
  onSubscribed?: (topic: string, peer: string) => void
  /**
   * Called before a peer is dialled and when it has proved its id: true refuses the connection. Default: no peer is
   * refused.
   */
  refuses?: (peer: string) => boolean
  /**
   * A peer's priority when slots run out, and whether it has introduced itself. Default: all have the same.
   */
  priorityOf?: (peer: string) => ConnectionPriority
}

/** Which peers may be connected, and which are. Bans are kept in memory: a restart ends them. */
export class Peers {
  readonly #clock: Clock
  readonly #log: Log
  readonly #callbacks: PeerCallbacks
  readonly #refuses: (peer: string) => boolean
  readonly #bannedUntil = new Map<string, number>()
  readonly #connected = new Set<string>()
  readonly #proved = new WeakMap<object, Pick<Connection, 'remotePeer' | 'remoteAddr'>>()
  readonly #inbound: Inbound
  readonly #priorityOf: ((peer: string) => ConnectionPriority) | undefined
  #node: Libp2p | undefined

  constructor(options: {
    clock: Clock
    log: Log
    callbacks: PeerCallbacks
    maxConnections: number
    countLoopback?: boolean | undefined
    load?: Load | undefined
    limiter: RateLimiter
  }) {
    const {
      callbacks: { priorityOf },
      maxConnections,
      countLoopback = false,
      load = NO_LOAD,
      limiter
    } = options
    this.#priorityOf = priorityOf
    this.#inbound = new Inbound({
      maxConnections,
      countLoopback,
      load,
      pays: (host) => limiter.take({ peer: host, host: null }, HANDSHAKE.name, 1, HANDSHAKE.quota) === null,
      priorityOf: priorityOf ?? (() => 1),
      connections: () => this.#places()
    })
    this.#refuses = options.callbacks.refuses ?? (() => false)
    this.#clock = options.clock
    this.#log = options.log
    this.#callbacks = options.callbacks
  }

  /** The remote's peer id is first proved on an encrypted connection. */
  gater(): ConnectionGater {
    const banned = (peer: PeerId): boolean => this.isBanned(peer.toString()) || this.#refuses(peer.toString())
    return {
      denyDialPeer: banned,
      denyInboundConnection: (socket) => this.#inbound.refusesSocket(socket),
      denyInboundEncryptedConnection: (peer, socket) => {
        this.#proved.set(socket, { remotePeer: peer, remoteAddr: socket.remoteAddr })
        return (
          banned(peer) ||
          this.#connectionsOf(peer.toString()).length >= MAX_CONNECTIONS_PER_PEER ||
          this.#inbound.refusesPeer(peer.toString(), socket)
        )
      },
      denyOutboundEncryptedConnection: (peer, socket) => {
        this.#proved.set(socket, { remotePeer: peer, remoteAddr: socket.remoteAddr })
        return banned(peer)
      }
    }
  }

  watch(node: Libp2p): void {
    this.#node = node
    node.addEventListener('self:peer:update', () => {
      this.#guarded('onAddrs', () => {
        this.#callbacks.onAddrs?.()
      })
    })
    node.addEventListener('connection:open', (event) => {
      this.#onAnother(event.detail)
    })
    node.addEventListener('peer:connect', (event) => {
      this.#onConnect(event.detail)
    })
    node.addEventListener('peer:disconnect', (event) => {
      this.#onDisconnect(event.detail.toString())
    })
  }

  isBanned(peer: string): boolean {
    const until = this.#bannedUntil.get(peer)
    if (until === undefined) return false
    if (until > this.#clock.now()) return true
    this.#bannedUntil.delete(peer)
    return false
  }

  isConnected(peer: string): boolean {
    return this.#connected.has(peer)
  }

  /** Closes every connection to the peer at once and refuses new ones for `banMs` milliseconds (0: only closes). */
  drop(peer: string, reason: string, banMs: number): void {
    if (banMs > 0) {
      if (this.#bannedUntil.size >= MAX_BANS) this.#forgetOne()
      this.#bannedUntil.set(peer, Math.max(this.#clock.now() + banMs, this.#bannedUntil.get(peer) ?? 0))
    }
    this.#log.info({ event: 'peer.disconnected-banned', peer, reason, banMs }, 'peer disconnected and banned')
    for (const connection of this.#connectionsOf(peer)) connection.abort(new Error(reason))
  }

  /** The accounts to charge for what arrives on a connection whose remote has proved its peer id. */
  payerOn(socket: object, toll: Pick<Toll, 'payer'>): Payer {
    const known = this.#proved.get(socket)
    if (known === undefined) throw new TypeError('libp2p did not ask whether this connection is allowed')
    return toll.payer(known)
  }

  /** The accounts to charge for what a peer sends on any of its connections. */
  payerOf(peer: string, toll: Pick<Toll, 'payer'>): Payer {
    const [connection] = this.#connectionsOf(peer)
    return connection === undefined ? { peer, host: null } : toll.payer(connection)
  }

  list(): PeerInfo[] {
    const byPeer = new Map<string, PeerInfo>()
    for (const connection of this.#node?.getConnections() ?? []) {
      if (connection.status !== 'open') continue
      const peer = connection.remotePeer.toString()
      const known = byPeer.get(peer)
      if (known !== undefined) known.addrs.push(connection.remoteAddr.toString())
      else
        byPeer.set(peer, {
          peer,
          addrs: [connection.remoteAddr.toString()],
          direction: connection.direction,
          since: connection.timeline.open
        })
    }
    return [...byPeer.values()]
  }

  /** The IP address from which it is connected; null: it is not, or has none. */
  hostOf(peer: string): string | null {
    const [, protocol, host = null] = this.#connectionsOf(peer)[0]?.remoteAddr.toString().split('/') ?? []
    return protocol === 'ip4' || protocol === 'ip6' ? host : null
  }

  /** The same, but the /64 of an IPv6 address, which belongs to one owner. */
  siteOf(peer: string): string | null {
    const addr = this.#connectionsOf(peer)[0]?.remoteAddr.toString()
    return addr === undefined ? null : hostOf(addr)
  }

  /** 0: not connected. 1: an unknown peer. 2: a peer that this node exchanges ledgers with. */
  rankOf(peer: string): 0 | 1 | 2 {
    if (!this.#connected.has(peer)) return 0
    return this.#priorityOf?.(peer) === 2 ? 2 : 1
  }

  #connectionsOf(peer: string): Connection[] {
    return this.#node?.getConnections(parsePeer(peer)) ?? []
  }

  /** Connected peers that have not introduced themselves. */
  silent(): string[] {
    return this.#priorityOf === undefined ? [] : [...this.#connected].filter((peer) => this.#priorityOf!(peer) === 0)
  }

  #places(): { peer: string; close: () => void }[] {
    return (this.#node?.getConnections() ?? [])
      .toSorted((a, b) => a.timeline.open - b.timeline.open)
      .map((connection) => ({
        peer: connection.remotePeer.toString(),
        close: () => {
          connection.abort(new Error('its slot is needed'))
        }
      }))
  }

  #onConnect(id: PeerId): void {
    const peer = id.toString()
    const [first] = this.#connectionsOf(peer)
    if (first === undefined || this.#connected.has(peer) || this.#node === undefined) return
    this.#connected.add(peer)
    const info: ConnectionInfo = {
      addr: first.remoteAddr.toString(),
      direction: first.direction,
      since: first.timeline.open,
      initiator: this.#node.peerId.toString() < peer
    }
    this.#guarded('onConnect', () => {
      this.#callbacks.onConnect(peer, info)
    })
  }

  #onAnother({ id, remotePeer }: Connection): void {
    const peer = remotePeer.toString()
    const { onAnother } = this.#callbacks
    // `onConnect` reports the first connection, before or after this event.
    if (
      onAnother === undefined ||
      !this.#connected.has(peer) ||
      this.#connectionsOf(peer).every((one) => one.id === id)
    )
      return
    this.#guarded('onAnother', () => {
      onAnother(peer, { id, initiator: this.#node!.peerId.toString() < peer })
    })
  }

  #onDisconnect(peer: string): void {
    if (!this.#connected.delete(peer)) return // libp2p also reports the end of connections that it never announced
    this.#guarded('onDisconnect', () => {
      this.#callbacks.onDisconnect(peer)
    })
  }

  /** An exception in an event listener would end the process. */
  #guarded(name: string, call: () => void): void {
    try {
      call()
    } catch (error) {
      this.#log.error(
        { event: 'peer.callback-failed', callback: name, code: codeOf(error), error },
        'a peer callback failed'
      )
    }
  }

  #forgetOne(): void {
    let first: [string, number] | undefined
    for (const ban of this.#bannedUntil) if (first === undefined || ban[1] < first[1]) first = ban
    if (first !== undefined) this.#bannedUntil.delete(first[0])
  }
}
