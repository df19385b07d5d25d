/** A peer with nothing of ours: plain libp2p, whose streams a test writes by hand. */
import { generateKeyPair } from '@libp2p/crypto/keys'
import { noise } from '@libp2p/noise'
import type { Connection, Stream } from '@libp2p/interface'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import { tcp } from '@libp2p/tcp'
import { yamux } from '@libp2p/yamux'
import { multiaddr } from '@multiformats/multiaddr'
import { createLibp2p, type Libp2p } from 'libp2p'

const DIAL_MS = 10_000

export class Stranger {
  readonly node: Libp2p
  readonly connection: Connection
  readonly id: string

  private constructor(node: Libp2p, connection: Connection) {
    this.node = node
    this.connection = connection
    this.id = node.peerId.toString()
  }

  /** Of two nodes the one with the lower id says hello first: the stranger takes such an id, and is silent. */
  static async dial(addr: string, localAddress?: string): Promise<Stranger> {
    const target = addr.split('/').at(-1)!
    let privateKey = await generateKeyPair('Ed25519')
    while (peerIdFromPrivateKey(privateKey).toString() >= target) privateKey = await generateKeyPair('Ed25519')
    const node = await createLibp2p({
      privateKey,
      transports: [tcp({ dialOpts: { noDelay: true, ...(localAddress === undefined ? {} : { localAddress }) } })],
      connectionEncrypters: [noise()],
      streamMuxers: [yamux()],
      connectionMonitor: { enabled: false }
    })
    try {
      return new Stranger(node, await node.dial(multiaddr(addr), { signal: AbortSignal.timeout(DIAL_MS) }))
    } catch (error) {
      await node.stop()
      throw error
    }
  }

  get connected(): boolean {
    return this.connection.status === 'open'
  }

  async open(protocol: string): Promise<Stream> {
    return await this.connection.newStream(protocol, {
      signal: AbortSignal.timeout(DIAL_MS),
      maxOutboundStreams: 10_000
    })
  }

  async stop(): Promise<void> {
    await this.node.stop()
  }
}

/** Sends, and waits while the other side does not take it; false when the stream has ended. */
export async function sent(stream: Stream, bytes: Uint8Array): Promise<boolean> {
  try {
    if (stream.writeStatus !== 'writable') return false
    stream.send(bytes)
    while (stream.writableNeedsDrain || stream.writeBufferLength > 0) {
      if (stream.writeStatus !== 'writable') return false
      await new Promise((resolve) => {
        setTimeout(resolve, 1)
      })
    }
    await new Promise((resolve) => {
      setImmediate(resolve)
    })
    return stream.status === 'open'
  } catch {
    return false // reset meanwhile: what the tests look for
  }
}
