/** Builds and signs the entries of one commit. Nothing of it leaves here before the commit (I1). */
import { v7 as uuidv7 } from 'uuid'
import { extendChain, type ChainState } from '../core/chain.js'
import { canonicalize, parseText, type Json, type JsonObject } from '../core/canonical.js'
import { entryHash, type Entry } from '../core/entry.js'
import { LedgermeshError } from '../core/errors.js'
import { fromHex, toHex, type Hash } from '../core/hash.js'
import { encodeHeader, type Header } from '../core/header.js'
import type { SigningKey } from '../core/keys.js'
import type { LedgerId } from '../core/ledger-id.js'
import { SALT_BYTES, SIGNATURE_BYTES } from '../core/limits.js'
import { decodePayload, encodePayload, payloadHash } from '../core/payload.js'
import type { Reference } from '../core/reference.js'
import { signingInput, verifySignature } from '../core/signature.js'
import type { Clock, Random } from '../ports.js'
import { referencesOf, type AppendInput, type AppendOptions } from './append-input.js'

export interface DraftSurroundings {
  clock: Clock
  random: Random
  /** False: surely no stored entry has this id. */
  mayHold: (id: string) => boolean
  /** The stored entry with this id and its payload; null: none. */
  stored: (id: string) => Promise<Entry | null>
  resolve: (ledger: LedgerId, entryId: string) => Promise<Hash | null>
  /** Was this key (hex) in force before? */
  isUsedKey: (publicKey: string) => Promise<boolean>
}

/** An entry for each input; `existing`: it was there before. */
export interface Drafted { entry: Entry, existing: boolean }

/** Random bytes of a UUIDv7. */
const UUID_BYTES = 16

export class Draft {
  readonly #surroundings: DraftSurroundings
  readonly entries: Entry[] = []
  readonly #ids = new Map<string, Entry>()
  readonly #lookups = new Map<string, Promise<Entry | null>>()
  #chain: ChainState

  constructor (chain: ChainState, surroundings: DraftSurroundings) {
    this.#chain = chain
    this.#surroundings = surroundings
  }

  /** The state after the drafted entries. */
  get chain (): ChainState {
    return this.#chain
  }

