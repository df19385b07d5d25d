import type { RPC } from '@libp2p/gossipsub/message'
import type { Clock } from '../ports.js'
import type { GossipInside } from './gossip-inside.js'

const KIB = 1024
/**
 * Queued bytes for a peer, above which it is sent no more messages: their contents come again with the next exchange of
 * heads.
 */
const MAX_OF_ONE = 1024 * KIB
/**
 * Queued bytes for all peers; while they are above this, a peer above the second limit is sent no messages, and peers
 * that read go on receiving them.
 */
const MAX_IN_ALL = 24 * 1024 * KIB
const MAX_THEN = 64 * KIB
/**
 * Milliseconds between two checks, and how long a peer may be above its limit without reading; then it is disconnected.
 */
const LOOK_MS = 5_000
const PATIENCE_MS = 30_000
/** Milliseconds that it is refused afterwards. */
const BAN_MS = 60_000

export interface OutboundOptions {
  clock: Clock
  drop: (peer: string, reason: string, banMs: number) => void
}

/**
 * gossipsub queues without limit for peers that do not read (it has no back pressure). Messages and their announcements
 * are left out for slow readers; control of the links (subscriptions, grafts, prunes) is not: it is small, and sent
 * once.
 */
export class GossipOutbound {
  readonly #inside: GossipInside
  readonly #options: OutboundOptions
  /** Peers that are over their limit: since when they have read nothing, and the bytes queued then. */
  readonly #slow = new Map<string, { since: number; unsent: number }>()
  #cancel: (() => void) | undefined

  constructor(inside: GossipInside, options: OutboundOptions) {
    this.#inside = inside
    this.#options = options
    const send = inside.sendRpc.bind(inside)
    inside.sendRpc = (peer, rpc) => (isOfMessages(rpc) && this.#isSlow(peer) ? false : send(peer, rpc))
    const sendInBatch = inside.sendRpcInBatch.bind(inside)
    inside.sendRpcInBatch = (peers, rpc) => {
      for (const peer of peers) if (this.#isSlow(peer)) peers.delete(peer)
      sendInBatch(peers, rpc)
    }
  }

  /** Bytes queued for all peers. */
  get unsent(): number {
    return [...this.#inside.streamsOutbound.keys()].reduce((sum, peer) => sum + this.#unsentTo(peer), 0)
  }

  stop(): void {
    this.#cancel?.()
  }

  #unsentTo(peer: string): number {
    return this.#inside.streamsOutbound.get(peer)?.rawStream.writeBufferLength ?? 0
  }

  #isSlow(peer: string): boolean {
    const unsent = this.#unsentTo(peer)
    if (unsent <= MAX_THEN || (unsent <= MAX_OF_ONE && this.unsent <= MAX_IN_ALL)) return false
    if (!this.#slow.has(peer)) this.#slow.set(peer, { since: this.#options.clock.now(), unsent })
    this.#cancel ??= this.#options.clock.after(LOOK_MS, () => {
      this.#look()
    })
    return true
  }

  #look(): void {
    const { clock, drop } = this.#options
    this.#cancel = undefined
    const now = clock.now()
    for (const [peer, slow] of this.#slow) {
      const unsent = this.#unsentTo(peer)
      if (unsent <= MAX_THEN) this.#slow.delete(peer)
      else if (unsent < slow.unsent) Object.assign(slow, { since: now, unsent })
      else if (now - slow.since >= PATIENCE_MS) {
        this.#slow.delete(peer)
        drop(peer, 'gossip: it does not read its messages', BAN_MS)
      }
    }
    if (this.#slow.size > 0)
      this.#cancel = clock.after(LOOK_MS, () => {
        this.#look()
      })
  }
}

function isOfMessages({ messages, subscriptions, control }: RPC): boolean {
  return (
    subscriptions.length === 0 &&
    (control?.graft ?? []).length === 0 &&
    (control?.prune ?? []).length === 0 &&
    (messages.length > 0 ||
      (control?.ihave ?? []).length > 0 ||
      (control?.iwant ?? []).length > 0 ||
      (control?.idontwant ?? []).length > 0)
  )
}
