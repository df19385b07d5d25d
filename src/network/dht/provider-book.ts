/**
 * Which provider records this node keeps for the DHT, and which of them it hands out (FAULTS S7): kad-dht itself keeps
 * all of them for two days, and peer ids cost nothing. IP addresses are scarce: each has few places for a key and in
 * all; when places run out, a record of higher rank replaces one of lower rank.
 */
import { embeddedIPv4, ipBytes } from '../dialling/ip.js'

/** Limits of records: of all peers, of one peer, and for one key. */
const MAX_ROWS = 20_000
const MAX_PER_PEER = 1_024
const MAX_PER_KEY = 64
/**
 * Limits of records for one key, by the length in bits of the network; for all keys together the limit is this many
 * times as high.
 */
const MAX_PER_NET = { v4: { 24: 8 }, v6: { 64: 8, 56: 12, 48: 16 } } as const
const IN_ALL = 256
/** Milliseconds after which a record that was not renewed is deleted; nodes renew theirs every hour. */
export const VALID_MS = 2 * 60 * 60_000
/** Milliseconds after which a record that should have been renewed may be replaced. */
const OVERDUE_MS = 70 * 60_000
/** Records of one answer. */
const MAX_ANSWER = 20
/**
 * When there are too many in all, this share of them is removed at once, because finding them needs a scan of all; and
 * there is no further scan for this many ms when none may be removed.
 */
const FORGET_SHARE = 1 / 32
const FULL_MS = 10_000

/** 0: not connected. 1: an unknown peer. 2: a peer that this node exchanges ledgers with. */
export type Rank = 0 | 1 | 2

export interface Provided {
  key: string
  peer: string
}
interface Row extends Provided {
  nets: Net[]
  at: number
}
interface Net {
  name: string
  max: number
}

export interface ProviderBounds {
  rows: number
  perPeer: number
  perKey: number
}

export interface ProviderBookOptions {
  /** The own peer id: its records are always accepted and never removed. */
  self: string
  rankOf: (peer: string) => Rank
  bounds?: Partial<ProviderBounds>
}

export class ProviderBook {
  readonly #options: ProviderBookOptions
  readonly #bounds: ProviderBounds
  /** By key and by peer. */
  readonly #rows = new Map<string, Map<string, Row>>()
  readonly #ofPeer = new Map<string, number>()
  readonly #ofNet = new Map<string, number>()
  #size = 0
  /** Until when no room is searched for a record of no higher rank and no fewer neighbours. */
  #full = { until: 0, rank: 0, weight: 0 }

  constructor(options: ProviderBookOptions) {
    this.#options = options
    this.#bounds = { rows: MAX_ROWS, perPeer: MAX_PER_PEER, perKey: MAX_PER_KEY, ...options.bounds }
  }

  get size(): number {
    return this.#size
  }

  /**
   * `host`: the IP address that the record comes from; null: not known. Returns the records that are removed for it;
   * null: it is not accepted. `now` in ms since the epoch.
   */
  put({ key, peer }: Provided, host: string | null, now: number): Provided[] | null {
    const row: Row = { key, peer, nets: netsOf(host), at: now }
    const known = this.#rows.get(key)?.get(peer)
    if (known !== undefined) this.#remove(known)
    const gone = peer === this.#options.self ? [] : this.#room(row, now)
    // A peer that has a record already keeps its old place when there is no new one.
    if (gone === null && known === undefined) return null
    this.#add(gone === null ? { ...known!, at: now } : row)
    return gone ?? []
  }

  delete({ key, peer }: Provided): void {
    const row = this.#rows.get(key)?.get(peer)
    if (row !== undefined) this.#remove(row)
  }

  /** When the record was last received; null: there is none. */
  toldAt({ key, peer }: Provided): number | null {
    return this.#rows.get(key)?.get(peer)?.at ?? null
  }

