import type { RPC } from '@libp2p/gossipsub/message'
import type { Clock } from '../ports.js'
import type { GossipInside } from './gossip-inside.js'

const KIB = 1024
/**
 * Bytes that wait for a peer, above which it is told of no more messages: they come again with the next exchange of
 * heads.
 */
const MAX_OF_ONE = 1024 * KIB
/**
 * Bytes that wait for all peers, and for one of them, above which it is told of none while all are above theirs:
 * whoever reads goes on hearing.
 */
const MAX_IN_ALL = 24 * 1024 * KIB
const MAX_THEN = 64 * KIB
/** Milliseconds between two looks, and for which a peer may be above its bound and take nothing; then it goes. */
const LOOK_MS = 5_000
const PATIENCE_MS = 30_000
/** Milliseconds that it stays out. */
const BAN_MS = 60_000

export interface OutboundOptions {
  clock: Clock
  drop: (peer: string, reason: string, banMs: number) => void
}

/**
 * What gossipsub has to send waits without bound for whoever does not read (it has no back pressure). Messages and what
 * tells of them are left out for slow readers; what the links are made of (subscriptions, grafts, prunes) is not: it is
 * little, and said once.
 */
export class GossipOutbound {
  readonly #inside: GossipInside
  readonly #options: OutboundOptions
  /** Peers that are over their bound: since when they took nothing, and the bytes that waited then. */
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

  /** Bytes that wait for all peers. */
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
        drop(peer, 'gossip: it does not read what it is sent', BAN_MS)
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
