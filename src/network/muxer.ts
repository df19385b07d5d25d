import type { StreamMuxerFactory } from '@libp2p/interface'
import { yamux } from '@libp2p/yamux'
import type { Uint8ArrayList } from 'uint8arraylist'
import type { Clock } from '../ports.js'
import type { Payer } from './account.js'
import { guardStream, THEIR_WINDOW_BYTES } from './guard-stream.js'
import { PIECE_BYTES } from './held.js'
import { Line, type LineOptions } from './line.js'

const MIB = 1024 * 1024
/** Streams of all protocols that a peer may have open on one connection. */
const MAX_STREAMS = 256
/** Bytes that may arrive on a stream that this node opened before they are read: downloads use those streams. */
const OUR_WINDOW_BYTES = 2 * MIB
/** Bytes that a connection may have queued beyond what its socket accepts; streams wait long before. */
const MAX_UNSENT_BYTES = 8 * MIB
/**
 * Milliseconds in which the remote has to send something on a stream that it opened; libp2p allows as many for the
 * negotiation.
 */
const SILENT_MS = 10_000
/** Values in a frame's header: its length, the types of ping and data, the flags that open and reset a stream. */
const HEADER_BYTES = 12
const [DATA, WINDOW_UPDATE, PING] = [0, 1, 2]
const [SYN, RST] = [1, 8]

interface Header {
  readonly type: number
  readonly flag: number
  readonly streamID: number
  readonly length: number
}
interface Frame {
  readonly header: Header
}
/** Members of yamux 8.0.3 that its type does not declare. */
interface Inside {
  readonly client: boolean
  readonly numInboundStreams: number
  readonly decoder: { readonly buffer: Uint8ArrayList }
  readonly streams: readonly { readonly streamId: number; readonly recvWindowCapacity: number }[]
  handleFrame: (frame: Frame) => void
  sendFrame: (header: Header) => void
}
const PARTS: readonly (keyof Inside)[] = [
  'client',
  'numInboundStreams',
  'decoder',
  'streams',
  'handleFrame',
  'sendFrame'
]

export interface MuxerOptions extends LineOptions {
  /** The limits and charges for what arrives on this connection, which is not encrypted yet. */
  payerOn: (socket: object) => Payer
  clock: Clock
  /** Is it a protocol that this node serves? */
  isServed: (protocol: string) => boolean
}

/**
 * Yamux, with limits. Yamux itself accepts any number of frames and answers them (pings, resets), buffers frames of up
 * to 4 GiB until they are complete, and lets streams be opened and closed without limit: here each packet and frame is
 * charged (Line), and a peer over its quota loses the connection. A muxer that gives up (more than ten streams before
 * the connection is ready) closes its connection, which would otherwise stay open and unusable until a ping fails.
 */
export function muxer(options: MuxerOptions): () => StreamMuxerFactory {
  const makeFactory = yamux({
    maxInboundStreams: MAX_STREAMS,
    // The window must stay below the read buffer, or a paused fast stream is reset.
    streamOptions: {
      maxStreamWindowSize: OUR_WINDOW_BYTES,
      maxReadBufferLength: 2 * OUR_WINDOW_BYTES,
      maxWriteBufferLength: 8 * MIB
    }
  })
  return () => {
    const factory = makeFactory()
    return {
      protocol: factory.protocol,
      createStreamMuxer: (connection) => {
        const made = factory.createStreamMuxer(connection)
        const inside = insideOf(made)
        if (!isEncrypted(connection)) throw new TypeError('an encrypted connection has no stream or onData any more')
        const line = new Line(options, options.payerOn(connection.stream), (error) => {
          connection.abort(error)
        })
        connection.addEventListener('close', () => {
          line.closed()
        })
        connection.maxWriteBufferLength = MAX_UNSENT_BYTES
        const onPacket = connection.onData.bind(connection)
        connection.onData = (data) => {
          line.packet()
          onPacket(data)
        }
        const onBytes = made.onData.bind(made)
        const handle = inside.handleFrame.bind(inside)
        let pieces = 0
        inside.handleFrame = (frame) => {
          pieces = 0
          if (admits(frame.header, inside, line)) handle(frame)
        }
        made.onData = (data) => {
          onBytes(data)
          line.waits(inside.decoder.buffer.byteLength + ++pieces * PIECE_BYTES, waitsInVain(inside))
        }
        const create = made.onCreateStream.bind(made)
        made.onCreateStream = () => guardStream(create(), line, null)
        const receive = made.onRemoteStream.bind(made)
        made.onRemoteStream = (stream) => {
          // libp2p is told of a stream when data arrives on it: until then, opening and resetting it costs next to
          // nothing.
          made.streams.push(stream)
          const forget = (): void => {
            made.streams.splice(made.streams.indexOf(stream), 1)
          }
          const cancel = options.clock.after(SILENT_MS, () => {
            stream.abort(new Error('a stream without data'))
          })
          const close = (): void => {
            cancel()
            forget()
          }
          stream.addEventListener('close', close, { once: true })
          guardStream(stream, line, {
            isServed: options.isServed,
            onFirstData: () => {
              stream.removeEventListener('close', close)
              close()
              receive(stream)
            }
          })
        }
        const abort = made.abort.bind(made)
        made.abort = (error) => {
          abort(error)
          if (connection.status === 'open') connection.abort(error)
        }
        return made
      }
    }
  }
}

/** False: the frame opens a stream, and is refused. */
function admits({ type, flag, streamID, length }: Header, inside: Inside, line: Line): boolean {
  const isOpening = streamID !== 0 && (flag & SYN) === SYN
  const isStray = type === DATA && !isOpening && !inside.streams.some(({ streamId }) => streamId === streamID)
  line.frame(type === PING)
  if (isStray) line.wastes(length)
  if (!isOpening || line.opens(inside.numInboundStreams >= MAX_STREAMS)) return true
  inside.sendFrame({ type: WINDOW_UPDATE, flag: RST, streamID, length: 0 })
  return false
}

/** Is the current frame larger than its stream may send, or might have sent before it was reset? */
function waitsInVain({ client, decoder: { buffer }, streams }: Inside): boolean {
  if (buffer.byteLength < HEADER_BYTES || buffer.get(1) !== DATA) return false
  const header = buffer.slice(0, HEADER_BYTES)
  const view = new DataView(header.buffer, header.byteOffset)
  const id = view.getUint32(4)
  const isOurs = client === (id % 2 === 1)
  const most =
    streams.find(({ streamId }) => streamId === id)?.recvWindowCapacity ??
    (isOurs ? OUR_WINDOW_BYTES : THEIR_WINDOW_BYTES)
  return view.getUint32(8) > most
}

function insideOf(made: object): Inside {
  for (const part of PARTS) if (!(part in made)) throw new TypeError(`yamux has no ${part} any more`)
  return made as Inside
}

/** Members of a Noise connection that its type does not declare: the connection below it, too. */
interface Encrypted {
  readonly stream: object
  onData: (data: Uint8Array | Uint8ArrayList) => void
}
function isEncrypted(connection: object): connection is Encrypted {
  return 'stream' in connection && 'onData' in connection
}
