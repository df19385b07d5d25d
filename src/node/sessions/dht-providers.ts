/**
 * Finds peers through the DHT that serve a ledger or have a capability. The DHT gives hints; a peer proves its identity
 * on connect.
 */
import { Backoff } from '../../core/backoff.js'
import type { LedgerId } from '../../core/ledger-id.js'
import type { Host } from '../../network/host.js'
import type { Clock, Log, Random } from '../../ports.js'
import type { Directory } from '../peers/peer-directory.js'
import { deadline } from '../runtime/deadline.js'

/** One search; the DHT answers from a small network within a second. */
const FIND_TIMEOUT_MS = 10_000
const DIAL_TIMEOUT_MS = 5_000
const PROVIDE_TIMEOUT_MS = 20_000
/** Providers that one search connects to, and that it tries: unreachable ones do not count for the former. */
const MAX_FOUND = 16
const MAX_TRIED = 48
/** Records put concurrently: each takes some forty requests, and a node may follow thousands of ledgers. */
const MAX_PROVIDING = 8
/** Delay before a failed record is tried again; kad-dht itself renews stored ones. */
const RETRY_MS = { first: 500, last: 30_000 }

export class DhtProviders {
  readonly #host: Host
  readonly #network: string
  readonly #clock: Clock
  readonly #random: Random
  readonly #log: Log
  readonly #directory: Directory
  readonly #provided = new Map<string, AbortController>()
  readonly #stopping = new AbortController()
  readonly #waiting: (() => void)[] = []
  #providing = 0

  constructor(init: { host: Host; network: string; clock: Clock; random: Random; log: Log; directory: Directory }) {
    this.#host = init.host
    this.#network = init.network
    this.#clock = init.clock
    this.#random = init.random
    this.#log = init.log
    this.#directory = init.directory
  }

  /** Provides the ledger in the DHT, and retries until a peer accepted the record. Public ledgers only. */
  provideLedger(ledger: LedgerId): void {
    this.#provide(this.#ledgerKey(ledger))
  }
  withdrawLedger(ledger: LedgerId): void {
    this.#withdraw(this.#ledgerKey(ledger))
  }
  provideCapability(capability: string): void {
    this.#provide(this.#capabilityKey(capability))
  }

  /**
   * Searches, connects to the peers found, and returns those that are connected then. `more`: the most new connections.
   */
  async findLedger(ledger: LedgerId, more = MAX_FOUND): Promise<string[]> {
    return await this.#find(this.#ledgerKey(ledger), more)
  }
  async findCapability(capability: string): Promise<string[]> {
    return await this.#find(this.#capabilityKey(capability), MAX_FOUND)
  }

  stop(): void {
    this.#stopping.abort()
    for (const controller of this.#provided.values()) controller.abort()
  }

  async #find(key: string, more: number): Promise<string[]> {
    const signal = deadline(this.#clock, FIND_TIMEOUT_MS, this.#stopping.signal)
    const found: Promise<string | null>[] = []
    const dialling = new Set<Promise<string | null>>()
    const strangers: string[] = []
    let failed = 0
    const dial = (peer: string): void => {
      const one = this.#dial(peer)
      found.push(one)
      dialling.add(one)
      void one.then((reached) => {
        dialling.delete(one)
        if (reached === null) failed++
      })
    }
    // Without any peer the DHT would wait for one.
    if (this.#host.peers().length === 0) return []
    for await (const { peer } of this.#host.findProviders(key, signal)) {
      if (peer === this.#host.peerId) continue
      this.#directory.addSource(peer, 'dht')
      if (more >= MAX_FOUND || this.#host.isConnected(peer)) dial(peer)
      else strangers.push(peer)
      while (found.length - failed + strangers.length >= MAX_FOUND && dialling.size > 0 && !signal.aborted)
        await Promise.race(dialling)
      if (found.length - failed + strangers.length >= MAX_FOUND || found.length >= MAX_TRIED || signal.aborted) break
    }
    for (let n = 0; n < more && strangers.length > 0; n++) {
      const [peer] = strangers.splice(Math.floor(this.#random.next() * strangers.length), 1)
      dial(peer!)
    }
    return (await Promise.all(found)).filter((peer) => peer !== null)
  }

  async #dial(peer: string): Promise<string | null> {
    if (this.#host.isConnected(peer)) return peer
    try {
      return await this.#host.dial(peer, deadline(this.#clock, DIAL_TIMEOUT_MS, this.#stopping.signal))
    } catch (error) {
      this.#directory.unreachable(peer)
      this.#log.debug(
        { event: 'dht.provider-unreachable', peer, error: (error as Error).message },
        'a provider was unreachable'
      )
      return null
    }
  }

  #provide(key: string): void {
    if (this.#provided.has(key) || this.#host.dhtMode() === 'off') return
    const controller = new AbortController()
    this.#provided.set(key, controller)
    this.#tryProvide(key, controller.signal, new Backoff(RETRY_MS, this.#random))
  }

  #withdraw(key: string): void {
    const controller = this.#provided.get(key)
    if (controller === undefined) return
    controller.abort()
    this.#provided.delete(key)
    this.#host
      .cancelProvide(key, deadline(this.#clock, PROVIDE_TIMEOUT_MS, this.#stopping.signal))
      .catch((error: Error) => {
        this.#log.debug(
          { event: 'dht.withdraw-failed', key, error: error.message },
          'a provider record could not be withdrawn'
        )
      })
  }

  #tryProvide(key: string, signal: AbortSignal, backoff: Backoff): void {
    if (signal.aborted) return
    const retry = (): void => {
      this.#clock.after(backoff.next(), () => {
        this.#tryProvide(key, signal, backoff)
      })
    }
    if (this.#host.peers().length === 0) {
      retry()
      return
    }
    if (this.#providing >= MAX_PROVIDING) {
      this.#waiting.push(() => {
        this.#tryProvide(key, signal, backoff)
      })
      return
    }
    this.#providing++
    this.#host
      .provide(key, deadline(this.#clock, PROVIDE_TIMEOUT_MS, signal))
      .then((taken) => {
        if (taken === 0) retry()
      })
      .catch((error: Error) => {
        this.#log.debug(
          { event: 'dht.provide-failed', key, error: error.message },
          'a provider record was not accepted yet'
        )
        retry()
      })
      .finally(() => {
        this.#providing--
        this.#nextWaiting()
      })
  }

  /** A record withdrawn meanwhile takes no slot. */
  #nextWaiting(): void {
    while (this.#providing < MAX_PROVIDING && this.#waiting.length > 0) this.#waiting.shift()!()
  }

  #ledgerKey(ledger: LedgerId): string {
    return `/ledgermesh/${this.#network}/ledger/${ledger}`
  }
  #capabilityKey(capability: string): string {
    return `/ledgermesh/${this.#network}/capability/${capability}`
  }
}
