import type { HelloIntro, WantedHead } from '../../../protocols/hello/index.js'
import type { WireHead } from '../../../protocols/wire.js'
import type { LedgerId } from '../../core/ledger-id.js'
import type { Log } from '../../ports.js'
import type { HandedOut, PeerHandlers } from './peer-handlers.js'

/** Passes events of peers to all handlers, in the order in which they were added. */
export class PeerEvents {
  readonly #handlers: PeerHandlers[] = []
  readonly #log: Log

  constructor(log: Log) {
    this.#log = log
  }

  add(handlers: PeerHandlers): void {
    this.#handlers.push(handlers)
  }

  ready(): void {
    for (const handlers of this.#handlers) handlers.onReady?.()
  }

  peer(peer: string, intro: HelloIntro): void {
    for (const handlers of this.#handlers) handlers.onPeer?.(peer, intro)
  }

  peerGone(peer: string): void {
    for (const handlers of this.#handlers) handlers.onPeerGone?.(peer)
  }

  record(peer: string): void {
    for (const handlers of this.#handlers) handlers.onRecord?.(peer)
  }

  addrs(): void {
    for (const handlers of this.#handlers) handlers.onAddrs?.()
  }

  renewed(): void {
    for (const handlers of this.#handlers) handlers.onRenewed?.()
  }

  subscribed(topic: string): void {
    for (const handlers of this.#handlers) handlers.onSubscribed?.(topic)
  }

  asked(peer: string, wanted: WantedHead[]): void {
    for (const handlers of this.#handlers) handlers.onAsked?.(peer, wanted)
  }

  /** null: nothing is capped. */
  get caps(): HandedOut | null {
    return this.#handlers.findLast(({ caps }) => caps !== undefined)?.caps ?? null
  }

  async heads(peer: string, heads: WireHead[]): Promise<void> {
    for (const handlers of this.#handlers) await handlers.onHeads?.(peer, heads)
  }

  async evidence(peer: string, ledger: LedgerId, evidence: Uint8Array): Promise<void> {
    for (const handlers of this.#handlers) await handlers.onEvidence?.(peer, ledger, evidence)
  }

  /** Calls all handlers concurrently; one that fails does not stop the others. */
  async stop(): Promise<void> {
    // Called on its object, because a detached method that needs `this` would fail unnoticed.
    for (const end of await Promise.allSettled(
      this.#handlers.map(async (handlers) => {
        await handlers.onStop?.()
      })
    )) {
      if (end.status === 'rejected')
        this.#log.warn({ event: 'peers.stop-failed', error: String(end.reason) }, 'a component did not stop cleanly')
    }
  }
}
