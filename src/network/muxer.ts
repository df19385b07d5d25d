import type { StreamMuxerFactory } from '@libp2p/interface'
import { yamux } from '@libp2p/yamux'
import type { Clock } from '../ports.js'
import { asError } from './network-error.js'
import { Quota } from './quota.js'

const MIB = 1024 * 1024
/** Streams of all protocols that a peer may have open on one connection. */
const MAX_STREAMS = 256
/** Streams that the remote may open on a connection: per second in the long run, and at once. Each costs us a negotiation, whatever becomes of it. */
const OPENING = { unitsPerSecond: 256, burstUnits: 1024 }
/** Streams above that, which are reset unseen: with more of these, the connection goes. */
const REFUSED = { unitsPerSecond: 64, burstUnits: 1024 }

/**
 * Yamux, with one hole stopped: it announces a new stream in a microtask of its own, and when the connection was closed in between, that write
 * throws where nobody can catch it and ends the process (yamux 8.0.3, onCreateStream). Here the stream is aborted instead; also when a reader
 * resumes on a closing connection, where the same write throws at the reader. A remote that opens streams without end loses the connection. And a
 * muxer that gives up (more than ten streams before the connection is ready) takes its connection with it, which otherwise stays open, of no use, until
 * a ping fails.
 */
export function muxer (clock: Clock, onFlood: (streams: readonly unknown[]) => void): () => StreamMuxerFactory {
  const makeFactory = yamux({
    maxInboundStreams: MAX_STREAMS,
    // The window must stay below the read buffer, or a paused fast stream is reset.
    streamOptions: { maxStreamWindowSize: 2 * MIB, maxReadBufferLength: 4 * MIB, maxWriteBufferLength: 8 * MIB }
  })
  return () => {
    const factory = makeFactory()
    return {
      protocol: factory.protocol,
      createStreamMuxer: (connection) => {
        const made = factory.createStreamMuxer(connection)
        const create = made.onCreateStream.bind(made)
        made.onCreateStream = () => guarded(create())
        const receive = made.onRemoteStream.bind(made)
        const abort = made.abort.bind(made)
        made.abort = (error) => {
          abort(error)
          if (connection.status === 'open') connection.abort(error)
        }
        const [opening, refused] = [new Quota(OPENING), new Quota(REFUSED)]
        made.onRemoteStream = (stream) => {
          if (opening.take('', 1, clock.now(), 0) === 0) {
            receive(guarded(stream))
            return
          }
          stream.abort(new Error('too many streams'))
          if (refused.take('', 1, clock.now(), 0) === 0) return
          onFlood(made.streams)
          connection.abort(new Error('the remote opens streams without end'))
        }
        return made
      }
    }
  }
}

function guarded<S extends { sendWindowUpdate: () => void, abort: (error: Error) => void }> (stream: S): S {
  const announce = stream.sendWindowUpdate.bind(stream)
  stream.sendWindowUpdate = () => {
    try {
      announce()
    } catch (error) {
      stream.abort(asError(error))
    }
  }
  return stream
}
