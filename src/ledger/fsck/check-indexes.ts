import { unlessDamaged } from '../read/unless-damaged.js'
import { chunks } from '../../store/chunks.js'
import type { Entry } from '../../core/entry.js'
import { isCoded } from '../../core/errors.js'
import type { Header } from '../../core/header.js'
import { isOfType, setsKey } from '../../core/ledger-types.js'
import {
  hashKey,
  ledgerRange,
  nameKey,
  nameOf,
  POSTING_FAMILIES,
  seqKey,
  seqOf,
  SEQ_END,
  type Family,
  type PostingFamily
} from '../../store/keys.js'
import { decodePosting } from '../../store/posting.js'
import type { Row } from '../../store/store.js'
import { postedValues } from '../read/posted-values.js'
import { missingPostings } from '../read/posting-check.js'
import { decodeStored } from '../read/records.js'
import type { Checked } from './checked.js'

/** Rows read together. */
const CHUNK = 1024
type Reversed = PostingFamily | 'id' | 'keyEntry'
const REVERSED: Reversed[] = ['id', 'keyEntry', ...POSTING_FAMILIES]

/**
 * Checks every index both ways: does it have each entry, and nothing else? The expected and the actual rows are summed
 * first, which reads the indexes in order once; only where the sums differ is each entry looked up. Hash keys may be
 * stale: lookups compare with the entry.
 */
export class IndexCheck {
  readonly #ledger: Checked
  readonly #expected = new Map(REVERSED.map((family) => [family, new RowSum()]))
  #unreadable = false
  /** Seq of each erased entry → seq of the last erasure. */
  readonly erased = new Map<number, number>()
  /** Erased hashes that the hash index does not lead to an entry. */
  readonly #unresolved = new Set<string>()

  constructor(ledger: Checked) {
    this.#ledger = ledger
  }

  /** Undamaged entries, ascending; `seqs`: all stored seqs in that range. */
  async take(entries: Entry[], seqs: number[]): Promise<void> {
    const { store, reader, ledgerNumber, id, damage } = this.#ledger
    if (entries.length < seqs.length) this.#unreadable = true
    const found = await store.getMany(entries.map(({ hash, header }) => hashKey(hash, ledgerNumber, header.seq)))
    entries.forEach(({ header: { seq } }, i) => {
      if (found[i] === undefined) damage.add('missing-index', id, seq, `entry ${seq} is not in the index by hash`)
    })
    for (const { header } of entries) {
      for (const family of REVERSED) {
        for (const name of namesIn(family, header)) this.#expected.get(family)!.add(nameSum(name), header.seq)
      }
      if (!isOfType(header, 'ledger.erase')) continue
      for (const hash of header.meta.entries) {
        const seq = await reader.seqOfHash(hash, header.seq)
        if (seq === null) this.#unresolved.add(hash)
        else this.erased.set(seq, header.seq)
      }
    }
  }

  /** `end`: one past the highest seq that is stored, or that the state names. */
  async finish(end: number): Promise<void> {
    const suspicious: Reversed[] = []
    for (const family of REVERSED) {
      const stored = new RowSum()
      for await (const rows of this.#rows(family)) {
        for (const [key, value] of rows) {
          const name = nameSum(family === 'keyEntry' ? '' : nameOf(key))
          if (isPosting(family)) for (const seq of decodePosting(seqOf(key), value)) stored.add(name, seq)
          else stored.add(name, seqOf(key))
        }
      }
      if (this.#unreadable || !stored.equals(this.#expected.get(family)!)) suspicious.push(family)
    }
    if (suspicious.length > 0) await this.#findMissing(suspicious)
    for (const family of suspicious) await this.#findSurplus(family, end)
    await this.#checkErased()
  }

  async #findMissing(families: Reversed[]): Promise<void> {
    const { store, reader, ledgerNumber, id, damage } = this.#ledger
    for await (const rows of reader.scan(0, SEQ_END)) {
      const entries = rows.map(({ seq, value }) => tryDecode(value, seq)).filter((entry) => entry !== null)
      const wanted = entries
        .flatMap(({ header }) => [
          { seq: header.seq, family: 'id' as const, key: nameKey('id', ledgerNumber, header.id, header.seq) },
          ...(setsKey(header)
            ? [{ seq: header.seq, family: 'keyEntry' as const, key: seqKey('keyEntry', ledgerNumber, header.seq) }]
            : [])
        ])
        .filter(({ family }) => families.includes(family))
      const found = await store.getMany(wanted.map(({ key }) => key))
      wanted.forEach(({ seq, family }, i) => {
        if (found[i] === undefined)
          damage.add('missing-index', id, seq, `entry ${seq} is not in the index by ${NAMES[family]!}`)
      })
      if (!families.some(isPosting)) continue
      for (const { family, value, seq } of await missingPostings(store, ledgerNumber, entries))
        damage.add(
          'missing-index',
          id,
          seq,
          `entry ${seq} is not in the index by ${NAMES[family]!} (${JSON.stringify(value)})`
        )
    }
  }

