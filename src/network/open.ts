import type { Libp2p, PeerId } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'
import { protocolId, type ProtocolLimits } from '../../protocols/protocol.js'
import type { FrameStream } from '../../protocols/wire.js'
import { parsePeer, parsePeerAddress } from './address.js'
import type { RateLimiter } from './rate-limiter.js'
import { MeteredStream } from './metered-stream.js'
import { NetworkError, toNetworkError } from './network-error.js'
import type { Peers } from './peers.js'
import type { Toll } from './toll.js'

/** What opening a stream needs to know of a protocol: any Protocol fits. */
export interface ProtocolRef {
  readonly name: string
  readonly version: number
  readonly limits: ProtocolLimits
}

export interface DialerOptions {
  node: Libp2p
  network: string
  peers: Peers
  limiter: RateLimiter
  toll: Toll
  /** Milliseconds for one dial, and for one negotiation of a stream. */
  timeoutMs: number
}

/** Outgoing connections and streams, each with a deadline and with NetworkError codes. */
export class Dialer {
  readonly #options: DialerOptions

  constructor(options: DialerOptions) {
    this.#options = options
  }

  /**
   * Connects to a multiaddr with /p2p/, or to a peer id whose addresses are known or can be found; gives the peer id.
   */
  async dial(addrOrPeer: string, signal: AbortSignal): Promise<string> {
    if (!addrOrPeer.startsWith('/')) {
      const peer = parsePeer(addrOrPeer)
      return await this.#connect(peer, peer, signal)
    }
    const { peer, addr } = parsePeerAddress(addrOrPeer)
    return await this.#connect(peer, [addr], signal)
  }

  /** Tries several addresses of one peer. */
  async dialAny(addrs: readonly string[], signal: AbortSignal): Promise<string> {
    const parsed = addrs.map(parsePeerAddress)
    const [first] = parsed
    if (first === undefined) throw new NetworkError('BAD_ADDRESS', 'no address to dial')
    return await this.#connect(
      first.peer,
      parsed.map(({ addr }) => addr),
      signal
    )
  }

  /** Opens a stream, dialling first if needed. An open stream proves little: the remote may still reset it. */
  async open(peer: string, protocol: ProtocolRef, signal: AbortSignal): Promise<FrameStream> {
    const { node, network, peers, limiter, toll, timeoutMs } = this.#options
    const target = this.#allowed(parsePeer(peer))
    if (!peers.isConnected(peer)) await this.#connect(target, target, signal)
    const id = protocolId(network, protocol)
    const { maxFrameBytes, maxOutboundStreams, quota } = protocol.limits
    toll.covered(id)
    const deadline = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)])
    try {
      const stream = await node.dialProtocol(target, id, { signal: deadline, maxOutboundStreams })
      return new MeteredStream(stream, maxFrameBytes, limiter.for(peers.payerOf(peer, toll), id, quota), 'we')
    } catch (error) {
      throw toNetworkError(error, `${id} to ${peer}`, 'UNREACHABLE', deadline)
    }
  }

  /** Opens a stream on this connection and no other. Throws UNREACHABLE when it is gone. */
  async openOn(peer: string, connectionId: string, protocol: ProtocolRef, signal: AbortSignal): Promise<FrameStream> {
    const { node, network, limiter, toll, timeoutMs } = this.#options
    const target = this.#allowed(parsePeer(peer))
    const id = protocolId(network, protocol)
    const { maxFrameBytes, maxOutboundStreams, quota } = protocol.limits
    toll.covered(id)
    const deadline = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)])
    const connection = node.getConnections(target).find((one) => one.id === connectionId && one.status === 'open')
    if (connection === undefined) throw new NetworkError('UNREACHABLE', `that connection to ${peer} is gone`)
    try {
      return new MeteredStream(
        await connection.newStream(id, { signal: deadline, maxOutboundStreams }),
        maxFrameBytes,
        limiter.for(toll.payer(connection), id, quota),
        'we'
      )
    } catch (error) {
      throw toNetworkError(error, `${id} to ${peer}`, 'UNREACHABLE', deadline)
    }
  }

  async #connect(peer: PeerId, target: PeerId | Multiaddr[], signal: AbortSignal): Promise<string> {
    this.#allowed(peer)
    const deadline = AbortSignal.any([signal, AbortSignal.timeout(this.#options.timeoutMs)])
    try {
      const connection = await this.#options.node.dial(target, { signal: deadline })
      return connection.remotePeer.toString()
    } catch (error) {
      const coded = toNetworkError(error, `dialling ${peer.toString()}`, 'UNREACHABLE', deadline)
      throw coded.code === 'TIMEOUT' ? new NetworkError('UNREACHABLE', coded.message, { cause: coded }) : coded
    }
  }

  #allowed(peer: PeerId): PeerId {
    const text = peer.toString()
    if (this.#options.node.peerId.equals(peer))
      throw new NetworkError('BAD_ADDRESS', 'this is the address of this node itself')
    if (this.#options.peers.isBanned(text))
      throw new NetworkError('BANNED', `${text} was dropped and is not allowed again yet`)
    return peer
  }
}
