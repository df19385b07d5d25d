import type { Clock } from '../ports.js'
import type { Load } from './load-monitor.js'
import type { Peers } from './peers.js'

/**
 * Milliseconds in which a connected peer has to introduce itself, and between two checks. A node that is itself loaded
 * waits longer.
 */
const GRACE_MS = 60_000
const LOOK_MS = 5_000

/** Closes connections whose peer never introduces itself: they take a place and are of no use. */
export class SilenceWatchdog {
  readonly #peers: Peers
  readonly #load: Load
  readonly #clock: Clock
  /** Since when a peer has been seen silent. */
  readonly #silentSince = new Map<string, number>()
  #cancel: () => void = () => {}

  constructor(options: { peers: Peers; load: Load; clock: Clock }) {
    this.#peers = options.peers
    this.#load = options.load
    this.#clock = options.clock
  }

  start(): void {
    this.#cancel = this.#clock.after(LOOK_MS, () => {
      this.#look()
      this.start()
    })
  }

  stop(): void {
    this.#cancel()
  }

  #look(): void {
    const now = this.#clock.now()
    const silent = new Set(this.#peers.silent())
    for (const peer of this.#silentSince.keys()) if (!silent.has(peer)) this.#silentSince.delete(peer)
    for (const peer of silent) {
      const since = this.#silentSince.get(peer) ?? now
      this.#silentSince.set(peer, since)
      if (now - since >= GRACE_MS && this.#load.level === 'normal')
        this.#peers.drop(peer, 'it never introduced itself', 0)
    }
  }
}
