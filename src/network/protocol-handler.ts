import type { Connection, Libp2p, Stream } from '@libp2p/interface'
import { protocolId, type Protocol, type ProtocolLimits } from '../../protocols/protocol.js'
import { isViolation, WireError, type FrameStream } from '../../protocols/wire.js'
import type { Clock, Log } from '../ports.js'
import type { Payer } from './account.js'
import type { RateLimiter } from './rate-limiter.js'
import type { Held } from './held.js'
import { MeteredStream } from './metered-stream.js'
import { codeOf } from './network-error.js'
import type { Peers } from './peers.js'
import { ServeSlots } from './serve-slots.js'
import { Quota } from './quota.js'
import type { Toll } from './toll.js'

/** Milliseconds that a peer is refused after it broke a protocol. */
const VIOLATION_BAN_MS = 60_000
/**
 * Streams that a peer may open and not use: per second in the long run, and at once. Each costs this node a
 * negotiation.
 */
const WASTE = { unitsPerSecond: 16, burstUnits: 256 }
/** Milliseconds that the remote has to close its side after a request was served; then the stream is reset. */
const LINGER_MS = 10_000

/** A protocol with its source, as createHost takes it; made by `protocolHandler`. */
export interface ProtocolHandler {
  readonly name: string
  readonly version: number
  readonly limits: ProtocolLimits
  readonly serve: (stream: FrameStream, peer: string, signal: AbortSignal) => Promise<void>
}

/** Pairs a protocol with the source of its answers. */
export function protocolHandler<Source>(protocol: Protocol<Source>, source: Source): ProtocolHandler {
  const { name, version, limits } = protocol
  return {
    name,
    version,
    limits,
    serve: async (stream, peer, signal) => {
      await protocol.serve(stream, peer, source, signal)
    }
  }
}

export interface Serving {
  node: Libp2p
  network: string
  peers: Peers
  limiter: RateLimiter
  held: Held
  toll: Toll
  clock: Clock
  log: Log
  /** Fires when the host stops. */
  stopped: AbortSignal
}

/** Registers the handlers; to be called before the host starts, for peers learn our protocols when they connect. */
export async function serveAll(handlers: readonly ProtocolHandler[], serving: Serving): Promise<void> {
  for (const one of handlers) {
    const id = protocolId(serving.network, one)
    const { maxInboundStreams, maxOutboundStreams } = one.limits
    serving.toll.covered(id)
    await serving.node.handle(id, streamHandler(one, id, serving), { maxInboundStreams, maxOutboundStreams })
  }
}

/** libp2p counts streams per connection; a peer may have several connections, so they are counted per peer as well. */
function streamHandler(
  one: ProtocolHandler,
  id: string,
  serving: Serving
): (stream: Stream, connection: Connection) => Promise<void> {
  const running = new Map<string, number>()
  const waste = new Quota(WASTE)
  const places =
    one.limits.maxServed === undefined ? null : new ServeSlots({ max: one.limits.maxServed, clock: serving.clock })
  return async (stream, connection) => {
    const peer = connection.remotePeer.toString()
    const count = running.get(peer) ?? 0
    if (serving.stopped.aborted || serving.peers.isBanned(peer) || count >= one.limits.maxInboundStreams) {
      stream.abort(new WireError('BUSY', 'not served'))
      wasted(peer, waste, serving)
      return
    }
    running.set(peer, count + 1)
    try {
      await serveOne(one, id, stream, serving.toll.payer(connection), serving, waste, places)
    } finally {
      const left = (running.get(peer) ?? 1) - 1
      if (left > 0) running.set(peer, left)
      else running.delete(peer)
    }
  }
}

function wasted(peer: string, waste: Quota, { clock, peers }: Serving): void {
  if (waste.take(peer, 1, clock.now(), 0) > 0 && !peers.isBanned(peer))
    peers.drop(peer, 'it opens streams without sending a request', VIOLATION_BAN_MS)
}

/** Never rejects: an error of a handler ends its stream, not the process. */
async function serveOne(
  one: ProtocolHandler,
  id: string,
  stream: Stream,
  payer: Payer,
  serving: Serving,
  waste: Quota,
  places: ServeSlots | null
): Promise<void> {
  const { peer } = payer
  const { limiter, held, clock, log, peers, stopped } = serving
  const charge = limiter.for(payer, id, one.limits.quota)
  const frames = new MeteredStream(stream, one.limits.maxFrameBytes, charge, 'they', { held, payer })
  const onStop = (): void => {
    frames.abort(new WireError('CLOSED', 'the node is stopping'))
  }
  stopped.addEventListener('abort', onStop, { once: true })
  let leave: (() => void) | undefined
  try {
    await charge(1, frames.closed)
    leave = await places?.enter(peer, frames)
    await one.serve(frames, peer, stopped)
    if (frames.writable) await frames.closeWrite()
    clock.after(LINGER_MS, () => {
      if (stream.status === 'open' || stream.status === 'closing')
        frames.abort(new WireError('TIMEOUT', 'the remote did not close its side'))
    })
  } catch (error) {
    frames.abort(error)
    const fields = { peer, protocol: id, code: codeOf(error) }
    if (!(error instanceof WireError) || frames.overran)
      log.error({ event: 'protocol.handler-failed', ...fields, error }, 'a protocol handler failed')
    else log.debug({ event: 'protocol.stream-ended', ...fields, error: error.message }, 'a stream ended early')
    if (error instanceof WireError && error.code === 'CLOSED' && frames.written === 0) wasted(peer, waste, serving)
    if (isViolation(error) && !frames.overran) peers.drop(peer, `${id}: ${error.code}`, VIOLATION_BAN_MS)
  } finally {
    leave?.()
    stopped.removeEventListener('abort', onStop)
  }
}
