/**
 * Which addresses are dialled (FAULTS S10, R7). Addresses that the operator named are. All others are hearsay, from the
 * DHT, records, gossip or DNS: unknown peers must not make this node connect to other services of its machine or
 * office, or repeatedly to any other host.
 */
import { multiaddr, type Multiaddr } from '@multiformats/multiaddr'
import type { Clock } from '../../ports.js'
import { Quota } from '../quota.js'
import { classOf, classOfIp, targetOf, type AddressClass } from './address-class.js'
import { isWrongPeer } from '../network-error.js'

/**
 * Milliseconds after a failure until the same endpoint is dialled again by hearsay; doubled after each failure, for any
 * peer.
 */
const BACKOFF_MS = { first: 1_000, last: 5 * 60_000 }
/**
 * The same for an endpoint where another node of this network answered than the expected one: that node may be dialled
 * there under its own id.
 */
const OTHER_PEER_MS = 8_000
/** Failed ports of one host after which its other ports are not tried either. */
const MAX_PORTS = 8
/**
 * Dials by hearsay that may fail: per second in the long run, and at once. Endpoints that were reached before are
 * always tried.
 */
const FAILURES = { unitsPerSecond: 2, burstUnits: 120 }
/** Endpoints that are remembered, failed ones and reached ones; beyond this the oldest is forgotten. */
const MAX_PLACES = 10_000
/** Milliseconds after which a failure is forgotten. */
const MEMORY_MS = 2 * BACKOFF_MS.last
/** Milliseconds of debt that failures may accumulate. */
const MAX_DEBT_MS = 60_000
/** Addresses that the operator named. */
const MAX_NAMED = 4_096

interface Failed {
  host: string
  count: number
  at: number
  until: number
}

export interface DialPolicyOptions {
  /** Multiaddrs that this node listens on, as configured. */
  listen: readonly string[]
  /** Are hearsay addresses of private ranges dialled? undefined: only when the node listens on nothing else. */
  publicNetwork: boolean | undefined
  clock: Clock
}

export class DialPolicy {
  readonly #clock: Clock
  readonly #allowed: Set<AddressClass>
  /** True when all nodes are on this machine; otherwise unknown peers must not choose its ports. */
  readonly #local: boolean
  readonly #named = new Set<string>()
  readonly #failed = new Map<string, Failed>()
  readonly #failedPorts = new Map<string, number>()
  /** host:port of a peer. */
  readonly #reached = new Set<string>()
  readonly #failures = new Quota(FAILURES)
  /**
   * Endpoints that are being dialled by hearsay, so that dials that begin before the first one fails do not all
   * connect.
   */
  readonly #running = new Set<string>()

