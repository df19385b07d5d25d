import { isCoded, LedgermeshError } from '../../core/errors.js'
import type { NodeRecord } from '../../core/node-record.js'
import type { Clock } from '../../ports.js'
import { NetworkError, type Host } from '../../network/host.js'
import type { KnownNode } from './peer-directory.js'
import { deadline } from '../runtime/deadline.js'

/** Addresses of one record that are tried. */
const MAX_ADDRS = 4
/** Nodes that are dialled because a record names them. */
const MAX_HINTS = 16
/** One dial, in ms. */
const DIAL_TIMEOUT_MS = 5_000

/** The error text for a peer that closes the connection. */
export const CLOSED_BY_PEER = 'closed the connection: it belongs to another network, or does not admit this node'

export interface Dialler {
  host: Host
  clock: Clock
}

/** Connects to the node that the record names; addresses with another peer id are ignored. Throws UNREACHABLE. */
export async function dialRecord(
  { host, clock }: Dialler,
  { peer_id: peer, addrs }: Pick<NodeRecord, 'peer_id' | 'addrs'>,
  signal: AbortSignal
): Promise<string> {
  if (host.isConnected(peer)) return peer
  let problem = 'it has no address'
  // Addresses that are never dialled must not take the places of usable ones.
  const own = addrs.filter((text) => text.endsWith(`/p2p/${peer}`))
  const dialled = own.filter((text) => host.mayDial(text)).slice(0, MAX_ADDRS)
  if (own.length > 0 && dialled.length === 0)
    problem = `${own[0]!} is not an address that others may choose (see publicNetwork in the configuration)`
  for (const addr of dialled) {
    try {
      return await host.dialHearsay(addr, deadline(clock, DIAL_TIMEOUT_MS, signal))
    } catch (error) {
      problem = (error as Error).message
    }
  }
  throw new LedgermeshError('UNREACHABLE', `${peer}: ${problem}`)
}

/** Dials a few of the known nodes that are not connected. */
export function dialKnown(dialler: Dialler, nodes: KnownNode[], signal: AbortSignal): Promise<string>[] {
  return nodes
    .filter(({ record, status }) => status !== 'online' && record.peer_id !== dialler.host.peerId)
    .slice(0, MAX_HINTS)
    .map(({ record }) => dialRecord(dialler, record, signal))
}

/** Dials a multiaddr or a peer id that the operator named. Throws UNREACHABLE, REFUSED, PSK_DIFFERS or BAD_ADDRESS. */
export async function dialAddress(host: Host, address: string, signal: AbortSignal): Promise<string> {
  try {
    return await host.dial(address, signal)
  } catch (error) {
    if (isCoded(error)) throw error
    if (error instanceof NetworkError && error.noHandshake) {
      throw new LedgermeshError(
        'PSK_DIFFERS',
        `${address}: the handshake does not decrypt: the two nodes have different pre-shared keys (psk), or one of them has none`,
        undefined,
        { cause: error }
      )
    }
    // It is chance whether the peer closes before or after both sides have opened: PeerSessions has the same text.
    if (error instanceof NetworkError && error.wasClosed)
      throw new LedgermeshError('REFUSED', `${address} ${CLOSED_BY_PEER}`, undefined, { cause: error })
    const bad = error instanceof NetworkError && error.code === 'BAD_ADDRESS'
    throw new LedgermeshError(
      bad ? 'BAD_ADDRESS' : 'UNREACHABLE',
      `${address}: ${(error as Error).message}`,
      undefined,
      { cause: error }
    )
  }
}
