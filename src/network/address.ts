import { peerIdFromString } from '@libp2p/peer-id'
import { multiaddr, type Multiaddr } from '@multiformats/multiaddr'
import type { PeerId } from '@libp2p/interface'
import { NetworkError } from './network-error.js'

/** Characters of a peer id and of an address: base58 takes quadratic time, half a second for 6,000 of them. */
const MAX_PEER_CHARS = 128
const MAX_ADDRESS_CHARS = 1024

export interface PeerAddress {
  peer: PeerId
  addr: Multiaddr
}

/** A peer id in its text form. Throws BAD_ADDRESS. */
export function parsePeer(text: string): PeerId {
  try {
    if (text.length > MAX_PEER_CHARS) throw new RangeError('too long')
    return peerIdFromString(text)
  } catch (cause) {
    throw new NetworkError('BAD_ADDRESS', `not a peer id: ${JSON.stringify(text.slice(0, 80))}${meant(text)}`, {
      cause
    })
  }
}

/**
 * A multiaddr that ends in /p2p/<peer id>. Without the peer id anyone at that address could pose as the peer, so it is
 * required.
 * Throws BAD_ADDRESS.
 */
export function parsePeerAddress(text: string): PeerAddress {
  const shown = JSON.stringify(text.slice(0, 200))
  let addr: Multiaddr
  try {
    if (text.length > MAX_ADDRESS_CHARS) throw new RangeError('too long')
    addr = multiaddr(text)
  } catch (cause) {
    throw new NetworkError('BAD_ADDRESS', `not a multiaddr: ${shown}${meant(text)}`, { cause })
  }
  const last = addr.getComponents().at(-1)
  if (last?.name !== 'p2p' || last.value === undefined)
    throw new NetworkError('BAD_ADDRESS', `the address does not end in /p2p/<peer id>: ${shown}`)
  return { peer: parsePeer(last.value), addr }
}

/** What TCP can listen on: an address of this machine (or a name of it), and a port. Throws BAD_ADDRESS. */
export function parseListenAddress(text: string): Multiaddr {
  const shown = JSON.stringify(text.slice(0, 200))
  let addr: Multiaddr
  try {
    if (text.length > MAX_ADDRESS_CHARS) throw new RangeError('too long')
    addr = multiaddr(text)
  } catch (cause) {
    throw new NetworkError('BAD_ADDRESS', `not a multiaddr: ${shown}${meant(text)}`, { cause })
  }
  const [host, port, ...rest] = addr.getComponents().filter(({ name }) => name !== 'ip6zone')
  if (host === undefined || !HOSTS.includes(host.name) || port?.name !== 'tcp' || rest.length > 0) {
    throw new NetworkError('BAD_ADDRESS', `only TCP is listened on, as in /ip4/0.0.0.0/tcp/7440: ${shown}`)
  }
  if (!(Number(port.value) <= MAX_PORT)) throw new NetworkError('BAD_ADDRESS', `a port is 0 to ${MAX_PORT}: ${shown}`)
  return addr
}

const HOSTS = ['ip4', 'ip6', 'dns', 'dns4', 'dns6']
const MAX_PORT = 65_535

/** `host:port` is what most programs take. */
function meant(text: string): string {
  const [, host, port] = /^(?:\w+:\/\/)?\[?([\w.:-]*?)\]?:(\d{1,5})$/.exec(text) ?? []
  if (host === undefined || port === undefined) return ''
  const kind =
    host === '' || host === '*'
      ? 'ip4/0.0.0.0'
      : /^[\d.]+$/.test(host)
        ? `ip4/${host}`
        : host.includes(':')
          ? `ip6/${host}`
          : `dns/${host}`
  return `; did you mean /${kind}/tcp/${port}?`
}

/** An address as text that always ends in the peer id. */
export function withPeer(addr: Multiaddr, peer: string): string {
  const text = addr.toString()
  return text.endsWith(`/p2p/${peer}`) ? text : `${text}/p2p/${peer}`
}
