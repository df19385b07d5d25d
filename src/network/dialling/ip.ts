/** IP addresses as numbers, so that every way of writing one is the same address. */
import { isIPv4, isIPv6 } from 'node:net'

/** The bytes of an address: 4, or 16; null: not an address. A zone (`%eth0`) is left out. */
export function ipBytes(text: string): number[] | null {
  const [host = ''] = text.split('%')
  if (isIPv4(host)) return host.split('.').map(Number)
  if (!isIPv6(host)) return null
  const [head = '', tail] = host.split('::')
  const left = groupsOf(head)
  const right = groupsOf(tail ?? '')
  return [...left, ...Array.from({ length: 16 - left.length - right.length }, () => 0), ...right]
}

/**
 * The IPv4 address that an IPv6 address embeds: mapped and compatible ones (::/96, ::ffff:0:0/96, ::ffff:0:0:0/96),
 * NAT64 (64:ff9b::/96), 6to4 (2002::/16); null: none. :: and ::1 are no IPv4 addresses.
 */
export function embeddedIPv4(bytes: number[]): number[] | null {
  const zeros = (from: number, to: number): boolean => bytes.slice(from, to).every((byte) => byte === 0)
  const last = bytes.slice(12)
  if (zeros(0, 12)) return zeros(12, 15) && last[3]! <= 1 ? null : last
  if (zeros(0, 10) && bytes[10] === 0xff && bytes[11] === 0xff) return last
  if (zeros(0, 8) && bytes[8] === 0xff && bytes[9] === 0xff && zeros(10, 12)) return last
  if (bytes[0] === 0 && bytes[1] === 0x64 && bytes[2] === 0xff && bytes[3] === 0x9b && zeros(4, 12)) return last
  if (bytes[0] === 0x20 && bytes[1] === 0x02) return bytes.slice(2, 6)
  return null
}

function groupsOf(text: string): number[] {
  if (text === '') return []
  return text.split(':').flatMap((group) => {
    if (group.includes('.')) return group.split('.').map(Number)
    const value = Number.parseInt(group, 16)
    return [value >> 8, value & 0xff]
  })
}