  /** Starts to look the given ids up, so that the store searches while the first entries are built: one lookup takes longer than to sign an entry. */
  lookUp (inputs: AppendInput[]): void {
    for (const { id } of inputs) {
      if (id === undefined || this.#lookups.has(id) || !this.#surroundings.mayHold(id)) continue
      const lookup = this.#surroundings.stored(id)
      lookup.catch(() => {}) // who asks for this id hears of it
      this.#lookups.set(id, lookup)
    }
  }

  /** All of the inputs, or none of them (the error says why). */
  async add (inputs: AppendInput[], options: AppendOptions, key: SigningKey): Promise<Drafted[]> {
    const size = this.entries.length
    const chain = this.#chain
    this.lookUp(inputs)
    try {
      const drafted: Drafted[] = []
      for (const input of inputs) drafted.push(await this.#one(input, options, key))
      return drafted
    } catch (error) {
      for (const entry of this.entries.splice(size)) this.#ids.delete(entry.header.id)
      this.#chain = chain
      throw error
    }
  }

  async #one (input: AppendInput, options: AppendOptions, key: SigningKey): Promise<Drafted> {
    const { clock, random } = this.#surroundings
    if (input.id !== undefined) {
      const existing = this.#ids.get(input.id) ?? await this.#lookups.get(input.id)
      if (existing != null) {
        if (!isSame(existing, input)) throw new LedgermeshError('ID_TAKEN', `another entry has id ${input.id}`, { hash: existing.hash })
        return { entry: existing, existing: true }
      }
    }
    // With a key that was in force before, evidence with fewer key entries could accuse an honest author.
    if (input.type === 'ledger.rotate-key' && await this.#surroundings.isUsedKey(key.publicKey)) throw new LedgermeshError('BAD_KEY', 'this key has signed for the ledger before: rotate to a new one')
    const references = referencesOf(input)
    const payload = input.payload === undefined || input.payload === null ? null : encodePayload(input.payload, toHex(random.bytes(SALT_BYTES)))
    // the caller's meta stays the caller's to change: the header has what its bytes will say
    const meta = input.meta === undefined ? {} : parseText(canonicalize(input.meta)) as JsonObject
    // in canonical order already: sorting it again is cheap
    const header: Header = {
      id: input.id ?? uuidv7({ msecs: clock.now(), random: random.bytes(UUID_BYTES) }),
      issuer_oid: input.issuer_oid ?? null,
      key: key.publicKey,
      ledger: this.#chain.ledger,
      meta: references.length === 0 ? meta : { ...meta, crossLedgerRefs: await this.#resolve(references, options) as unknown as Json },
      payload_hash: payload === null ? null : payloadHash(payload),
      payload_size: payload?.length ?? 0,
      prev_hash: this.#chain.headHash,
      seq: this.#chain.size,
      stream: input.stream,
      subject_oid: input.subject_oid ?? null,
      timestamp: input.timestamp ?? clock.now(),
      type: input.type,
      v: 1
    }
    const entry = await signEntry(header, payload, key)
    this.#chain = extendChain(this.#chain, entry)
    this.entries.push(entry)
    this.#ids.set(header.id, entry)
    return { entry, existing: false }
  }

  async #resolve (references: ReturnType<typeof referencesOf>, { allowUnresolved = false }: AppendOptions): Promise<Reference[]> {
    const missing: { ledgerId: LedgerId, entryId: string }[] = []
    const resolved: Reference[] = []
    for (const { ledgerId, entryId, referenceType, entryHash: given } of references) {
      const drafted = ledgerId === this.#chain.ledger ? this.#ids.get(entryId)?.hash : undefined
      const hash = given ?? drafted ?? await this.#surroundings.resolve(ledgerId, entryId)
      if (hash === null) missing.push({ ledgerId, entryId })
      resolved.push({ entryHash: hash, entryId, ledgerId, referenceType }) // in canonical order, too
    }
    if (missing.length > 0 && !allowUnresolved) throw new LedgermeshError('REFERENCE_UNRESOLVED', `${missing.length} of ${references.length} references do not resolve here`, { missing })
    return resolved
  }
}

/** `header` becomes the entry's: nobody else may change it. Throws MALFORMED, TOO_LARGE or BAD_SIGNATURE (a signing device that answers nonsense). */
export async function signEntry (header: Header, payload: Uint8Array | null, key: SigningKey): Promise<Entry> {
  const bytes = encodeHeader(header)
  const answer = key.sign(signingInput('entry', bytes))
  const signature = answer instanceof Uint8Array ? answer : await answer
  // a key that signs elsewhere can be the wrong one, or broken; one of ours signs correctly
  const correct = answer === signature ? signature.length === SIGNATURE_BYTES : verifySignature(fromHex(key.publicKey), signingInput('entry', bytes), signature)
  if (!correct) throw new LedgermeshError('BAD_SIGNATURE', 'the signing key answers no Ed25519 signature')
  const raw = { header: bytes, signature, payload }
  return { header, hash: entryHash(raw), raw }
}

/** DESIGN §2: "a second use with the same stream, type, issuer, subject and payload returns the stored entry". */
function isSame ({ header, raw }: Entry, input: AppendInput): boolean {
  return header.stream === input.stream && header.type === input.type &&
    header.issuer_oid === (input.issuer_oid ?? null) && header.subject_oid === (input.subject_oid ?? null) &&
    isSamePayload(header, raw.payload, input.payload ?? null)
}

/** Compared under the stored salt. A payload that is not held (erased) cannot be compared: it is not the same. */
function isSamePayload (header: Header, stored: Uint8Array | null, payload: Json): boolean {
  if (header.payload_hash === null) return payload === null
  if (stored === null || payload === null) return false
  return canonicalize(decodePayload(stored).payload) === canonicalize(payload)
}
