import type { StreamMuxerFactory } from '@libp2p/interface'
import { yamux } from '@libp2p/yamux'
import { asError } from './network-error.js'

const MIB = 1024 * 1024
/** Streams of all protocols that a peer may have open on one connection. */
const MAX_STREAMS = 256

/**
 * Yamux, with one hole stopped: it announces a new stream in a microtask of its own, and when the connection was closed in between, that write
 * throws where nobody can catch it and ends the process (yamux 8.0.3, onCreateStream). Here the stream is aborted instead; also when a reader
 * resumes on a closing connection, where the same write throws at the reader.
 */
export function muxer (): () => StreamMuxerFactory {
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
        made.onRemoteStream = (stream) => { receive(guarded(stream)) }
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
