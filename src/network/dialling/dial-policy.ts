/**
 * Which addresses are dialled (FAULTS S10, R7). What the operator named is. Anything else is hearsay, from the DHT,
 * records, gossip or DNS: strangers must not make this node knock at other doors of its machine or its office, nor at
 * anybody's door again and again.
 */
import { multiaddr, type Multiaddr } from '@multiformats/multiaddr'
import type { Clock } from '../../ports.js'
import { Quota } from '../quota.js'
import { classOf, classOfIp, targetOf, type AddressClass } from './address-class.js'
import { isWrongPeer } from '../network-error.js'

/**
 * Milliseconds after a failure until the same place is tried again by hearsay: twice as long after each, for whatever
 * peer.
 */
const BACKOFF_MS = { first: 1_000, last: 5 * 60_000 }
/**
 * The same where a node of this network answers, only not the one that was looked for: it may be there under its own
 * name.
 */
const OTHER_PEER_MS = 8_000
/** Ports of one host that fail before its other ports are not tried either. */
const MAX_PORTS = 8
/**
 * Dials by hearsay that may fail: per second in the long run, and at once. Places that were reached before are always
 * tried.
 */
const FAILURES = { unitsPerSecond: 2, burstUnits: 120 }
/** Places that are remembered, failed ones and reached ones; then the one of longest ago goes. */
const MAX_PLACES = 10_000
/** Milliseconds after which a failure is forgotten. */
const MEMORY_MS = 2 * BACKOFF_MS.last
/** Milliseconds of debt that failures may pile up. */
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
  /** Everything is on this one machine: its ports are no strangers' choice. */
  readonly #local: boolean
  readonly #named = new Set<string>()
  readonly #failed = new Map<string, Failed>()
  readonly #failedPorts = new Map<string, number>()
  /** host:port of a peer. */
  readonly #reached = new Set<string>()
  readonly #failures = new Quota(FAILURES)
  /** Places that are being dialled by hearsay: dials that begin before the first one fails would all knock. */
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
   * The operator's word: this multiaddr (with /p2p/ at its end) is dialled, whatever it is. Throws for what is none.
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

  /** May it be dialled at all, whoever told of it? */
  mayDial(addr: Multiaddr): boolean {
    return this.isNamed(addr) || this.#allowed.has(classOf(addr))
  }

  /** The same for what a DNS name stands for. */
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

  /** A dial by hearsay begins; to be called when it has ended, before `reached` or `failed`. */
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
   * Failures of a place count for all peers; only who was reached there has his own count, or strangers' lies would
   * keep him out.
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
 * A peer at a place: of what was reached only that counts, or a name for somebody else's door would open it for ever.
 */
function placeOf(addr: Multiaddr): string {
  const target = targetOf(addr)
  return `${target?.host ?? ''}:${target?.port ?? ''}/${addr.getComponents().at(-1)?.value ?? ''}`
}

/**
 * Port 0 (any free one) is no address to dial, and a fine one to listen on. What is no address is refused by whoever is
 * to listen on it.
 */
function listenClass(text: string): AddressClass {
  try {
    return classOf(multiaddr(text.replace(/\/tcp\/0(?=\/|$)/, '/tcp/1')))
  } catch {
    return 'never'
  }
}