  /**
   * The own record first, then one of each network, those of highest rank and newest first, then the next of each.
   * `isKnown`: does the peer have addresses?
   */
  answer(key: string, now: number, isKnown: (peer: string) => boolean): string[] {
    const { self, rankOf } = this.#options
    const valid = [...(this.#rows.get(key)?.values() ?? [])].filter(
      ({ peer, at }) => peer === self || (at + VALID_MS > now && isKnown(peer))
    )
    const own = valid.filter(({ peer }) => peer === self).map(({ peer }) => peer)
    const nets = new Map<string, Row[]>()
    for (const row of valid
      .filter(({ peer }) => peer !== self)
      .toSorted((a, b) => rankOf(b.peer) - rankOf(a.peer) || b.at - a.at)) {
      const name = row.nets.at(-1)!.name
      nets.set(name, [...(nets.get(name) ?? []), row])
    }
    const chosen: string[] = []
    for (let turn = 0; chosen.length < valid.length - own.length; turn++) {
      for (const rows of nets.values()) chosen.push(...rows.slice(turn, turn + 1).map(({ peer }) => peer))
    }
    return [...own, ...chosen].slice(0, MAX_ANSWER)
  }

  /** Makes room for a new row; null: there is none. */
  #room(row: Row, now: number): Row[] | null {
    const { perPeer, perKey, rows: max } = this.#bounds
    if ((this.#ofPeer.get(row.peer) ?? 0) >= perPeer) return null
    const here = [...(this.#rows.get(row.key)?.values() ?? [])].filter(({ peer }) => peer !== this.#options.self)
    const gone = new Set(here.filter(({ at }) => at + VALID_MS <= now))
    const left = (): Row[] => here.filter((one) => !gone.has(one))
    for (const net of row.nets) {
      if ((this.#ofNet.get(net.name) ?? 0) >= net.max * IN_ALL) return null
      const same = left().filter(({ nets }) => nets.some(({ name }) => name === net.name))
      if (same.length < net.max) continue
      const victim = this.#victim(same, row, now)
      if (victim === null) return null
      gone.add(victim)
    }
    if (left().length >= perKey) {
      const victim = this.#victim(left(), row, now)
      if (victim === null) return null
      gone.add(victim)
    }
    if (this.#size - gone.size >= max) {
      const some = this.#forgettable(row, now)
      if (some.length === 0) return null
      for (const one of some) gone.add(one)
    }
    for (const one of gone) this.#remove(one)
    return [...gone]
  }

  /**
   * The row of lowest rank, of the network that has most of them, received longest ago; null: none ranks lower than the
   * new one.
   */
  #victim(rows: Row[], fresh: Row, now: number): Row | null {
    const counts = new Map<string, number>()
    for (const { nets } of rows) for (const { name } of nets) counts.set(name, (counts.get(name) ?? 0) + 1)
    const weight = ({ nets }: Row): number => Math.max(...nets.map(({ name }) => counts.get(name) ?? 0))
    const { rankOf } = this.#options
    const rank = (row: Row): number => (row.at + OVERDUE_MS <= now ? -1 : rankOf(row.peer))
    const worst = rows.toSorted((a, b) => rank(a) - rank(b) || weight(b) - weight(a) || a.at - b.at)[0]
    if (worst === undefined) return null
    const [mine, its] = [rankOf(fresh.peer), rank(worst)]
    return its < mine || (its === mine && weight(worst) > weight(fresh) + 1) ? worst : null
  }

  #forgettable(fresh: Row, now: number): Row[] {
    const { rankOf, self } = this.#options
    const rank = (row: Row): number =>
      row.at + VALID_MS <= now ? -2 : row.at + OVERDUE_MS <= now ? -1 : rankOf(row.peer)
    const weight = ({ nets }: Row): number => Math.max(...nets.map(({ name }) => this.#ofNet.get(name) ?? 0))
    const [mine, own] = [rankOf(fresh.peer), weight(fresh)]
    if (now < this.#full.until && mine <= this.#full.rank && own >= this.#full.weight) return []
    const some = [...this.#rows.values()]
      .flatMap((rows) => [...rows.values()])
      .filter((row) => row.peer !== self)
      .map((row) => ({ row, rank: rank(row), weight: weight(row) }))
      .filter((one) => one.rank < mine || (one.rank === mine && one.weight > own + 1))
      .sort((a, b) => a.rank - b.rank || b.weight - a.weight || a.row.at - b.row.at)
      .slice(0, Math.ceil(this.#bounds.rows * FORGET_SHARE))
      .map(({ row }) => row)
    if (some.length === 0) this.#full = { until: now + FULL_MS, rank: mine, weight: own }
    return some
  }

  #add(row: Row): void {
    const rows = this.#rows.get(row.key) ?? new Map<string, Row>()
    this.#rows.set(row.key, rows.set(row.peer, row))
    this.#count(row, 1)
  }

  #remove(row: Row): void {
    const rows = this.#rows.get(row.key)
    if (rows?.delete(row.peer) !== true) return
    if (rows.size === 0) this.#rows.delete(row.key)
    this.#count(row, -1)
  }

  #count({ peer, nets }: Row, by: 1 | -1): void {
    if (peer !== this.#options.self) this.#size += by
    add(this.#ofPeer, peer, by)
    for (const { name } of nets) add(this.#ofNet, name, by)
  }
}

/** The networks that an IP address is in, the narrowest first. */
function netsOf(host: string | null): Net[] {
  const bytes = host === null ? null : ipBytes(host)
  if (bytes === null) return [{ name: 'unknown', max: MAX_PER_NET.v4[24] }]
  const v4 = bytes.length === 4 ? bytes : embeddedIPv4(bytes)
  if (v4 !== null) return [{ name: `4/${v4.slice(0, 3).join('.')}`, max: MAX_PER_NET.v4[24] }]
  return ([64, 56, 48] as const).map((bits) => ({
    name: `6/${bits}/${bytes.slice(0, bits / 8).join('.')}`,
    max: MAX_PER_NET.v6[bits]
  }))
}

function add(counts: Map<string, number>, name: string, by: number): void {
  const count = (counts.get(name) ?? 0) + by
  if (count > 0) counts.set(name, count)
  else counts.delete(name)
}