  async #findSurplus(family: Reversed, end: number): Promise<void> {
    const { reader, store, ledgerNumber, id, damage } = this.#ledger
    for await (const rows of this.#rows(family)) {
      for (const [key, value] of rows) {
        const name = family === 'keyEntry' ? null : nameOf(key)
        const seen = new Set<number>()
        for (const seq of isPosting(family) ? decodePosting(seqOf(key), value) : [seqOf(key)]) {
          const twice = seen.has(seq)
          seen.add(seq)
          let entry: Entry | null
          try {
            // a gap or a damaged entry is reported as such
            entry = Number.isSafeInteger(seq) && seq < end ? await reader.one(seq) : null
            if (entry === null && seq < end && (await store.get(seqKey('entry', ledgerNumber, seq))) === undefined)
              continue
          } catch (error) {
            if (!isCoded(error, 'STORE_DAMAGED')) throw error
            continue
          }
          const right = entry !== null && !twice && namesIn(family, entry.header).includes(name ?? '')
          if (!right)
            damage.add(
              'wrong-index',
              id,
              Number.isSafeInteger(seq) ? seq : null,
              `the index by ${NAMES[family]!}${name === null ? '' : ` (${JSON.stringify(name)})`} names entry ${seq}, which it does not belong to`
            )
        }
      }
    }
  }

  async #checkErased(): Promise<void> {
    const { reader, id, damage } = this.#ledger
    const expected = new Map(this.erased)
    for await (const rows of this.#rows('erased')) {
      for (const [key, value] of rows) {
        const seq = seqOf(key)
        const by = value.length === 6 ? value.readUIntBE(0, 6) : null
        const right = expected.get(seq)
        expected.delete(seq)
        if (right !== undefined && right === by) continue
        if (right === undefined && this.#unresolved.size > 0 && this.#unresolved.has((await hashOf(reader, seq)) ?? ''))
          continue
        damage.add(
          'wrong-index',
          id,
          seq,
          `entry ${seq} is noted as erased${by === null ? '' : ` by entry ${by}`}, which ${right === undefined ? 'is not so' : `entry ${right} did`}`
        )
      }
    }
    for (const [seq, by] of expected)
      damage.add('missing-index', id, seq, `entry ${seq} was erased by entry ${by}, but is not noted as erased`)
  }

  #rows(family: Family): AsyncGenerator<Row[]> {
    return chunks(this.#ledger.store, ledgerRange(family, this.#ledger.ledgerNumber), CHUNK)
  }
}

/**
 * A sum over index rows that does not depend on their order. It finds accidental damage, not forgery: no other program
 * writes here.
 */
class RowSum {
  #count = 0
  #sum = 0
  #product = 1

  add(name: number, seq: number): void {
    let mixed = Math.imul(name ^ (seq >>> 0), 0x9e3779b1) ^ Math.floor(seq / 2 ** 32)
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x85ebca6b)
    mixed ^= mixed >>> 13
    this.#count++
    this.#sum = (this.#sum + mixed) | 0
    this.#product = Math.imul(this.#product, mixed | 1)
  }

  equals(other: RowSum): boolean {
    return this.#count === other.#count && this.#sum === other.#sum && this.#product === other.#product
  }
}

/** FNV-1a. */
function nameSum(name: string): number {
  let sum = 0x811c9dc5
  for (let i = 0; i < name.length; i++) sum = Math.imul(sum ^ name.charCodeAt(i), 0x01000193)
  return sum
}

/** The names under which the index has an entry. */
function namesIn(family: Reversed, header: Header): string[] {
  if (family === 'id') return [header.id]
  if (family === 'keyEntry') return setsKey(header) ? [''] : []
  return postedValues(family, header)
}

function tryDecode(value: Buffer, seq: number): Entry | null {
  return unlessDamaged(() => decodeStored(value, seq))
}

const NAMES: Partial<Record<Family, string>> = {
  hash: 'hash',
  id: 'id',
  keyEntry: 'key entries',
  stream: 'stream',
  type: 'type',
  issuer: 'issuer',
  subject: 'subject',
  target: 'reference'
}

function isPosting(family: Reversed): family is PostingFamily {
  return (POSTING_FAMILIES as readonly string[]).includes(family)
}

async function hashOf(reader: Checked['reader'], seq: number): Promise<string | null> {
  return (await unlessDamaged(() => reader.one(seq)))?.hash ?? null
}
