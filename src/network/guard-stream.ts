import type { Stream } from '@libp2p/interface'
import type { Uint8ArrayList } from 'uint8arraylist'
import { PIECE_BYTES, type Holding } from './held.js'
import type { Line } from './line.js'
import { Negotiation } from './negotiation.js'
import { asError } from './network-error.js'

/**
 * Of a stream that the remote opened: the protocols that this node serves, and what is to happen before its first bytes
 * are handed on.
 */
export interface Theirs {
  readonly isServed: (protocol: string) => boolean
  readonly onFirstData: () => void
}

/** What a stream of yamux 8.0.3 is made of, beyond what its type says. */
export interface YamuxStream extends Stream {
  readonly state: number
  readonly recvWindow: number
  readonly recvWindowCapacity: number
  maxStreamWindowSize: number
  onData: (data: Uint8Array | Uint8ArrayList) => void
  dispatchReadBuffer: () => void
  sendWindowUpdate: () => void
}
/** Bytes that one of theirs may send before it is read: the smallest window that yamux has. */
export const THEIR_WINDOW_BYTES = 256 * 1024
/** Part of a window that may be open without a word of it. */
const OPEN_SHARE = 3 / 4
/** States of a stream of which the other side has not heard from us yet: the next frame says that it is there. */
const [INIT, SYN_RECEIVED] = [0, 2]

/**
 * A stream with three holes stopped. It lets the remote send on while nobody reads: here only what was read opens the
 * window again, and only when a quarter of it is used up (yamux answers each frame, of one byte too; at half, windows
 * grow too late). It announces itself, and resumes, by a write that throws where nobody can catch it when the
 * connection was closed in between: here the stream is aborted. And what one of theirs says until a protocol is agreed
 * on is bounded.
 */
export function guardStream<S extends object>(made: S, line: Line, theirs: Theirs | null): S {
  const stream = partsOf(made)
  const announce = stream.sendWindowUpdate.bind(stream)
  const dispatch = stream.dispatchReadBuffer.bind(stream)
  const onData = stream.onData.bind(stream)
  const negotiation = theirs === null ? null : new Negotiation(theirs.isServed)
  if (theirs !== null) stream.maxStreamWindowSize = THEIR_WINDOW_BYTES
  const holding: Holding = line.holding(() => {
    stream.abort(new Error('others need the room'))
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
      stream.abort(new Error('a negotiation that is none, or does not end'))
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
    if (!holding.set(left === 0 ? 0 : left + pieces * PIECE_BYTES)) stream.abort(new Error('too much that is not read'))
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
