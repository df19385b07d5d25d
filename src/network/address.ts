import { peerIdFromString } from '@libp2p/peer-id'
import { multiaddr, type Multiaddr } from '@multiformats/multiaddr'
import type { PeerId } from '@libp2p/interface'
import { NetworkError } from './network-error.js'

/** Characters of a peer id and of an address: base58 takes quadratic time, half a second for 6,000 of them. */
const MAX_PEER_CHARS = 128
const MAX_ADDRESS_CHARS = 1024

export interface PeerAddress { peer: PeerId, addr: Multiaddr }

/** A peer id in its text form. Throws BAD_ADDRESS. */
export function parsePeer (text: string): PeerId {
  try {
    if (text.length > MAX_PEER_CHARS) throw new RangeError('too long')
    return peerIdFromString(text)
  } catch (cause) {
    throw new NetworkError('BAD_ADDRESS', `not a peer id: ${JSON.stringify(text.slice(0, 80))}`, { cause })
  }
}

/**
 * A multiaddr that ends in /p2p/<peer id>. Without the peer id anyone at that address could pose as the peer, so it is required.
 * Throws BAD_ADDRESS.
 */
export function parsePeerAddress (text: string): PeerAddress {
  const shown = JSON.stringify(text.slice(0, 200))
  let addr: Multiaddr
  try {
    if (text.length > MAX_ADDRESS_CHARS) throw new RangeError('too long')
    addr = multiaddr(text)
  } catch (cause) {
    throw new NetworkError('BAD_ADDRESS', `not a multiaddr: ${shown}`, { cause })
  }
  const last = addr.getComponents().at(-1)
  if (last?.name !== 'p2p' || last.value === undefined) throw new NetworkError('BAD_ADDRESS', `the address does not end in /p2p/<peer id>: ${shown}`)
  return { peer: parsePeer(last.value), addr }
}

/** An address as text that always ends in the peer id. */
export function withPeer (addr: Multiaddr, peer: string): string {
  const text = addr.toString()
  return text.endsWith(`/p2p/${peer}`) ? text : `${text}/p2p/${peer}`
}
