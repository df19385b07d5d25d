/**
 * A peer that writes yamux frames by hand, inside an honest Noise: no multiplexer stands between the test and the wire.
 */
import { noise } from '@libp2p/noise'
import type { MessageStream } from '@libp2p/interface'
import { tcp } from '@libp2p/tcp'
import { AbstractStreamMuxer } from '@libp2p/utils'
import { multiaddr } from '@multiformats/multiaddr'
import { createLibp2p, type Libp2p } from 'libp2p'

const DIAL_MS = 10_000
export const TYPE = { data: 0, window: 1, ping: 2, goAway: 3 }
export const FLAG = { none: 0, syn: 1, ack: 2, fin: 4, rst: 8 }

/** A frame: 12 bytes of header, then what `body` gives. `length` may lie. */
export function frame(
  type: number,
  flag: number,
  stream: number,
  length: number,
  body: Uint8Array = new Uint8Array(0)
): Buffer {
  const header = Buffer.alloc(12)
  header.writeUInt8(type, 1)
  header.writeUInt16BE(flag, 2)
  header.writeUInt32BE(stream, 4)
  header.writeUInt32BE(length, 8)
  return Buffer.concat([header, body])
}

export function repeated(count: number, make: (i: number) => Uint8Array): Buffer {
  return Buffer.concat(Array.from({ length: count }, (_, i) => make(i)))
}

/** Takes whatever comes and counts it. */
class RawMuxer extends AbstractStreamMuxer {
  received = 0
  readonly wire: MessageStream

  constructor(wire: MessageStream) {
    super(wire, { protocol: '/yamux/1.0.0', name: 'raw' })
    this.wire = wire
  }

  override onData(data: { byteLength: number }): void {
    this.received += data.byteLength
  }
  override onCreateStream(): never {
    throw new Error('nothing is opened here')
  }
}

export class RawLine {
  readonly #node: Libp2p
  readonly #muxer: RawMuxer

  private constructor(node: Libp2p, muxer: RawMuxer) {
    this.#node = node
    this.#muxer = muxer
  }

  static async dial(addr: string, localAddress?: string): Promise<RawLine> {
    let muxer: RawMuxer | undefined
    const node = await makeNode((wire) => (muxer = new RawMuxer(wire)), localAddress)
    try {
      await node.dial(multiaddr(addr), { signal: AbortSignal.timeout(DIAL_MS) })
      return new RawLine(node, muxer!)
    } catch (error) {
      await node.stop()
      throw error
    }
  }

  /** Waits to be dialled by `dial`, which gets its address. */
  static async beDialled(dial: (addr: string) => Promise<unknown>): Promise<RawLine> {
    const { promise, resolve } = Promise.withResolvers<RawMuxer>()
    const node = await makeNode((wire) => {
      const made = new RawMuxer(wire)
      resolve(made)
      return made
    })
    try {
      await dial(node.getMultiaddrs()[0]!.toString())
      return new RawLine(node, await promise)
    } catch (error) {
      await node.stop()
      throw error
    }
  }

  get open(): boolean {
    return this.#muxer.wire.status === 'open'
  }

  /** Bytes of frames that came. */
  get received(): number {
    return this.#muxer.received
  }

  /** Reads no more. */
  deaf(): void {
    this.#muxer.wire.pause()
  }

  /** One packet, and a turn for the other side; waits while it takes nothing. False when the connection is over. */
  async send(bytes: Uint8Array): Promise<boolean> {
    const { wire } = this.#muxer
    try {
      wire.send(bytes)
      while (wire.status === 'open' && (wire.writableNeedsDrain || wire.writeBufferLength > 0))
        await new Promise((resolve) => {
          setTimeout(resolve, 1)
        })
      await new Promise((resolve) => {
        setImmediate(resolve)
      })
    } catch {
      /* closed meanwhile: what the tests look for */
    }
    return this.open
  }

  /** Each as a packet of its own. */
  async sendEach(packets: readonly Uint8Array[]): Promise<boolean> {
    const { wire } = this.#muxer
    try {
      for (const bytes of packets) wire.send(bytes)
    } catch {
      /* as above */
    }
    return await this.send(new Uint8Array(0))
  }

  async stop(): Promise<void> {
    await this.#node.stop()
  }
}

async function makeNode(createStreamMuxer: (wire: MessageStream) => RawMuxer, localAddress?: string): Promise<Libp2p> {
  return await createLibp2p({
    addresses: { listen: ['/ip4/127.0.0.1/tcp/0'] },
    connectionEncrypters: [noise()],
    connectionMonitor: { enabled: false },
    transports: [tcp({ dialOpts: { noDelay: true, ...(localAddress === undefined ? {} : { localAddress }) } })],
    streamMuxers: [() => ({ protocol: '/yamux/1.0.0', createStreamMuxer })]
  })
}
