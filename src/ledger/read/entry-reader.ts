/** Reads the entries of one ledger: the only place where stored bytes become entries and views again. */
import { unlessDamaged } from './unless-damaged.js'
import { chunks } from '../../store/chunks.js'
import type { Entry, RawEntry, SignedHeader } from '../../core/entry.js'
import { LedgermeshError } from '../../core/errors.js'
import { sha256, type Hash } from '../../core/hash.js'
import type { Header } from '../../core/header.js'
import { viewEntry, type LedgerEntry, type PayloadState } from '../../core/view.js'
import type { Log } from '../../ports.js'
import {
  hashPrefixRange,
  hashRange,
  ledgerOfHashKey,
  nameOf,
  namePrefixRange,
  nameRange,
  seqKey,
  seqOf,
  seqRange,
  SEQ_END,
  type KeyRange
} from '../../store/keys.js'
import type { Store } from '../../store/store.js'
import { decodeStored, parseStored, readEntryBytes } from './records.js'

type Absent = Exclude<PayloadState, 'present' | 'malformed' | 'withheld'>

/** Entries read from the disk at a time while scanning. */
const SCAN_CHUNK = 256
/**
 * With at least this many seqs, of which at least one in this many is wanted, reading past the others is cheaper than
 * looking each up.
 */
const DENSE_COUNT = 8
const DENSE_FACTOR = 2

export class EntryReader {
  readonly #store: Store
  readonly #log: Log
  readonly ledgerNumber: number
  /** The state of an absent payload that is neither erased nor marked as missing. */
  readonly #otherwise: Absent

  constructor(store: Store, log: Log, ledgerNumber: number, own: boolean) {
    this.#store = store
    this.#log = log
    this.ledgerNumber = ledgerNumber
    this.#otherwise = own ? 'missing' : 'filtered'
  }

  /** The entry without its payload; null when it is not stored. Throws STORE_DAMAGED. */
  async one(seq: number): Promise<Entry | null> {
    const value = await this.#store.get(seqKey('entry', this.ledgerNumber, seq))
    return value === undefined ? null : decodeStored(value, seq)
  }

  /** Entries without their payloads, in the order of the seqs given. Throws STORE_DAMAGED. */
  async many(seqs: number[]): Promise<(Entry | null)[]> {
    const values = await this.#values('entry', seqs)
    return values.map((value, i) => (value === undefined ? null : decodeStored(value, seqs[i]!)))
  }

