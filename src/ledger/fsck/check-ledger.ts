/**
 * Checks one stored ledger, beginning with its entries (I8). Damage throws no error and does not end the check early.
 */
import { setImmediate } from 'node:timers/promises'
import { extendChain, keyEpoch, startChain, type ChainState, type KeyEpoch } from '../../core/chain.js'
import { verifyEntrySignature, type Entry } from '../../core/entry.js'
import { isCoded, LedgermeshError } from '../../core/errors.js'
import type { Hash } from '../../core/hash.js'
import { CompactTree } from '../../core/merkle.js'
import { SEQ_END } from '../../store/keys.js'
import { IndexCheck } from './check-indexes.js'
import { PayloadCheck } from './check-payloads.js'
import { TreeCheck } from './check-tree.js'
import { decodeStrictly } from '../read/verify-chain.js'
import type { Checked } from './checked.js'

export interface CheckedEntries {
  /** The number of entries from 0 that are undamaged, linked and signed. */
  sound: number
  /** The state after them; null: none. */
  chain: ChainState | null
  /** One past the highest stored seq. */
  end: number
  /** Seqs below `sound` that set a key. */
  keyEntries: KeyEpoch[]
  /** Roots by size, over the first sound entries. */
  roots: Map<number, Hash>
  /** Entries that are erased: seq → seq of the erasure. */
  erased: ReadonlyMap<number, number>
}

/** Entries read together. */
const CHUNK = 256

/**
 * `rootsAt`: sizes whose Merkle roots are wanted; `stateSize`: the size in the state, so that the rows of a torn end
 * are not reported one by one. `onEntries` is called with the number of entries checked.
 */
export async function checkEntries(
  ledger: Checked,
  { rootsAt, stateSize }: { rootsAt: number[]; stateSize: number },
  onEntries: (count: number) => void
): Promise<CheckedEntries> {
  const scan = new EntryScan(ledger, rootsAt)
  const indexes = new IndexCheck(ledger)
  const payloads = new PayloadCheck(ledger)
  const tree = new TreeCheck(ledger)
  try {
    for await (const rows of ledger.reader.scan(0, SEQ_END, CHUNK)) {
      const entries: Entry[] = []
      for (const { seq, value } of rows) {
        const entry = await scan.take(seq, value)
        tree.take(seq, entry)
        if (entry !== null) entries.push(entry)
      }
      await indexes.take(
        entries,
        rows.map(({ seq }) => seq)
      )
      await payloads.take(entries, rows[0]!.seq, rows.at(-1)!.seq + 1, indexes.erased)
      await tree.compare()
      onEntries(rows.length)
      await setImmediate()
    }
  } catch (error) {
    if (!isCoded(error, 'STORE_DAMAGED')) throw error
    ledger.damage.add('unreadable-range', ledger.id, scan.end, error.message)
  }
  const checked = { ...(await scan.finish()), erased: indexes.erased }
  const end = Math.max(scan.end, stateSize)
  for (const part of [() => indexes.finish(end), () => payloads.finish(end, indexes.erased), () => tree.finish(end)]) {
    try {
      await part()
    } catch (error) {
      if (!isCoded(error, 'STORE_DAMAGED')) throw error
      ledger.damage.add('unreadable-range', ledger.id, null, error.message)
    }
  }
  return checked
}

/** Applies the chain rule to stored bytes. After damage it goes on from the next undamaged entry. */
class EntryScan {
  readonly #ledger: Checked
  readonly #rootsAt: Set<number>
  readonly #roots = new Map<number, Hash>()
  readonly #keyEntries: KeyEpoch[] = []
  readonly #tree = new CompactTree()
  /** Ends where an entry is damaged. */
  #sound: number | null = null
  #soundChain: ChainState | null = null
  #chain: ChainState | null = null
  #last: Entry | null = null
  end = 0

  constructor(ledger: Checked, rootsAt: number[]) {
    this.#ledger = ledger
    this.#rootsAt = new Set(rootsAt)
  }

  /** The entry, if its bytes are undamaged and follow the grammar. */
  async take(seq: number, value: Buffer): Promise<Entry | null> {
    const { id, own, damage } = this.#ledger
    if (seq > this.end) {
      await this.#break(this.end)
      damage.add(
        own ? 'torn-own' : 'torn-mirror',
        id,
        this.end,
        seq === this.end + 1
          ? `entry ${this.end} is not in the store`
          : `entries ${this.end} to ${seq - 1} are not in the store`
      )
    }
    this.end = seq + 1
    let entry: Entry
    try {
      entry = decodeStrictly(value, seq)
    } catch (error) {
      await this.#damaged(seq, error)
      return null
    }
    try {
      this.#chain = this.#follow(entry, seq)
    } catch (error) {
      await this.#damaged(seq, error)
      this.#chain = null
      return entry.header.seq === seq ? entry : null
    }
    this.#last = entry
    if (this.#sound === null) {
      this.#tree.append(entry.hash)
      if (this.#rootsAt.has(this.#tree.size)) this.#roots.set(this.#tree.size, this.#tree.root())
      const key = this.#chain.key
      if (key !== this.#keyEntries.at(-1)?.key) this.#keyEntries.push(keyEpoch(entry))
      this.#soundChain = this.#chain
    }
    return entry
  }

  async finish(): Promise<Omit<CheckedEntries, 'erased'>> {
    await this.#endSegment()
    const sound = this.#sound ?? this.end
    // the end of the run was not signed: the caller reads it again
    if (this.#soundChain !== null && sound < this.#soundChain.size) this.#soundChain = null
    return {
      sound,
      chain: this.#soundChain,
      end: this.end,
      keyEntries: this.#keyEntries.filter(({ from }) => from < sound),
      roots: this.#roots
    }
  }

  #follow(entry: Entry, seq: number): ChainState {
    const { id } = this.#ledger
    if (this.#chain !== null) return extendChain(this.#chain, entry)
    if (seq === 0) return startChain(id, entry)
    const { header } = entry
    if (header.seq !== seq || header.ledger !== id)
      throw new LedgermeshError(
        'WRONG_LEDGER',
        `entry ${header.seq} of ${header.ledger ?? 'another ledger'} is stored as entry ${seq}`
      )
    // after damage: the key in force there is not known
    return {
      ledger: id,
      network: '',
      name: '',
      access: 'public',
      size: seq + 1,
      headHash: entry.hash,
      key: header.key,
      nextKeyHash: null
    }
  }

  async #damaged(seq: number, error: unknown): Promise<void> {
    if (!isCoded(error)) throw error
    const { id, own, damage } = this.#ledger
    await this.#break(seq)
    damage.add(
      own ? 'damaged-own-entry' : error.code === 'STORE_DAMAGED' ? 'damaged-entry' : 'invalid-entry',
      id,
      seq,
      error.message
    )
  }

  async #break(seq: number): Promise<void> {
    await this.#endSegment()
    this.#sound ??= seq
    this.#chain = null
  }

  /** One valid signature authenticates all entries before it, so the last entry before the damage must have one. */
  async #endSegment(): Promise<void> {
    const last = this.#last
    this.#last = null
    if (last === null || (await verifyEntrySignature(last, this.#ledger.verify))) return
    const { id, own, damage } = this.#ledger
    this.#sound ??= last.header.seq
    damage.add(
      own ? 'damaged-own-entry' : 'invalid-entry',
      id,
      last.header.seq,
      `entry ${last.header.seq} is not signed by its key`
    )
  }
}
