import { createHash } from 'node:crypto'
import { gossipsub, StrictNoSign, TopicValidatorResult, type GossipSub, type GossipSubComponents } from '@libp2p/gossipsub'
import type { Clock, Log } from '../ports.js'
import { NO_LOAD, type Load } from './load-watch.js'
import { asError, codeOf, NetworkError } from './network-error.js'
import { Quota, UNIT_BYTES } from './quota.js'
import { RejectTally } from './reject-tally.js'

/** Bytes of one message: the largest announcement with room to spare. More is refused here and rejected from others. */
export const MAX_GOSSIP_BYTES = 128 * 1024
/** Bytes of one RPC, which may carry several messages. An RPC over the receiver's limit kills the link, so it must be the same on all nodes. */
const MAX_RPC_BYTES = 1024 * 1024
/** Bytes queued towards one slow peer before gossip to it is dropped. */
const MAX_OUTBOUND_BYTES = 8 * 1024 * 1024
/** Messages checked at once, over all peers. */
const MAX_VALIDATING = 256
/** A validator that takes longer than this many milliseconds counts as Ignore. */
const VALIDATION_TIMEOUT_MS = 5_000
/** Weight of the application's part of a peer's score: 3 rejected messages give -90, below the graylist at -80. */
const APP_SCORE_WEIGHT = 10

/** What one peer's messages may cost: units of 64 KiB per second in the long run, and at once. What is above that is ignored: gossip cannot wait. */
const PEER_QUOTA = { unitsPerSecond: 128, burstUnits: 1024 }
/** Units of a message beside its bytes: a signature check. */
const MESSAGE_UNITS = 1 / 4
/** Milliseconds that a peer which goes on sending what is rejected stays out. */
const HOPELESS_BAN_MS = 10 * 60_000

export type Verdict = 'accept' | 'ignore' | 'reject'
/** Runs before a message is forwarded; it is also where a message is taken in, for there is no other listener. A throw means ignore. */
export type GossipValidator = (peer: string, bytes: Uint8Array) => Promise<Verdict>
/** What makes two messages of a topic the same one. A throw means: the hash of the bytes. */
export type MessageId = (bytes: Uint8Array) => Uint8Array

interface Topic { validate: GossipValidator, messageId: MessageId }

const RESULT: Record<Verdict, TopicValidatorResult> = {
  accept: TopicValidatorResult.Accept, ignore: TopicValidatorResult.Ignore, reject: TopicValidatorResult.Reject
}

/** Topics with a validator each, over gossipsub without its own signatures: what is announced is signed by its author already. */
export class Gossip {
  readonly #clock: Clock
  readonly #log: Log
  readonly #tally = new RejectTally()
  readonly #topics = new Map<string, Topic>()
  #pubsub: GossipSub | undefined
  readonly #quota = new Quota(PEER_QUOTA)
  readonly #load: Load
  readonly #drop: (peer: string, reason: string, banMs: number) => void
  #running = false
  #validating = 0

  constructor (options: { clock: Clock, log: Log, load?: Load | undefined, drop: (peer: string, reason: string, banMs: number) => void }) {
    this.#clock = options.clock
    this.#log = options.log
    this.#load = options.load ?? NO_LOAD
    this.#drop = options.drop
  }

  /** The libp2p service; called once, by createLibp2p. */
  service (ipColocationWeight: number): (components: GossipSubComponents) => GossipSub {
    const make = gossipsub({
      globalSignaturePolicy: StrictNoSign,
      allowPublishToZeroTopicPeers: true,
      ignoreDuplicatePublishError: true,
      fallbackToFloodsub: false,
      tagMeshPeers: false,
      maxInboundDataLength: MAX_RPC_BYTES,
      maxOutboundBufferSize: MAX_OUTBOUND_BYTES,
      fastMsgIdFn: (message) => digest(message.topic, 'bytes', message.data ?? new Uint8Array(0)).toString('latin1'),
      msgIdFn: (message) => this.#idOf(message.topic, message.data),
      scoreParams: {
        appSpecificScore: (peer) => this.#tally.score(peer, this.#clock.now()),
        appSpecificWeight: APP_SCORE_WEIGHT,
        IPColocationFactorWeight: ipColocationWeight
      }
    })
    return (components) => {
      this.#pubsub = make(components)
      return this.#pubsub
    }
  }

