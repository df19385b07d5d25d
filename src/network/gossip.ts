import { createHash } from 'node:crypto'
import {
  gossipsub,
  StrictNoSign,
  TopicValidatorResult,
  type GossipSub,
  type GossipSubComponents
} from '@libp2p/gossipsub'
import type { RPC } from '@libp2p/gossipsub/message'
import type { Clock, Log } from '../ports.js'
import type { Payer } from './account.js'
import type { RateLimiter } from './rate-limiter.js'
import { GossipGate } from './gossip-gate.js'
import { GossipOutbound } from './gossip-outbound.js'
import { insideOf } from './gossip-inside.js'
import { forgetDeadLinks } from './gossip-links.js'
import { NO_LOAD, type Load } from './load-monitor.js'
import { asError, codeOf, NetworkError } from './network-error.js'
import { RejectTally } from './reject-tally.js'
import { MAX_RPC_BYTES } from './costs.js'

/**
 * Bytes of one message: the largest announcement, with a margin. Larger ones are refused here and rejected from peers.
 */
export const MAX_GOSSIP_BYTES = 128 * 1024
/**
 * Queued bytes for one slow peer at which the link is closed; messages are left out long before (gossip-outbound.ts).
 */
const MAX_OUTBOUND_BYTES = 4 * 1024 * 1024
/** Messages checked at once, over all peers. */
const MAX_VALIDATING = 256
/** A validator that takes longer than this many milliseconds counts as Ignore. */
const VALIDATION_TIMEOUT_MS = 5_000
/** Weight of the application's part of a peer's score: 3 rejected messages give -90, below the graylist at -80. */
const APP_SCORE_WEIGHT = 10

/** Milliseconds that a peer is refused after it went on sending rejected messages. */
const HOPELESS_BAN_MS = 10 * 60_000

export type Verdict = 'accept' | 'ignore' | 'reject'
/**
 * Runs before a message is forwarded; it also processes the message, because there is no other listener. A throw means
 * ignore.
 */
export type GossipValidator = (peer: string, bytes: Uint8Array) => Promise<Verdict>
/** Messages of a topic with the same key are the same message. A throw means: the hash of the bytes. */
export type MessageId = (bytes: Uint8Array) => Uint8Array

interface Topic {
  validate: GossipValidator
  messageId: MessageId
}

const RESULT: Record<Verdict, TopicValidatorResult> = {
  accept: TopicValidatorResult.Accept,
  ignore: TopicValidatorResult.Ignore,
  reject: TopicValidatorResult.Reject
}

export interface GossipOptions {
  clock: Clock
  log: Log
  load?: Load | undefined
  limiter: RateLimiter
  payerOf: (peer: string) => Payer
  /** The prefix of the names of the network's topics. */
  prefix: string
  drop: (peer: string, reason: string, banMs: number) => void
  /** A peer has subscribed to a topic that this node is in. */
  onSubscribed?: ((topic: string, peer: string) => void) | undefined
}

/**
 * Topics with a validator each, over gossipsub without its own signatures: announcements are already signed by their
 * author.
 */
export class Gossip {
  readonly #clock: Clock
  readonly #log: Log
  readonly #tally = new RejectTally()
  readonly #topics = new Map<string, Topic>()
  #pubsub: GossipSub | undefined
  #outbound: GossipOutbound | undefined
  readonly #load: Load
  readonly #limiter: RateLimiter
  readonly #payerOf: (peer: string) => Payer
  readonly #prefix: string
  /** The ids of incoming messages, because gossipsub asks for them twice. */
  readonly #fastIds = new WeakMap<RPC.Message, string>()
  readonly #drop: (peer: string, reason: string, banMs: number) => void
  readonly #onSubscribed: (topic: string, peer: string) => void
  #running = false
  #validating = 0

  constructor(options: GossipOptions) {
    this.#limiter = options.limiter
    this.#payerOf = options.payerOf
    this.#prefix = options.prefix
    this.#clock = options.clock
    this.#log = options.log
    this.#load = options.load ?? NO_LOAD
    this.#drop = options.drop
    this.#onSubscribed = options.onSubscribed ?? (() => {})
  }

