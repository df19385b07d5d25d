import type { Entry } from '../core/entry.js'
import { isCoded } from '../core/errors.js'
import { setsKey, type EraseMeta } from '../core/ledger-types.js'
import { hashKey, ledgerRange, nameKey, nameOf, POSTING_FAMILIES, seqKey, seqOf, type Family, type PostingFamily } from '../store/keys.js'
import { decodePosting } from '../store/posting.js'
import type { Row } from '../store/store.js'
import type { Checked } from './check-ledger.js'
import { missingPostings, postedValue } from './posting-check.js'

/** Rows read together. */
const CHUNK = 1024
type Reversed = PostingFamily | 'id' | 'keyEntry'
const REVERSED: Reversed[] = ['id', 'keyEntry', ...POSTING_FAMILIES]

/** Every index both ways: does it have each entry, and nothing else? Hash keys may be stale: lookups compare with the entry. */
export class IndexCheck {
  readonly #ledger: Checked
  /** Index entries that there should be. */
  readonly #expected = new Map<Reversed, number>(REVERSED.map((family) => [family, 0]))
  #unreadable = false
  /** Seq of each erased entry → seq of the last erasure. */
  readonly erased = new Map<number, number>()
  /** Erased hashes that the hash index does not lead to an entry. */
  readonly #unresolved = new Set<string>()

  constructor (ledger: Checked) {
    this.#ledger = ledger
  }

  /** Entries that are whole, ascending; `seqs`: all that are stored among them. */
  async take (entries: Entry[], seqs: number[]): Promise<void> {
    const { store, reader, n, id, damage } = this.#ledger
    if (entries.length < seqs.length) this.#unreadable = true
    const wanted = entries.flatMap(({ hash, header }) => [
      { seq: header.seq, family: 'hash', key: hashKey(hash, n, header.seq) },
      { seq: header.seq, family: 'id', key: nameKey('id', n, header.id, header.seq) },
      ...setsKey(header) ? [{ seq: header.seq, family: 'keyEntry', key: seqKey('keyEntry', n, header.seq) }] : []
    ])
    const found = await store.getMany(wanted.map(({ key }) => key))
    wanted.forEach(({ seq, family }, i) => { if (found[i] === undefined) damage.add('missing-index', id, seq, `entry ${seq} is not in the index by ${NAMES[family as Family]!}`) })
    for (const { family, value, seq } of await missingPostings(store, n, entries)) damage.add('missing-index', id, seq, `entry ${seq} is not in the index by ${NAMES[family]!} (${JSON.stringify(value)})`)
    for (const { header } of entries) {
      for (const family of REVERSED) {
        const has = family === 'id' || (family === 'keyEntry' ? setsKey(header) : postedValue(family, header) !== null)
        if (has) this.#expected.set(family, this.#expected.get(family)! + 1)
      }
      if (header.type !== 'ledger.erase') continue
      for (const hash of (header.meta as unknown as EraseMeta).entries) {
        const seq = await reader.seqOfHash(hash, header.seq)
        if (seq === null) this.#unresolved.add(hash)
        else this.erased.set(seq, header.seq)
      }
    }
  }

  /** The other way round. `end`: one past the highest stored seq. */
  async finish (end: number): Promise<void> {
    for (const family of REVERSED) {
      let count = 0
      for await (const rows of this.#rows(family)) for (const [key, value] of rows) count += isPosting(family) ? decodePosting(seqOf(key), value).length : 1
      if (this.#unreadable || count !== this.#expected.get(family)) await this.#findSurplus(family, end)
    }
    await this.#checkErased()
  }

  async #findSurplus (family: Reversed, end: number): Promise<void> {
    const { reader, store, n, id, damage } = this.#ledger
    for await (const rows of this.#rows(family)) {
      for (const [key, value] of rows) {
        const name = family === 'keyEntry' ? null : nameOf(key)
        const seen = new Set<number>()
        for (const seq of isPosting(family) ? decodePosting(seqOf(key), value) : [seqOf(key)]) {
          const twice = seen.has(seq)
          seen.add(seq)
          let entry: Entry | null
          try {
            // a gap or a damaged entry is named as such
            entry = Number.isSafeInteger(seq) && seq < end ? await reader.one(seq) : null
            if (entry === null && seq < end && await store.get(seqKey('entry', n, seq)) === undefined) continue
          } catch (error) {
            if (!isCoded(error, 'STORE_DAMAGED')) throw error
            continue
          }
          const right = entry !== null && !twice && (family === 'keyEntry' ? setsKey(entry.header) : family === 'id' ? entry.header.id === name : postedValue(family, entry.header) === name)
          if (!right) damage.add('wrong-index', id, Number.isSafeInteger(seq) ? seq : null, `the index by ${NAMES[family]!}${name === null ? '' : ` (${JSON.stringify(name)})`} names entry ${seq}, which it does not belong to`)
        }
      }
    }
  }

  async #checkErased (): Promise<void> {
    const { reader, id, damage } = this.#ledger
    const expected = new Map(this.erased)
    for await (const rows of this.#rows('erased')) {
      for (const [key, value] of rows) {
        const seq = seqOf(key)
        const by = value.length === 6 ? value.readUIntBE(0, 6) : null
        const right = expected.get(seq)
        expected.delete(seq)
        if (right !== undefined && right === by) continue
        if (right === undefined && this.#unresolved.size > 0 && this.#unresolved.has(await hashOf(reader, seq) ?? '')) continue
        damage.add('wrong-index', id, seq, `entry ${seq} is noted as erased${by === null ? '' : ` by entry ${by}`}, which ${right === undefined ? 'is not so' : `entry ${right} did`}`)
      }
    }
    for (const [seq, by] of expected) damage.add('missing-index', id, seq, `entry ${seq} was erased by entry ${by}, but is not noted as erased`)
  }

  async * #rows (family: Family): AsyncGenerator<Row[]> {
    const { store, n } = this.#ledger
    const rows = store.rows(ledgerRange(family, n))
    try {
      for (let chunk = await rows.next(CHUNK); chunk.length > 0; chunk = await rows.next(CHUNK)) yield chunk
    } finally {
      await rows.close()
    }
  }
}

const NAMES: Partial<Record<Family, string>> = { hash: 'hash', id: 'id', keyEntry: 'key entries', stream: 'stream', type: 'type', issuer: 'issuer', subject: 'subject' }

function isPosting (family: Reversed): family is PostingFamily {
  return (POSTING_FAMILIES as readonly string[]).includes(family)
}

async function hashOf (reader: Checked['reader'], seq: number): Promise<string | null> {
  try {
    return (await reader.one(seq))?.hash ?? null
  } catch (error) {
    if (isCoded(error, 'STORE_DAMAGED')) return null
    throw error
  }
}