  /** To be called when libp2p has started: joins the topics that were subscribed to before. */
  start (): void {
    this.#running = true
    for (const topic of this.#topics.keys()) this.#pubsub?.subscribe(topic)
  }

  /** From here on nothing is subscribed or published any more. */
  stop (): void { this.#running = false }

  /** Also before the start, and again to replace the validator. */
  subscribe (topic: string, validate: GossipValidator, messageId: MessageId): void {
    this.#topics.set(topic, { validate, messageId })
    this.#pubsub?.topicValidators.set(topic, async (peer, message) => RESULT[await this.#verdict(topic, peer.toString(), message.data)])
    if (this.#running) this.#pubsub?.subscribe(topic)
  }

  unsubscribe (topic: string): void {
    if (this.#running) this.#pubsub?.unsubscribe(topic)
    this.#pubsub?.topicValidators.delete(topic)
    this.#topics.delete(topic)
  }

  subscribers (topic: string): string[] {
    return this.#running ? (this.#pubsub?.getSubscribers(topic) ?? []).map((peer) => peer.toString()) : []
  }

  /** Hands the bytes to the peers of the topic. No peers and a repeated message are no errors: recipients 0. Recipients prove no delivery. */
  async publish (topic: string, bytes: Uint8Array): Promise<{ recipients: number }> {
    if (bytes.byteLength > MAX_GOSSIP_BYTES) throw new NetworkError('TOO_LARGE', `${bytes.byteLength} bytes are more than gossip carries (${MAX_GOSSIP_BYTES})`)
    if (!this.#running || this.#pubsub === undefined) throw new NetworkError('CLOSED', 'the network is not started')
    try {
      const { recipients } = await this.#pubsub.publish(topic, bytes)
      return { recipients: recipients.length }
    } catch (thrown) {
      const error = asError(thrown)
      if (error.message === 'PublishError.Uninitialized') throw new NetworkError('CLOSED', 'the network is stopping', { cause: error })
      throw error
    }
  }

  /** The topic is part of the id: the same bytes sent to a wrong topic first, and rejected there, must not hide them on the right one. */
  #idOf (topic: string, data: Uint8Array): Uint8Array {
    try {
      const id = data.byteLength <= MAX_GOSSIP_BYTES ? this.#topics.get(topic)?.messageId(data) : undefined
      if (id !== undefined) return digest(topic, 'id', id)
    } catch (error) {
      this.#log.debug({ topic, code: codeOf(error) }, 'no message id in a gossip message')
    }
    return digest(topic, 'bytes', data)
  }

  async #verdict (topic: string, peer: string, data: Uint8Array): Promise<Verdict> {
    // Dropped already; what it sent before is still on its way.
    if (this.#tally.isHopeless(peer, this.#clock.now())) return 'reject'
    const units = (MESSAGE_UNITS + data.byteLength / UNIT_BYTES) * this.#load.price
    if (this.#quota.take(peer, units, this.#clock.now(), 0) > 0) return 'ignore'
    const verdict = data.byteLength > MAX_GOSSIP_BYTES ? 'reject' : await this.#validate(topic, peer, data)
    if (verdict === 'reject') {
      this.#tally.add(peer, this.#clock.now())
      this.#log.info({ topic, peer, bytes: data.byteLength }, 'gossip message rejected')
      if (this.#tally.isHopeless(peer, this.#clock.now())) this.#drop(peer, 'its gossip is rejected again and again', HOPELESS_BAN_MS)
    }
    return verdict
  }

  async #validate (topic: string, peer: string, data: Uint8Array): Promise<Verdict> {
    const entry = this.#topics.get(topic)
    // Being busy is never punished, and what is lost here comes again with the next exchange of heads.
    if (entry === undefined || this.#validating >= MAX_VALIDATING) return 'ignore'
    this.#validating++
    const { promise: late, resolve } = Promise.withResolvers<Verdict>()
    const cancel = this.#clock.after(VALIDATION_TIMEOUT_MS, () => {
      this.#log.warn({ topic, peer }, 'a gossip validator took too long')
      resolve('ignore')
    })
    try {
      return await Promise.race([entry.validate(peer, data), late])
    } catch (error) {
      this.#log.error({ topic, peer, code: codeOf(error), error }, 'a gossip validator failed')
      return 'ignore'
    } finally {
      cancel()
      this.#validating--
    }
  }
}

function digest (topic: string, kind: 'id' | 'bytes', bytes: Uint8Array): Buffer {
  return createHash('sha256').update(`${topic}\0${kind}\0`).update(bytes).digest()
}
