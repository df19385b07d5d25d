import type { Stream } from '@libp2p/interface'
import type { Uint8ArrayList } from 'uint8arraylist'
import { PIECE_BYTES, type Holding } from './held.js'
import type { Line } from './line.js'
import { Negotiation } from './negotiation.js'
import { asError } from './network-error.js'

/**
 * For a stream that the remote opened: the protocols that this node serves, and a callback before its first bytes are
 * passed on.
 */
export interface Theirs {
  readonly isServed: (protocol: string) => boolean
  readonly onFirstData: () => void
}

/** Members of a yamux 8.0.3 stream that its type does not declare. */
export interface YamuxStream extends Stream {
  readonly state: number
  readonly recvWindow: number
  readonly recvWindowCapacity: number
  maxStreamWindowSize: number
  onData: (data: Uint8Array | Uint8ArrayList) => void
  dispatchReadBuffer: () => void
  sendWindowUpdate: () => void
}
/** Bytes that the remote may send on a stream that it opened before they are read: the smallest window of yamux. */
export const THEIR_WINDOW_BYTES = 256 * 1024
/** Share of a window that may be free without a window update. */
const OPEN_SHARE = 3 / 4
/** States of a stream that has not been announced to the other side yet: the next frame announces it. */
const [INIT, SYN_RECEIVED] = [0, 2]

/**
 * Fixes three faults of a yamux stream. Yamux lets the remote go on sending when the stream is not read: here only
 * bytes that were read open the window again, and only when a quarter of it is used up (yamux answers each frame, even
 * of one byte; at half, windows grow too late). Yamux announces and resumes a stream by a write that throws an error
 * that cannot be caught when the connection was closed in between: here the stream is aborted. And the negotiation of a
 * stream that the remote opened is bounded.
 */
export function guardStream<S extends object>(made: S, line: Line, theirs: Theirs | null): S {
  const stream = partsOf(made)
  const announce = stream.sendWindowUpdate.bind(stream)
  const dispatch = stream.dispatchReadBuffer.bind(stream)
  const onData = stream.onData.bind(stream)
  const negotiation = theirs === null ? null : new Negotiation(theirs.isServed)
  if (theirs !== null) stream.maxStreamWindowSize = THEIR_WINDOW_BYTES
  const holding: Holding = line.holding(() => {
    stream.abort(new Error('the memory is needed for others'))
  })
  let pieces = 0
  let isSilent = true
  stream.sendWindowUpdate = () => {
    const isHeard = stream.state !== INIT && stream.state !== SYN_RECEIVED
    if (isHeard && (stream.readBufferLength > 0 || stream.recvWindowCapacity > stream.recvWindow * OPEN_SHARE)) return
    try {
      announce()
    } catch (error) {
      stream.abort(asError(error))
    }
  }
  stream.onData = (data) => {
    if (data.byteLength === 0) return // as yamux itself has it
    if (negotiation?.admits(data) === false) {
      line.failsToNegotiate(data.byteLength)
      stream.abort(new Error('an invalid or endless negotiation'))
      return
    }
    if (isSilent) theirs?.onFirstData()
    isSilent = false
    pieces++
    onData(data)
  }
  stream.dispatchReadBuffer = () => {
    const had = stream.readBufferLength
    dispatch()
    const left = stream.readBufferLength
    if (left === 0) pieces = 0
    if (!holding.set(left === 0 ? 0 : left + pieces * PIECE_BYTES)) stream.abort(new Error('too many unread bytes'))
    else if (had > left && stream.status === 'open') stream.sendWindowUpdate()
  }
  stream.addEventListener(
    'close',
    () => {
      holding.end()
    },
    { once: true }
  )
  return made
}

function partsOf(stream: object): YamuxStream {
  for (const part of [
    'state',
    'recvWindow',
    'recvWindowCapacity',
    'maxStreamWindowSize',
    'onData',
    'dispatchReadBuffer',
    'sendWindowUpdate'
  ]) {
    if (!(part in stream)) throw new TypeError(`a stream of yamux has no ${part} any more`)
  }
  return stream as YamuxStream
}
