/**
 * Classifies addresses (FAULTS S10): unknown peers send us addresses, and must not choose what this machine connects
 * to.
 */
import { BlockList } from 'node:net'
import type { Multiaddr } from '@multiformats/multiaddr'
import { embeddedIPv4, ipBytes } from './ip.js'

/**
 * never: addresses that no peer can have: link-local, multicast, unspecified, reserved; and anything but an IP or DNS
 * name with a TCP port (sockets of this machine, relays, dnsaddr). name: a DNS name, classified again when it is
 * resolved.
 */
export type AddressClass = 'never' | 'loopback' | 'private' | 'public' | 'name'

/** 192.0.0.0/24 and 240.0.0.0/4 are reserved by the IETF. */
const NEVER = lists(
  [
    ['0.0.0.0', 8],
    ['169.254.0.0', 16],
    ['192.0.0.0', 24],
    ['224.0.0.0', 4],
    ['240.0.0.0', 4]
  ],
  [
    ['::', 128],
    ['fe80::', 10],
    ['fec0::', 10],
    ['ff00::', 8],
    ['100::', 64],
    ['64:ff9b:1::', 48],
    ['2001::', 32]
  ]
)
const LOOPBACK = lists([['127.0.0.0', 8]], [['::1', 128]])
/** RFC 1918, carrier NAT, benchmarks and documentation: not reachable over the internet. */
const PRIVATE = lists(
  [
    ['10.0.0.0', 8],
    ['172.16.0.0', 12],
    ['192.168.0.0', 16],
    ['100.64.0.0', 10],
    ['198.18.0.0', 15],
    ['192.0.2.0', 24],
    ['198.51.100.0', 24],
    ['203.0.113.0', 24]
  ],
  [
    ['fc00::', 7],
    ['2001:db8::', 32]
  ]
)

const IPS = ['ip4', 'ip6']
const NAMES = ['dns', 'dns4', 'dns6']

export function classOf(addr: Multiaddr): AddressClass {
  const [host, transport, peer, ...more] = addr.getComponents()
  if (
    host?.value === undefined ||
    transport?.name !== 'tcp' ||
    transport.value === '0' ||
    (peer !== undefined && peer.name !== 'p2p') ||
    more.length > 0
  )
    return 'never'
  if (NAMES.includes(host.name)) return 'name'
  return IPS.includes(host.name) ? classOfIp(host.value) : 'never'
}

/** The class of an IP address in any spelling; an IPv6 address that embeds an IPv4 one has the class of that one. */
export function classOfIp(text: string): Exclude<AddressClass, 'name'> {
  const bytes = ipBytes(text)
  if (bytes === null) return 'never'
  const v4 = bytes.length === 4 ? bytes : embeddedIPv4(bytes)
  const [host, family] = v4 === null ? [text.split('%')[0]!, 'ipv6' as const] : [v4.join('.'), 'ipv4' as const]
  if (NEVER.check(host, family)) return 'never'
  if (LOOPBACK.check(host, family)) return 'loopback'
  return PRIVATE.check(host, family) ? 'private' : 'public'
}

/** The host and port that a dial goes to, in one spelling per endpoint; null: no IP or DNS name with a TCP port. */
export function targetOf(addr: Multiaddr): { host: string; port: string } | null {
  const [host, transport] = addr.getComponents()
  if (host?.value === undefined || transport?.name !== 'tcp' || transport.value === undefined) return null
  const bytes = ipBytes(host.value)
  if (bytes === null) return { host: host.value.toLowerCase().replace(/\.$/, ''), port: transport.value }
  return { host: ((bytes.length === 4 ? null : embeddedIPv4(bytes)) ?? bytes).join('.'), port: transport.value }
}

function lists(v4: [string, number][], v6: [string, number][]): BlockList {
  const list = new BlockList()
  for (const [net, prefix] of v4) list.addSubnet(net, prefix, 'ipv4')
  for (const [net, prefix] of v6) list.addSubnet(net, prefix, 'ipv6')
  return list
}
