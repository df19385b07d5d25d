import type { LoadLevel } from '../../network/host.js'
import type { HealthReport, NodeStatus, PeerStatus } from '../api/node.js'

type Check = HealthReport['checks'][number]

/**
 * A clock that differs this much from those of its peers (ms) soon makes new node records look expired, or of the
 * future.
 */
export const MAX_CLOCK_OFFSET_MS = 30_000
/** With fewer peers it cannot be decided whose clock is wrong. */
const MIN_CLOCKS = 3

export function peersCheck(peers: PeerStatus[]): Check {
  if (peers.length === 0) {
    return {
      check: 'peers',
      ok: false,
      detail: 'no peers are connected',
      next: 'Name a node in the `bootstrap` list of config.json, or connect to one: `network.connect {address}`.'
    }
  }
  const strangers = peers.filter(({ ledger }) => ledger === null).length
  return {
    check: 'peers',
    ok: true,
    detail: `${peers.length} connected${strangers === 0 ? '' : `, ${strangers} of them without a ledger`}`,
    next: null
  }
}

/** By the median: no single peer can make this clock look wrong. `offsets`: theirs minus ours, ms. */
export function clockCheck(offsets: number[]): Check {
  const sorted = offsets.toSorted((a, b) => a - b)
  const median = sorted[Math.floor(sorted.length / 2)]
  if (median === undefined) return { check: 'clock', ok: true, detail: 'no peer to compare with', next: null }
  const measured = sorted.length === 1 ? 'one peer' : `the median of ${sorted.length} peers`
  if (Math.abs(median) <= MAX_CLOCK_OFFSET_MS)
    return { check: 'clock', ok: true, detail: `within ${MAX_CLOCK_OFFSET_MS / 1000} s of ${measured}`, next: null }
  const detail = `${(Math.abs(median) / 1000).toFixed(0)} s ${median > 0 ? 'behind' : 'ahead of'} ${measured}`
  return sorted.length < MIN_CLOCKS
    ? {
        check: 'clock',
        ok: true,
        detail: `${detail}: too few to say whose clock is wrong`,
        next: "Compare this machine's clock with a time server."
      }
    : { check: 'clock', ok: false, detail, next: "Set this machine's clock: let it follow a time server (NTP)." }
}

/** The delay of the event loop: a node that answers pings too late loses its peers. */
export function loadCheck({ level, delayMs }: { level: LoadLevel; delayMs: number }): Check {
  const detail = `${level}, the event loop is ${Math.round(delayMs)} ms late`
  switch (level) {
    case 'normal':
      return { check: 'load', ok: true, detail, next: null }
    case 'busy':
      return {
        check: 'load',
        ok: true,
        detail: `${detail}: strangers wait longer, hints are ignored`,
        next: 'Give this node more CPU if this persists.'
      }
    case 'overloaded':
      return {
        check: 'load',
        ok: false,
        detail: `${detail}: bulk requests are put off`,
        next: 'Give this node more CPU, follow fewer ledgers, or see with `network.peers` which peers ask so much.'
      }
  }
}

/** Can others dial an address that this node announces? */
export function listenCheck(addrs: string[], peers: PeerStatus[]): Check {
  const check = 'listen address'
  const next =
    'Listen on an address that others can reach: `"listen": ["/ip4/0.0.0.0/tcp/7440"]` in config.json, then restart the node.'
  if (addrs.length === 0) return { check, ok: false, detail: 'this node listens on no address', next }
  const scopes = new Set(addrs.map(scopeOf))
  if (scopes.has('public'))
    return { check, ok: true, detail: `${addrs.find((addr) => scopeOf(addr) === 'public')!}`, next: null }
  if (scopes.has('private'))
    return {
      check,
      ok: true,
      detail: `${addrs.find((addr) => scopeOf(addr) === 'private')!}: can be dialled within this local network only`,
      next: null
    }
  const together =
    peers.length > 0 &&
    peers.every((peer) => peer.addrs.length > 0 && peer.addrs.every((addr) => scopeOf(addr) === 'machine'))
  return together
    ? { check, ok: true, detail: 'this machine only, as all its peers', next: null }
    : { check, ok: false, detail: `only this machine can dial ${addrs[0]!}`, next }
}

export function dhtCheck({ mode, peers }: NodeStatus['dht'], connected: number): Check {
  const check = 'DHT'
  if (mode === 'off')
    return { check, ok: true, detail: 'switched off: ledgers are found by registry, DNS or by hand', next: null }
  if (mode === 'client')
    return {
      check,
      ok: false,
      detail: 'client mode: this node queries the DHT but serves no lookups',
      next: 'Make sure that its listen address can be reached from outside.'
    }
  if (peers === 0 && connected > 0)
    return {
      check,
      ok: false,
      detail: 'its routing table is empty: this node cannot be found and finds no peers',
      next: 'Connect to a node that takes part in the DHT of this network; bootstrap nodes do.'
    }
  return { check, ok: true, detail: `server, ${peers} in its table`, next: null }
}

/** Who can dial an address: `machine`: only this machine; `private`: nodes on the same local network. */
export function scopeOf(addr: string): 'machine' | 'private' | 'public' {
  const [, protocol, host = ''] = addr.toLowerCase().split('/')
  if (protocol === 'ip4') {
    if (/^(?:127|0)\./.test(host) || host.startsWith('169.254.')) return 'machine'
    return /^(?:10\.|192\.168\.|172\.(?:1[6-9]|2\d|3[01])\.|100\.(?:6[4-9]|[7-9]\d|1[01]\d|12[0-7])\.)/.test(host)
      ? 'private'
      : 'public'
  }
  if (protocol === 'ip6') {
    if (host === '::1' || host === '::' || /^fe[89ab]/.test(host)) return 'machine'
    return /^f[cd]/.test(host) ? 'private' : 'public'
  }
  return protocol?.startsWith('dns') === true && (host === 'localhost' || host.endsWith('.localhost'))
    ? 'machine'
    : 'public'
}