  constructor({ listen, publicNetwork, clock }: DialPolicyOptions) {
    this.#clock = clock
    const own = listen.map(listenClass)
    const only = (...classes: AddressClass[]): boolean => own.length > 0 && own.every((one) => classes.includes(one))
    this.#local = only('loopback')
    this.#allowed = new Set<AddressClass>(['public', 'name'])
    if (this.#local) this.#allowed.add('loopback')
    if (publicNetwork === false || (publicNetwork === undefined && only('loopback', 'private') && !this.#local))
      this.#allowed.add('private')
  }

  /**
   * Notes that the operator named this multiaddr (with /p2p/ at its end): it may always be dialled. Throws for an
   * invalid one.
   */
  name(text: string): void {
    const address = multiaddr(text).toString()
    this.#named.delete(address)
    this.#named.add(address)
    if (this.#named.size > MAX_NAMED) this.#named.delete(this.#named.keys().next().value!)
  }

  isNamed(addr: Multiaddr): boolean {
    return this.#named.has(addr.toString())
  }

  /** May the address be dialled at all, whatever its source? */
  mayDial(addr: Multiaddr): boolean {
    return this.isNamed(addr) || this.#allowed.has(classOf(addr))
  }

  /** The same for the addresses that a DNS name resolves to. */
  mayDialIp(ip: string): boolean {
    return this.#allowed.has(classOfIp(ip))
  }

  /** Why a hearsay address is not dialled now; null: it may be. */
  refusal(addr: Multiaddr): string | null {
    if (!this.mayDial(addr)) return `not an address that others may choose (${classOf(addr)})`
    const target = targetOf(addr)
    if (target === null) return null
    const now = this.#clock.now()
    this.#expire(now)
    if (this.#running.has(this.#keyOf(addr))) return 'it is being dialled'
    const failed = this.#failed.get(this.#keyOf(addr))
    if (failed !== undefined) return failed.until > now ? 'it failed a moment ago' : null
    if (this.#local || this.#reached.has(placeOf(addr))) return null
    if ((this.#failedPorts.get(target.host) ?? 0) >= MAX_PORTS) return 'other ports of this host failed'
    return this.#failures.take('', 0, now, 0) > 0 ? 'too many addresses by hearsay failed' : null
  }

  /**
   * Notes that a dial by hearsay begins; the returned function is to be called when it has ended, before `reached` or
   * `failed`.
   */
  begin(addr: Multiaddr): () => void {
    const key = this.#keyOf(addr)
    this.#running.add(key)
    return () => {
      this.#running.delete(key)
    }
  }

  reached(addr: Multiaddr): void {
    if (targetOf(addr) === null) return
    this.#forget(this.#keyOf(addr))
    const place = placeOf(addr)
    this.#forget(place)
    this.#reached.delete(place)
    this.#reached.add(place)
    if (this.#reached.size > MAX_PLACES) this.#reached.delete(this.#reached.keys().next().value!)
  }

  failed(addr: Multiaddr, error: unknown): void {
    const target = targetOf(addr)
    if (target === null) return
    const key = this.#keyOf(addr)
    const now = this.#clock.now()
    this.#expire(now)
    this.#failures.take('', 1, now, MAX_DEBT_MS)
    const count = (this.#failed.get(key)?.count ?? 0) + 1
    this.#forget(key)
    const wait = Math.min(BACKOFF_MS.last, BACKOFF_MS.first * 2 ** Math.min(count - 1, 20))
    this.#failed.set(key, {
      host: target.host,
      count,
      at: now,
      until: now + (isWrongPeer(error) ? Math.min(wait, OTHER_PEER_MS) : wait)
    })
    this.#failedPorts.set(target.host, (this.#failedPorts.get(target.host) ?? 0) + 1)
    if (this.#failed.size > MAX_PLACES) this.#forget(this.#failed.keys().next().value!)
  }

  /**
   * Failures of an endpoint count for all peers; only a peer that was reached there has its own count: otherwise false
   * addresses from unknown peers would keep it from being dialled.
   */
  #keyOf(addr: Multiaddr): string {
    const place = placeOf(addr)
    return this.#reached.has(place) ? place : place.slice(0, place.lastIndexOf('/'))
  }

  #expire(now: number): void {
    for (const [key, { at }] of this.#failed) {
      if (at + MEMORY_MS > now) return
      this.#forget(key)
    }
  }

  #forget(place: string): void {
    const known = this.#failed.get(place)
    if (known === undefined) return
    this.#failed.delete(place)
    const ports = this.#failedPorts.get(known.host)! - 1
    if (ports > 0) this.#failedPorts.set(known.host, ports)
    else this.#failedPorts.delete(known.host)
  }
}

/**
 * A peer at an endpoint: a success counts for this pair only: otherwise a name that is later pointed at another host
 * would allow dials there for ever.
 */
function placeOf(addr: Multiaddr): string {
  const target = targetOf(addr)
  return `${target?.host ?? ''}:${target?.port ?? ''}/${addr.getComponents().at(-1)?.value ?? ''}`
}

/**
 * Port 0 (any free one) can be listened on but not dialled. Invalid addresses are refused by the transport that would
 * listen on them.
 */
function listenClass(text: string): AddressClass {
  try {
    return classOf(multiaddr(text.replace(/\/tcp\/0(?=\/|$)/, '/tcp/1')))
  } catch {
    return 'never'
  }
}