  /** The libp2p service; called once, by createLibp2p. */
  service(ipColocationWeight: number): (components: GossipSubComponents) => GossipSub {
    const make = gossipsub({
      globalSignaturePolicy: StrictNoSign,
      allowPublishToZeroTopicPeers: true,
      ignoreDuplicatePublishError: true,
      fallbackToFloodsub: false,
      tagMeshPeers: false,
      maxInboundDataLength: MAX_RPC_BYTES,
      maxOutboundBufferSize: MAX_OUTBOUND_BYTES,
      fastMsgIdFn: (message) => this.#fastId(message),
      msgIdFn: (message) => this.#idOf(message.topic, message.data),
      scoreParams: {
        appSpecificScore: (peer) => this.#tally.score(peer, this.#clock.now()),
        appSpecificWeight: APP_SCORE_WEIGHT,
        IPColocationFactorWeight: ipColocationWeight
      }
    })
    return (components) => {
      const pubsub = (this.#pubsub = make(components))
      pubsub.addEventListener('subscription-change', ({ detail: { peerId, subscriptions } }) => {
        for (const { topic, subscribe } of subscriptions)
          if (subscribe && this.#topics.has(topic)) this.#onSubscribed(topic, peerId.toString())
      })
      const inside = insideOf(pubsub)
      forgetDeadLinks(inside)
      this.#outbound = new GossipOutbound(inside, { clock: this.#clock, drop: this.#drop })
      new GossipGate(inside, {
        clock: this.#clock,
        load: this.#load,
        limiter: this.#limiter,
        payerOf: this.#payerOf,
        prefix: this.#prefix,
        maxBytes: MAX_GOSSIP_BYTES,
        drop: this.#drop,
        isKnown: (topic) => this.#topics.has(topic),
        fastId: (message) => this.#fastId(message),
        isHopeless: (peer) => this.#tally.isHopeless(peer, this.#clock.now()),
        reject: (topic, peer, bytes) => {
          this.#rejected(topic, peer, bytes)
        }
      })
      return pubsub
    }
  }

  /** To be called when libp2p has started: joins the topics that were subscribed to before. */
  start(): void {
    this.#running = true
    for (const topic of this.#topics.keys()) this.#pubsub?.subscribe(topic)
  }

  /** After this nothing is subscribed or published any more. */
  stop(): void {
    this.#running = false
    this.#outbound?.stop()
  }

  /** Bytes queued for peers that do not read them. */
  get unsent(): number {
    return this.#outbound?.unsent ?? 0
  }

  /** May be called before the start, and again to replace the validator. */
  subscribe(topic: string, validate: GossipValidator, messageId: MessageId): void {
    this.#topics.set(topic, { validate, messageId })
    this.#pubsub?.topicValidators.set(
      topic,
      async (peer, message) => RESULT[await this.#verdict(topic, peer.toString(), message.data)]
    )
    if (this.#running) this.#pubsub?.subscribe(topic)
  }

  unsubscribe(topic: string): void {
    if (this.#running) this.#pubsub?.unsubscribe(topic)
    this.#pubsub?.topicValidators.delete(topic)
    this.#topics.delete(topic)
  }

  subscribers(topic: string): string[] {
    return this.#running ? (this.#pubsub?.getSubscribers(topic) ?? []).map((peer) => peer.toString()) : []
  }

  /**
   * Sends the bytes to the peers of the topic. No peers, or a repeated message, are no errors: recipients 0. Recipients
   * do not prove delivery.
   */
  async publish(topic: string, bytes: Uint8Array): Promise<{ recipients: number }> {
    if (bytes.byteLength > MAX_GOSSIP_BYTES)
      throw new NetworkError(
        'TOO_LARGE',
        `${bytes.byteLength} bytes are more than gossip carries (${MAX_GOSSIP_BYTES})`
      )
    if (!this.#running || this.#pubsub === undefined) throw new NetworkError('CLOSED', 'the network is not started')
    try {
      const { recipients } = await this.#pubsub.publish(topic, bytes)
      return { recipients: recipients.length }
    } catch (thrown) {
      const error = asError(thrown)
      if (error.message === 'PublishError.Uninitialized')
        throw new NetworkError('CLOSED', 'the network is stopping', { cause: error })
      throw error
    }
  }

  /**
   * The topic is part of the id: the same bytes sent to a wrong topic first, and rejected there, must not hide them on
   * the right one.
   */
  #idOf(topic: string, data: Uint8Array): Uint8Array {
    try {
      const id = data.byteLength <= MAX_GOSSIP_BYTES ? this.#topics.get(topic)?.messageId(data) : undefined
      if (id !== undefined) return digest(topic, 'id', id)
    } catch (error) {
      this.#log.debug(
        { event: 'gossip.no-message-id', topic, code: codeOf(error) },
        'a gossip message has no message id'
      )
    }
    return digest(topic, 'bytes', data)
  }

  async #verdict(topic: string, peer: string, data: Uint8Array): Promise<Verdict> {
    const verdict = await this.#validate(topic, peer, data)
    if (verdict === 'reject') this.#rejected(topic, peer, data.byteLength)
    return verdict
  }

  #rejected(topic: string, peer: string, bytes: number): void {
    this.#tally.add(peer, this.#clock.now())
    this.#log.info({ event: 'gossip.rejected', topic, peer, bytes }, 'gossip message rejected')
    if (this.#tally.isHopeless(peer, this.#clock.now()))
      this.#drop(peer, 'too many rejected gossip messages', HOPELESS_BAN_MS)
  }

  #fastId(message: RPC.Message): string {
    const known = this.#fastIds.get(message)
    if (known !== undefined) return known
    const id = digest(message.topic, 'bytes', message.data ?? new Uint8Array(0)).toString('latin1')
    this.#fastIds.set(message, id)
    return id
  }

  async #validate(topic: string, peer: string, data: Uint8Array): Promise<Verdict> {
    const entry = this.#topics.get(topic)
    // Being busy is never punished, and a message lost here comes again with the next exchange of heads.
    if (entry === undefined || this.#validating >= MAX_VALIDATING) return 'ignore'
    this.#validating++
    const { promise: late, resolve } = Promise.withResolvers<Verdict>()
    const cancel = this.#clock.after(VALIDATION_TIMEOUT_MS, () => {
      this.#log.warn({ event: 'gossip.validator-slow', topic, peer }, 'a gossip validator timed out')
      resolve('ignore')
    })
    try {
      return await Promise.race([entry.validate(peer, data), late])
    } catch (error) {
      this.#log.error(
        { event: 'gossip.validator-failed', topic, peer, code: codeOf(error), error },
        'a gossip validator failed'
      )
      return 'ignore'
    } finally {
      cancel()
      this.#validating--
    }
  }
}

function digest(topic: string, kind: 'id' | 'bytes', bytes: Uint8Array): Buffer {
  return createHash('sha256').update(`${topic}\0${kind}\0`).update(bytes).digest()
}
