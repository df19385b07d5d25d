/** An author for tests: builds valid ledgers from fixed seeds, and invalid ones on request. */
import { decodeEntry, ledgerOf, type Entry, type SignedHeader } from '../../src/core/entry.js'
import { encodeHeader, type Header } from '../../src/core/header.js'
import { keyHash } from '../../src/core/chain.js'
import { canonicalize, type JsonObject } from '../../src/core/canonical.js'
import { signingKeyFromSeed, type SigningKey } from '../../src/core/keys.js'
import { signingInput } from '../../src/core/signature.js'
import { encodePayload, payloadHash } from '../../src/core/payload.js'
import { checkpointOrigin, signCheckpoint } from '../../src/core/checkpoint.js'
import { merkleRoot } from '../../src/core/merkle.js'
import type { Accused } from '../../src/core/evidence.js'

export const NETWORK = 'test'
export const SALT = '00112233445566778899aabbccddeeff'

/** A key whose seed is one byte repeated. */
export function key(seed: number): SigningKey {
  return signingKeyFromSeed(Buffer.alloc(32, seed))
}

/** Signs header bytes as an entry, whatever they are. */
export async function signBytes(header: Uint8Array, signer: SigningKey): Promise<SignedHeader> {
  return { header, signature: await signer.sign(signingInput('entry', header)) }
}

export class Author {
  readonly entries: Entry[] = []
  signer: SigningKey
  next: SigningKey

  private constructor(seed: number) {
    this.signer = key(seed)
    this.next = key(seed + 1)
  }

  /** The ledger with its genesis; keys come from `seed`, `seed + 1` … */
  static async create(seed = 1): Promise<Author> {
    const author = new Author(seed)
    await author.append({
      ledger: null,
      seq: 0,
      prev_hash: null,
      type: 'ledger.genesis',
      meta: { network: NETWORK, name: 'tester', access: 'public', next_key_hash: keyHash(author.next.publicKey) }
    })
    return author
  }

  /** A copy that can go another way. */
  fork(): Author {
    return Object.assign(Object.create(Author.prototype) as Author, {
      entries: [...this.entries],
      signer: this.signer,
      next: this.next
    })
  }

  get ledger(): string {
    return ledgerOf(this.entries[0]!)
  }

  get size(): number {
    return this.entries.length
  }

  header(members: Partial<Header> = {}): Header {
    const before = this.entries.at(-1)
    return {
      v: 1,
      ledger: before === undefined ? null : this.ledger,
      seq: this.size,
      prev_hash: before?.hash ?? null,
      key: this.signer.publicKey,
      id: `entry-${this.size}`,
      stream: 'main',
      type: 'note',
      issuer_oid: null,
      subject_oid: null,
      timestamp: 1_700_000_000_000 + this.size,
      payload_hash: null,
      payload_size: 0,
      meta: {},
      ...members
    }
  }

  async make(members: Partial<Header> = {}, signer = this.signer): Promise<Entry> {
    return decodeEntry({ ...(await signBytes(encodeHeader(this.header(members)), signer)), payload: null })
  }

  async append(members: Partial<Header> = {}): Promise<Entry> {
    const entry = await this.make(members)
    this.entries.push(entry)
    return entry
  }

  async appendPayload(payload: JsonObject): Promise<Entry> {
    const bytes = encodePayload(payload, SALT)
    const header = encodeHeader(this.header({ payload_hash: payloadHash(bytes), payload_size: bytes.length }))
    const entry = decodeEntry({ ...(await signBytes(header, this.signer)), payload: bytes })
    this.entries.push(entry)
    return entry
  }

  async rotate(): Promise<Entry> {
    const after = key(this.next.publicKey.charCodeAt(0) + this.size)
    this.signer = this.next
    this.next = after
    return await this.append({ type: 'ledger.rotate-key', meta: { next_key_hash: keyHash(after.publicKey) } })
  }

  keyEntries(): Entry[] {
    return this.entries.filter(({ header }) => header.type === 'ledger.genesis' || header.type === 'ledger.rotate-key')
  }

  accused(): Accused {
    return {
      network: NETWORK,
      ledger: this.ledger,
      keyEntries: this.keyEntries().map(({ header, raw }) => ({ ...raw, seq: header.seq }))
    }
  }

  hashes(): string[] {
    return this.entries.map(({ hash }) => hash)
  }

  async checkpoint(size = this.size, signer = this.signer): Promise<string> {
    return await signCheckpoint(
      { origin: checkpointOrigin(NETWORK, this.ledger), size, root: merkleRoot(this.hashes().slice(0, size)) },
      signer
    )
  }
}

/** The canonical bytes of a header that need not be one. */
export function looseHeader(members: Record<string, unknown>): Uint8Array {
  return Buffer.from(canonicalize(members))
}

/** `bytes` with one bit turned over. */
export function flipBit(bytes: Uint8Array, bit: number): Uint8Array {
  const copy = Uint8Array.from(bytes)
  copy[bit >> 3]! ^= 1 << (bit & 7)
  return copy
}

/**
 * The bits to turn over, one after the other: of each byte one, another of the next byte. `FLIPS=all`: all of them, as
 * scripts/soak/whole.ts has it.
 */
export function bitsOf(bytes: Uint8Array): number[] {
  return process.env.FLIPS === 'all'
    ? Array.from({ length: bytes.length * 8 }, (_, bit) => bit)
    : Array.from(bytes, (_, at) => at * 8 + ((at * 5) % 8))
}

/** The code of the error that `run` throws; fails for any error that is not ours. */
export async function codeOf(run: () => unknown): Promise<string | undefined> {
  try {
    await run()
    return undefined
  } catch (error) {
    if (error instanceof Error && error.name === 'LedgermeshError') return (error as Error & { code: string }).code
    throw error
  }
}
