import type { Clock, Log, Random } from '../ports.js'
import { codeOf } from './network-error.js'

export interface KeeperTuning {
  /** First wait after a failed or lost connection, in milliseconds; doubles up to `maxBackoffMs`. */
  minBackoffMs: number
  maxBackoffMs: number
  /** How long one attempt may take, in milliseconds. */
  dialTimeoutMs: number
}

export interface KeeperOptions extends KeeperTuning {
  /** Peer id → full addresses. */
  targets: ReadonlyMap<string, readonly string[]>
  isConnected: (peer: string) => boolean
  dial: (addrs: readonly string[], signal: AbortSignal) => Promise<void>
  clock: Clock
  random: Random
  log: Log
}

interface Target {
  addrs: readonly string[]
  failures: number
  reachedAt: number
  dialling: boolean
  cancel: (() => void) | undefined
}

/**
 * libp2p dials its bootstrap peers once, ever. This never gives up: whenever a bootstrap peer is not connected there is
 * one attempt running or one timer set, so a node that boots offline joins when the network comes.
 */
export class BootstrapConnector {
  readonly #options: KeeperOptions
  readonly #targets = new Map<string, Target>()
  readonly #stopped = new AbortController()

  constructor(options: KeeperOptions) {
    this.#options = options
    for (const [peer, addrs] of options.targets)
      this.#targets.set(peer, { addrs, failures: 0, reachedAt: 0, dialling: false, cancel: undefined })
  }

  /**
   * Replaces the peers: removed ones are no longer dialled (a connection to one stays), new ones are dialled at once.
   */
  retarget(targets: ReadonlyMap<string, readonly string[]>): void {
    for (const [peer, target] of this.#targets) {
      if (targets.has(peer)) continue
      target.cancel?.()
      this.#targets.delete(peer)
    }
    for (const [peer, addrs] of targets) {
      const known = this.#targets.get(peer)
      if (known !== undefined) known.addrs = addrs
      else {
        this.#targets.set(peer, { addrs, failures: 0, reachedAt: 0, dialling: false, cancel: undefined })
        void this.#attempt(peer)
      }
    }
  }

  start(): void {
    for (const peer of this.#targets.keys()) void this.#attempt(peer)
  }

  /** To be called for every lost peer; peers that are not bootstrap peers are ignored. */
  lost(peer: string): void {
    const target = this.#targets.get(peer)
    if (target === undefined || target.dialling || target.cancel !== undefined) return
    // A peer that accepts the connection and closes it at once (it may have banned this node) is treated like one that
    // does not answer.
    if (this.#options.clock.now() - target.reachedAt < this.#options.maxBackoffMs) target.failures++
    else target.failures = 0
    this.#later(peer, target)
  }

  stop(): void {
    this.#stopped.abort()
    for (const target of this.#targets.values()) {
      target.cancel?.()
      target.cancel = undefined
    }
  }

  async #attempt(peer: string): Promise<void> {
    const target = this.#targets.get(peer)
    if (target === undefined || target.dialling || this.#stopped.signal.aborted) return
    target.cancel = undefined
    target.dialling = true
    try {
      if (!this.#options.isConnected(peer))
        await this.#options.dial(
          target.addrs,
          AbortSignal.any([this.#stopped.signal, AbortSignal.timeout(this.#options.dialTimeoutMs)])
        )
      target.reachedAt = this.#options.clock.now()
    } catch (error) {
      target.failures++
      this.#options.log.debug(
        { event: 'bootstrap.unreachable', peer, failures: target.failures, code: codeOf(error) },
        'bootstrap peer unreachable'
      )
    } finally {
      target.dialling = false
    }
    // The connection may be lost again before its loss could be reported.
    if (!this.#stopped.signal.aborted && this.#targets.get(peer) === target && !this.#options.isConnected(peer))
      this.#later(peer, target)
  }

  #later(peer: string, target: Target): void {
    if (this.#stopped.signal.aborted) return
    const { minBackoffMs, maxBackoffMs, random, clock } = this.#options
    const base = Math.min(maxBackoffMs, minBackoffMs * 2 ** Math.min(target.failures, 20))
    target.cancel = clock.after(base * (0.5 + random.next() / 2), () => {
      void this.#attempt(peer)
    })
  }
}
