import type { RPC } from '@libp2p/gossipsub/message'
import type { PeerId } from '@libp2p/interface'
import type { Clock } from '../ports.js'
import type { Payer } from './account.js'
import type { RateLimiter } from './rate-limiter.js'
import { admitControl } from './gossip-control.js'
import { forgetOldest, type GossipInside } from './gossip-inside.js'
import type { Load } from './load-monitor.js'
import { Quota, UNIT_BYTES, type QuotaLimits } from './quota.js'
import { countItems } from './rpc-items.js'
import { GOSSIP_QUOTA } from './costs.js'

/**
 * Entries of all kinds in one RPC; gossipsub sends a little over 1,000 when it joins or leaves 513 topics. An honest
 * RPC never has more.
 */
const MAX_ITEMS = 8_192
/** Units of an entry: the cost of decoding it, whatever it contains. */
export const ITEM_UNITS = 1 / 16
/** Messages taken from one RPC; the others are left out. */
const MAX_MESSAGES = 64
/** UTF-16 units of the name of a topic that is remembered: ours have about 100. */
const MAX_TOPIC_LENGTH = 192
/** Units of a message beside its bytes, for a signature check; and of a message that is known already. */
const MESSAGE_UNITS = 1 / 4
const KNOWN_UNITS = 1 / 32
/**
 * Quota of one peer's messages, and of those of all peers together, without known ones. Messages above the quota are
 * left out: gossip cannot wait.
 */
const PEER_QUOTA: QuotaLimits = { unitsPerSecond: 128, burstUnits: 1024 }
const TOTAL_QUOTA: QuotaLimits = { unitsPerSecond: 256, burstUnits: 1024 }
const ACCOUNT = 'gossip messages'
/** Milliseconds that a peer is refused after it went on above its quota. */
const BAN_MS = 60_000

export interface GateOptions {
  clock: Clock
  load: Load
  limiter: RateLimiter
  /** The accounts to charge for a peer. */
  payerOf: (peer: string) => Payer
  /** Topics of other nodes are remembered only if they start with this. */
  prefix: string
  isKnown: (topic: string) => boolean
  /** The ids by which gossipsub knows a message before it is read. */
  fastId: (message: RPC.Message) => string
  maxBytes: number
  /** An offence that the RPC alone proves. */
  reject: (topic: string, peer: string, bytes: number) => void
  isHopeless: (peer: string) => boolean
  drop: (peer: string, reason: string, banMs: number) => void
}

/**
 * Filters RPCs before gossipsub, which stores most of what it receives before any validator runs: only contents within
 * the quota and for this node pass.
 */
export class GossipGate {
  readonly #options: GateOptions
  readonly #inside: GossipInside
  readonly #total = new Quota(TOTAL_QUOTA)
  /** By the id object of a connection. */
  readonly #payers = new WeakMap<PeerId, Payer>()
  /** Entries of RPCs that are decoded and not handled yet. */
  readonly #items = new WeakMap<RPC, number>()

  constructor(inside: GossipInside, options: GateOptions) {
    this.#options = options
    this.#inside = inside
    const decode = inside.decodeRpc.bind(inside)
    inside.decodeRpc = (bytes) => this.#decoded(bytes, decode)
    const handle = inside.handleReceivedRpc.bind(inside)
    inside.handleReceivedRpc = async (from, rpc) => {
      const admitted = this.#admit(from, rpc)
      if (admitted !== null) await handle(from, admitted)
    }
  }

  /** An RPC that is too large or malformed is decoded as empty, so that its sender is still known. */
  #decoded(bytes: Uint8Array, decode: (bytes: Uint8Array) => RPC): RPC {
    let items = countItems(bytes, MAX_ITEMS)
    let rpc: RPC = { subscriptions: [], messages: [] }
    if (items <= MAX_ITEMS) {
      try {
        rpc = decode(bytes)
      } catch {
        items = Infinity // text that is no UTF-8, or a list over gossipsub's own limit: the sender pays below
      }
    }
    this.#items.set(rpc, items)
    return rpc
  }

  /** null: nothing of the RPC is accepted. */
  #admit(from: PeerId, rpc: RPC): RPC | null {
    const { limiter, payerOf, reject, drop, isHopeless, isKnown, prefix } = this.#options
    const peer = from.toString()
    // The peer was dropped or is gone; what it sent before still arrives, and gossipsub would remember it for ever.
    if (isHopeless(peer) || !this.#inside.peers.has(peer)) return null
    const items = this.#items.get(rpc) ?? 0
    if (items === Infinity) {
      reject('', peer, 0)
      return null
    }
    if (items > MAX_ITEMS) {
      drop(peer, `gossip: more than ${MAX_ITEMS} entries in one RPC`, BAN_MS)
      return null
    }
    const payer = this.#payers.get(from) ?? payerOf(peer)
    this.#payers.set(from, payer)
    const strays = rpc.messages.filter(({ topic }) => !isKnown(topic)).length
    const over = limiter.take(payer, 'gossip', items * ITEM_UNITS + strays * MESSAGE_UNITS, GOSSIP_QUOTA)
    if (over === 'peer') drop(peer, 'gossip: over its quota', BAN_MS)
    if (over !== null) return null
    const messages = rpc.messages.slice(0, MAX_MESSAGES).filter((message) => this.#takes(message, peer, payer))
    // The last subscription of a topic counts.
    const subscriptions = [...new Map(rpc.subscriptions.map((one) => [one.topic, one])).values()].filter(
      ({ topic }) =>
        topic !== undefined && topic.length <= MAX_TOPIC_LENGTH && (topic.startsWith(prefix) || isKnown(topic))
    )
    const control =
      rpc.control === undefined
        ? undefined
        : admitControl(rpc.control, peer, {
            inside: this.#inside,
            isKnown,
            pays: (bytes) => this.#pays(payer, MESSAGE_UNITS + bytes / UNIT_BYTES)
          })
    if (messages.length === 0 && subscriptions.length === 0 && control === undefined) return null
    return { messages, subscriptions, ...(control === undefined ? {} : { control }) }
  }

  #takes(message: RPC.Message, peer: string, payer: Payer): boolean {
    const { isKnown, fastId, maxBytes, reject, isHopeless, clock, load } = this.#options
    if (isHopeless(peer)) return false
    const { topic, data, from, seqno, signature, key } = message
    const bytes = data?.byteLength ?? 0
    const known = isKnown(topic)
    const units = MESSAGE_UNITS + bytes / UNIT_BYTES
    // Before it is hashed: hashing all messages above the quota took a quarter of the time of a flood.
    if (!this.#affords(payer, units)) return false
    if (known && this.#inside.fastMsgIdCache.has(fastId(message))) return this.#pays(payer, KNOWN_UNITS)
    if (!this.#pays(payer, units) || !known) return false
    // Gossip messages are not signed: their contents are signed by the author.
    if (bytes > maxBytes || from !== undefined || seqno !== undefined || signature !== undefined || key !== undefined) {
      reject(topic, peer, bytes)
      return false
    }
    if (this.#total.take('', units * load.costFactor, clock.now(), 0) > 0) return false
    forgetOldest(this.#inside)
    return true
  }

  #affords(payer: Payer, units: number): boolean {
    return this.#options.limiter.affords(payer, ACCOUNT, units * this.#options.load.costFactor, PEER_QUOTA)
  }

  #pays(payer: Payer, units: number): boolean {
    return this.#options.limiter.take(payer, ACCOUNT, units * this.#options.load.costFactor, PEER_QUOTA) === null
  }
}
