/**
 * A stranger in the DHT: plain libp2p, none of our client code, with messages of kad-dht written by hand, true or not.
 */
import { generateKeyPair } from '@libp2p/crypto/keys'
import { identify } from '@libp2p/identify'
import type { Connection, Stream } from '@libp2p/interface'
import { noise } from '@libp2p/noise'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import { ping } from '@libp2p/ping'
import { tcp } from '@libp2p/tcp'
import { yamux } from '@libp2p/yamux'
import { multiaddr } from '@multiformats/multiaddr'
import { createLibp2p, type Libp2p } from 'libp2p'
import * as varint from 'uint8-varint'
import { NETWORK } from '../core/author.js'
import { within } from '../network/fixture.js'

export const KAD = `/ledgermesh/${NETWORK}/kad/1`
export const ADD_PROVIDER = 2
export const GET_PROVIDERS = 3
export const FIND_NODE = 4
export const PING = 5

export interface KadPeer {
  id: Uint8Array
  addrs: Uint8Array[]
}
export interface KadMessage {
  type: number
  key?: Uint8Array
  closer?: KadPeer[]
  providers?: KadPeer[]
}

/** Field `number` with these bytes. */
export function field(number: number, value: Uint8Array): Uint8Array {
  return Buffer.concat([varint.encode(number * 8 + 2), varint.encode(value.byteLength), value])
}

export function encodeKad({ type, key, closer = [], providers = [] }: KadMessage): Uint8Array {
  const peer = ({ id, addrs }: KadPeer): Uint8Array =>
    Buffer.concat([field(1, id), ...addrs.map((addr) => field(2, addr))])
  return Buffer.concat([
    Buffer.from([8, type]),
    ...(key === undefined ? [] : [field(2, key)]),
    ...closer.map((one) => field(8, peer(one))),
    ...providers.map((one) => field(9, peer(one)))
  ])
}

/** Of the fields of a message that are bytes: number and value. */
export function* fieldsOf(bytes: Uint8Array): Generator<[number, Uint8Array]> {
  for (let at = 0; at < bytes.byteLength;) {
    const tag = varint.decode(bytes, at)
    at += varint.encodingLength(tag)
    const value = varint.decode(bytes, at)
    at += varint.encodingLength(value)
    if (tag % 8 !== 2) continue
    yield [Math.floor(tag / 8), bytes.subarray(at, at + value)]
    at += value
  }
}

export function decodeKad(bytes: Uint8Array): { closer: KadPeer[]; providers: KadPeer[] } {
  const peers = (number: number): KadPeer[] =>
    [...fieldsOf(bytes)]
      .filter(([one]) => one === number)
      .map(([, value]) => {
        const fields = [...fieldsOf(value)]
        return {
          id: fields.find(([one]) => one === 1)?.[1] ?? new Uint8Array(),
          addrs: fields.filter(([one]) => one === 2).map(([, addr]) => addr)
        }
      })
  return { closer: peers(8), providers: peers(9) }
}

export function frame(message: Uint8Array): Uint8Array {
  return Buffer.concat([varint.encode(message.byteLength), message])
}

/** The bytes of `count` different addresses, at which nobody listens. */
export function addresses(count: number, first = 0): Uint8Array[] {
  return Array.from({ length: count }, (_, i) => {
    const n = first + i
    return Buffer.from([4, 127, 1 + ((n >> 14) % 250), (n >> 6) & 255, 1 + (n & 63), 6, 0, 1])
  })
}

/** The bytes of the ids of `count` peers that do not exist. */
export async function fakeIds(count: number): Promise<Uint8Array[]> {
  return await Promise.all(
    Array.from(
      { length: count },
      async () => peerIdFromPrivateKey(await generateKeyPair('Ed25519')).toMultihash().bytes
    )
  )
}

/** SHA-256 multihash made of anything, as keys of provider records are. */
export function anyKey(n: number): Uint8Array {
  const digest = Buffer.alloc(32)
  digest.writeUInt32BE(n)
  return Buffer.concat([Buffer.from([0x12, 32]), digest])
}

export class Stranger {
  readonly node: Libp2p
  /** Questions that it was asked, and what it answers to them; undefined: nothing. */
  readonly asked: Uint8Array[] = []

  private constructor(node: Libp2p) {
    this.node = node
  }

  /** `answer`: it serves the DHT, too. */
  static async start({
    answer,
    listen = false
  }: { answer?: (question: Uint8Array) => Uint8Array | undefined; listen?: boolean } = {}): Promise<Stranger> {
    const node = await createLibp2p({
      addresses: { listen: listen || answer !== undefined ? ['/ip4/127.0.0.1/tcp/0'] : [] },
      transports: [tcp()],
      connectionEncrypters: [noise()],
      streamMuxers: [yamux()],
      services: { identify: identify(), ping: ping() },
      connectionManager: { maxDialQueueLength: 5_000 }
    })
    const stranger = new Stranger(node)
    if (answer !== undefined) {
      await node.handle(KAD, async (stream) => {
        for await (const question of frames(stream)) {
          stranger.asked.push(question)
          const reply = answer(question)
          if (reply !== undefined) stream.send(frame(reply))
        }
      })
    }
    return stranger
  }

  get id(): Uint8Array {
    return this.node.peerId.toMultihash().bytes
  }
  get connected(): boolean {
    return this.node.getConnections().some(({ status }) => status === 'open')
  }

  async dial(addr: string): Promise<Connection> {
    return await this.node.dial(multiaddr(addr), { signal: within(10_000) })
  }

  async open(addr: string): Promise<Stream> {
    const connection = await this.dial(addr)
    return await connection.newStream(KAD, { signal: within(10_000), maxOutboundStreams: 10_000 })
  }

  /** Sends one message on a stream of its own, and closes it. */
  async tell(addr: string, message: KadMessage | Uint8Array): Promise<void> {
    const stream = await this.open(addr)
    stream.send(frame(message instanceof Uint8Array ? message : encodeKad(message)))
    await stream.close({ signal: within(10_000) })
  }

  /** The answer to a question; null: the stream ended without one. */
  async ask(addr: string, message: KadMessage | Uint8Array, ms = 10_000): Promise<Uint8Array | null> {
    const stream = await this.open(addr)
    stream.send(frame(message instanceof Uint8Array ? message : encodeKad(message)))
    // A stream that was reset before anybody listened never ends.
    const { promise: late, resolve } = Promise.withResolvers<null>()
    const timer = setTimeout(() => {
      resolve(null)
    }, ms)
    stream.addEventListener(
      'close',
      () => {
        resolve(null)
      },
      { once: true }
    )
    if (stream.status !== 'open') resolve(null)
    const answer = await Promise.race([
      frames(stream)
        .next()
        .then(({ value, done }) => (done === true ? null : value)),
      late
    ])
    clearTimeout(timer)
    stream.abort(new Error('done'))
    return answer
  }

  async stop(): Promise<void> {
    await this.node.stop()
  }
}

async function* frames(stream: Stream): AsyncGenerator<Uint8Array> {
  let rest: Uint8Array = new Uint8Array()
  try {
    for await (const chunk of stream) {
      rest = Buffer.concat([rest, chunk instanceof Uint8Array ? chunk : chunk.subarray()])
      for (;;) {
        let length: number
        try {
          length = varint.decode(rest)
        } catch {
          break // not all of it has arrived
        }
        const head = varint.encodingLength(length)
        if (rest.byteLength < head + length) break
        yield rest.subarray(head, head + length)
        rest = rest.subarray(head + length)
      }
    }
  } catch {
    /* reset: the stream has ended */
  }
}
