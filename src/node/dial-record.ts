import { isCoded, LedgermeshError } from '../core/errors.js'
import type { NodeRecord } from '../core/node-record.js'
import { NetworkError, type Host } from '../network/host.js'
import type { KnownNode } from './directory.js'

/** Addresses of one record that are tried. */
const MAX_ADDRS = 4
/** Nodes that are dialled because a record names them. */
const MAX_HINTS = 16
/** One dial, in ms. */
const DIAL_TIMEOUT_MS = 5_000

/** Connects to the node that the record names; addresses of another peer are no addresses of it. Throws UNREACHABLE. */
export async function dialRecord (host: Host, { peer_id: peer, addrs }: Pick<NodeRecord, 'peer_id' | 'addrs'>, signal: AbortSignal): Promise<string> {
  if (host.isConnected(peer)) return peer
  let problem = 'it has no address'
  for (const addr of addrs.filter((text) => text.endsWith(`/p2p/${peer}`)).slice(0, MAX_ADDRS)) {
    try {
      return await host.dial(addr, AbortSignal.any([signal, AbortSignal.timeout(DIAL_TIMEOUT_MS)]))
    } catch (error) {
      problem = (error as Error).message
    }
  }
  throw new LedgermeshError('UNREACHABLE', `${peer}: ${problem}`)
}

/** Dials the nodes that are known and not connected, a few of them. */
export function dialKnown (host: Host, nodes: KnownNode[], signal: AbortSignal): Promise<string>[] {
  return nodes.filter(({ record, status }) => status !== 'online' && record.peer_id !== host.peerId).slice(0, MAX_HINTS).map(({ record }) => dialRecord(host, record, signal))
}

/** Dials a multiaddr or a peer id. Throws UNREACHABLE or BAD_ADDRESS. */
export async function dialAddress (host: Host, address: string, signal: AbortSignal): Promise<string> {
  try {
    return await host.dial(address, signal)
  } catch (error) {
    if (isCoded(error)) throw error
    const bad = error instanceof NetworkError && error.code === 'BAD_ADDRESS'
    throw new LedgermeshError(bad ? 'BAD_ADDRESS' : 'UNREACHABLE', `${address}: ${(error as Error).message}`, undefined, { cause: error })
  }
}
