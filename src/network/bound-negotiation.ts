import type { MessageStream } from '@libp2p/interface'
import type { Uint8ArrayList } from 'uint8arraylist'
import { Negotiation } from './negotiation.js'

/** Members of a libp2p connection that its type does not declare. */
interface OnBytes {
  onData: (data: Uint8Array | Uint8ArrayList) => void
  readonly readBuffer: Uint8ArrayList
}

/** Bounds what the other side of a connection may send until it agrees to `protocol`, the only one on offer. */
export function boundNegotiation<C extends MessageStream>(connection: C, protocol: string): C {
  if (!isOnBytes(connection)) throw new TypeError('a connection has no onData any more')
  const negotiation = new Negotiation((name) => name === protocol)
  const onData = connection.onData.bind(connection)
  const admits = (data: Uint8Array | Uint8ArrayList): boolean => {
    const admitted = negotiation.admits(data)
    if (!admitted) connection.abort(new Error(`no negotiation of ${protocol}`))
    return admitted
  }
  connection.onData = (data) => {
    if (admits(data)) onData(data)
  }
  if (connection.readBuffer.byteLength > 0) admits(connection.readBuffer)
  return connection
}

function isOnBytes(connection: object): connection is OnBytes {
  return 'onData' in connection && 'readBuffer' in connection
}
