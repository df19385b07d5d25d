import type { MultiaddrConnection } from '@libp2p/interface'
import type { Load } from './load-monitor.js'

/**
 * Connections from one host (an IPv4 address, an IPv6 /64): open ones, and ones still in their handshake, which hold
 * one of few places for ten seconds.
 */
const MAX_PER_HOST = 32
const MAX_PENDING_PER_HOST = 16
/**
 * Shares of all places that unknown peers may fill: the rest is for peers that this node exchanges ledgers with. Fewer
 * while it is busy, but never none, because a new follower is unknown at first.
 */
const STRANGERS_SHARE = { normal: 0.8, busy: 0.5, overloaded: 0.2 } as const

/** 0: has not introduced itself. 1: an unknown peer. 2: a peer that this node exchanges ledgers with. */
export type ConnectionPriority = 0 | 1 | 2

export interface InboundOptions {
  maxConnections: number
  /** Loopback counts like any other host. */
  countLoopback: boolean
  load: Load
  /** Charges a host for a handshake; false: the host began too many. */
  pays: (host: string) => boolean
  priorityOf: (peer: string) => ConnectionPriority
  /** All open connections, oldest first, each with its peer. */
  connections: () => { peer: string; close: () => void }[]
}

/** Decides which inbound connection gets a place. An open connection is closed only for a peer of higher priority. */
export class Inbound {
  readonly #options: InboundOptions
  readonly #open = new Map<string, number>()
  readonly #pending = new Map<string, number>()
  readonly #handshaking = new WeakMap<MultiaddrConnection, () => void>()

  constructor(options: InboundOptions) {
    this.#options = options
  }

  /** Hosts that have a connection. */
  get hosts(): number {
    return this.#open.size
  }

  /** Before the handshake: true refuses. */
  refusesSocket(socket: MultiaddrConnection): boolean {
    const host = hostOf(socket.remoteAddr.toString())
    if (host === null || (!this.#options.countLoopback && isLoopback(host))) return false
    if (
      (this.#open.get(host) ?? 0) >= MAX_PER_HOST ||
      (this.#pending.get(host) ?? 0) >= MAX_PENDING_PER_HOST ||
      !this.#options.pays(host)
    )
      return true
    add(this.#open, host, 1)
    add(this.#pending, host, 1)
    let shaking = true
    const shaken = (): void => {
      if (shaking) add(this.#pending, host, -1)
      shaking = false
    }
    this.#handshaking.set(socket, shaken)
    socket.addEventListener(
      'close',
      () => {
        shaken()
        add(this.#open, host, -1)
      },
      { once: true }
    )
    return false
  }

  /** The remote has proved its peer id: true refuses. */
  refusesPeer(peer: string, socket: MultiaddrConnection): boolean {
    this.#handshaking.get(socket)?.()
    const { maxConnections, load, priorityOf, connections } = this.#options
    const open = connections()
    if (priorityOf(peer) < 2) return open.length >= maxConnections * STRANGERS_SHARE[load.level]
    if (open.length < maxConnections) return false
    // The newest connection of the lowest priority is closed.
    for (const priority of [0, 1]) {
      const least = open.findLast((one) => priorityOf(one.peer) === priority)
      if (least === undefined) continue
      least.close()
      return false
    }
    return true
  }
}

/** The owner of one IPv6 address has all of its /64. null: not an address of the internet. */
export function hostOf(addr: string): string | null {
  const [, protocol, host] = addr.split('/')
  if (host === undefined) return null
  if (protocol === 'ip4') return host
  if (protocol !== 'ip6') return null
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(host)
  if (mapped !== null) return mapped[1]!
  const [head = '', tail] = host.toLowerCase().split('::')
  const left = head === '' ? [] : head.split(':')
  const missing = tail === undefined ? 0 : 8 - left.length - (tail === '' ? 0 : tail.split(':').length)
  const groups = [
    ...left,
    ...Array.from({ length: Math.max(0, missing) }, () => '0'),
    ...(tail === undefined || tail === '' ? [] : tail.split(':'))
  ]
  if (host === '::1') return host
  return groups
    .slice(0, 4)
    .map((group) => group.replace(/^0+(?=.)/, ''))
    .join(':')
}

export function isLoopback(host: string): boolean {
  return host.startsWith('127.') || host === '::1'
}

function add(counts: Map<string, number>, host: string, by: number): void {
  const count = (counts.get(host) ?? 0) + by
  if (count > 0) counts.set(host, count)
  else counts.delete(host)
}