  /** Neighbours are read with one iterator, which costs a tenth of looking them up one by one. */
  async #values(family: 'entry' | 'payload', seqs: number[]): Promise<(Buffer | undefined)[]> {
    if (seqs.length === 0) return []
    // in any order
    const low = seqs.reduce((least, seq) => Math.min(least, seq), Infinity)
    const high = seqs.reduce((most, seq) => Math.max(most, seq), 0)
    if (seqs.length < DENSE_COUNT || high - low >= seqs.length * DENSE_FACTOR)
      return await this.#store.getMany(seqs.map((seq) => seqKey(family, this.ledgerNumber, seq)))
    const values = new Map(
      (await this.#store.all(seqRange(family, this.ledgerNumber, low, high + 1))).map(([key, value]) => [
        seqOf(key),
        value
      ])
    )
    return seqs.map((seq) => values.get(seq))
  }

  /** Stored values of from ≤ seq < to in chunks, unchecked. */
  async *scan(from: number, to: number, chunk = SCAN_CHUNK): AsyncGenerator<{ seq: number; value: Buffer }[]> {
    for await (const read of chunks(this.#store, seqRange('entry', this.ledgerNumber, from, to), chunk)) {
      yield read.map(([key, value]) => ({ seq: seqOf(key), value }))
      if (seqOf(read.at(-1)![0]) === to - 1) return // saves one disk read compared with reading on until nothing comes
    }
  }

  /**
   * Leaf hashes of from ≤ seq < to, recomputed from the stored bytes. Throws STORE_DAMAGED when one is damaged or gone.
   */
  async leaves(from: number, to: number): Promise<Hash[]> {
    const hashes: Hash[] = []
    for await (const chunk of this.scan(from, to))
      for (const { seq, value } of chunk) {
        if (seq !== from + hashes.length) return hashes
        hashes.push(readEntryBytes(value, seq).hash)
      }
    return hashes
  }

  /** Headers and signatures of from ≤ seq < to as they were stored, up to the first gap. Throws STORE_DAMAGED. */
  async signed(from: number, to: number): Promise<SignedHeader[]> {
    const entries: SignedHeader[] = []
    for await (const chunk of this.scan(from, to))
      for (const { seq, value } of chunk) {
        if (seq !== from + entries.length) return entries
        entries.push(readEntryBytes(value, seq))
      }
    return entries
  }

  /** Like `leaves`, but throws STORE_DAMAGED also when a leaf is missing. */
  async wholeLeaves(from: number, to: number): Promise<Hash[]> {
    const hashes = await this.leaves(from, to)
    if (hashes.length !== to - from)
      throw new LedgermeshError('STORE_DAMAGED', `entry ${from + hashes.length} is not in the store`, {
        seq: from + hashes.length
      })
    return hashes
  }

  /**
   * At most `count` entries and `bytes` bytes from `from` on, below `to`, but at least one; `payloads` says which
   * payloads are wanted.
   */
  async range(
    from: number,
    to: number,
    limit: { count: number; bytes: number },
    payloads: ((header: Header) => boolean) | undefined
  ): Promise<RawEntry[]> {
    const end = Math.min(to, from + limit.count)
    if (end - from === 1) return await this.#rangeOfOne(from, payloads)
    const entries: RawEntry[] = []
    const wanted: { seq: number; index: number; header: Header }[] = []
    let bytes = 0
    scan: for await (const chunk of this.scan(from, end, Math.min(limit.count, SCAN_CHUNK))) {
      for (const { seq, value } of chunk) {
        if (seq !== from + entries.length) break scan
        const stored = readEntryBytes(value, seq)
        const header = parseStored(stored.header, seq)
        const payload = header.payload_hash !== null && (payloads === undefined || payloads(header))
        bytes += value.length + (payload ? header.payload_size : 0)
        if (entries.length > 0 && bytes > limit.bytes) break scan
        if (payload) wanted.push({ seq, index: entries.length, header })
        entries.push({ header: stored.header, signature: stored.signature, payload: null })
      }
    }
    const found = await this.payloads(wanted.map(({ header }) => header))
    wanted.forEach(({ index }, i) => {
      entries[index]!.payload = found[i]!
    })
    return entries
  }

  /** Mostly the newest entry, for a peer that was just told of it: one disk read instead of four. */
  async #rangeOfOne(seq: number, payloads: ((header: Header) => boolean) | undefined): Promise<RawEntry[]> {
    const [value, payload] = await this.#store.getMany([
      seqKey('entry', this.ledgerNumber, seq),
      seqKey('payload', this.ledgerNumber, seq)
    ])
    if (value === undefined) return []
    const { header: bytes, signature } = readEntryBytes(value, seq)
    const header = parseStored(bytes, seq)
    const wanted = header.payload_hash !== null && (payloads === undefined || payloads(header))
    return [{ header: bytes, signature, payload: wanted ? this.#sound(payload, header) : null }]
  }

  /** The stored payloads of these headers; null: not held, or damaged (which is logged). */
  async payloads(headers: Header[]): Promise<(Buffer | null)[]> {
    if (headers.length === 0) return []
    const values = await this.#values(
      'payload',
      headers.map(({ seq }) => seq)
    )
    return values.map((value, i) => this.#sound(value, headers[i]!))
  }

  #sound(payload: Buffer | undefined, { seq, payload_hash: hash }: Header): Buffer | null {
    if (payload === undefined) return null
    if (sha256(payload) === hash) return payload
    this.#log.error(
      { event: 'ledger.payload-damaged', ledgerNumber: this.ledgerNumber, seq },
      'a stored payload is damaged'
    )
    return null
  }

  /** Entries with their payloads. */
  async withPayloads(entries: Entry[]): Promise<Entry[]> {
    const committed = entries.filter(({ header }) => header.payload_hash !== null)
    const found = await this.payloads(committed.map(({ header }) => header))
    committed.forEach((entry, i) => {
      entry.raw.payload = found[i]!
    })
    return entries
  }

  /** Why the payloads of these seqs are not held. */
  async absences(seqs: number[]): Promise<Absent[]> {
    if (seqs.length === 0) return []
    const found = await this.#store.getMany([
      ...seqs.map((seq) => seqKey('erased', this.ledgerNumber, seq)),
      ...seqs.map((seq) => seqKey('missing', this.ledgerNumber, seq)),
      ...seqs.map((seq) => seqKey('payload', this.ledgerNumber, seq))
    ])
    // a payload that is stored but was not returned is damaged: it has to be fetched from another node
    return seqs.map((_, i) =>
      found[i] !== undefined
        ? 'erased'
        : found[seqs.length + i] !== undefined || found[2 * seqs.length + i] !== undefined
          ? 'missing'
          : this.#otherwise
    )
  }

  async views(entries: Entry[], audited: number): Promise<LedgerEntry[]> {
    await this.withPayloads(entries)
    const absent = entries
      .filter(({ header, raw }) => header.payload_hash !== null && raw.payload === null)
      .map(({ header }) => header.seq)
    const states = new Map<number, Absent>()
    const found = await this.absences(absent)
    absent.forEach((seq, i) => states.set(seq, found[i]!))
    return entries.map((entry) =>
      viewEntry(entry, entry.header.seq < audited, states.get(entry.header.seq) ?? this.#otherwise)
    )
  }

  /** The lowest seq below `size` with this id; null: none. */
  async seqOfId(id: string, size: number): Promise<number | null> {
    const keys = await this.#store.keys({ ...nameRange('id', this.ledgerNumber, id, 0, SEQ_END), limit: 1 })
    const seq = keys[0] === undefined ? null : seqOf(keys[0])
    return seq !== null && seq < size ? seq : null
  }

  /** At most `limit` seqs below `size` whose id has this prefix, by id; of several with one id the lowest. */
  async seqsOfIdPrefix(prefix: string, size: number, limit: number): Promise<number[]> {
    const lowest = new Map<string, number>()
    for await (const key of this.#keys(namePrefixRange('id', this.ledgerNumber, prefix))) {
      if (seqOf(key) < size && !lowest.has(nameOf(key))) lowest.set(nameOf(key), seqOf(key))
      if (lowest.size === limit) break
    }
    return [...lowest.values()]
  }

  /** At most `limit` seqs below `size` whose hash begins with these hex digits. */
  async seqsOfHashPrefix(digits: string, size: number, limit: number): Promise<number[]> {
    const seqs: number[] = []
    for await (const key of this.#keys(hashPrefixRange(digits))) {
      const seq = seqOf(key)
      if (
        ledgerOfHashKey(key) === this.ledgerNumber &&
        seq < size &&
        (await this.one(seq))?.hash.startsWith(digits) === true
      )
        seqs.push(seq)
      if (seqs.length === limit) break
    }
    return seqs
  }

  async *#keys(range: KeyRange): AsyncGenerator<Buffer> {
    for await (const read of chunks(this.#store, range, SCAN_CHUNK)) yield* read.map(([key]) => key)
  }

  /** The seq below `size` with this hash; null: none. */
  async seqOfHash(hash: Hash, size: number): Promise<number | null> {
    for (const key of await this.#store.keys(hashRange(hash))) {
      const seq = seqOf(key)
      if (ledgerOfHashKey(key) === this.ledgerNumber && seq < size && (await this.#hasHash(seq, hash))) return seq
    }
    return null
  }

  async #hasHash(seq: number, hash: Hash): Promise<boolean> {
    return (await unlessDamaged(() => this.one(seq)))?.hash === hash
  }
}
