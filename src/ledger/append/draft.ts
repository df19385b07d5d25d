/** Builds and signs the entries of one commit. No entry is given to anyone before the commit (I1). */
import { v7 as uuidv7 } from 'uuid'
import { extendChain, type ChainState } from '../../core/chain.js'
import { parseText, type JsonObject } from '../../core/canonical.js'
import { entryHash, type Entry } from '../../core/entry.js'
import { LedgermeshError } from '../../core/errors.js'
import { fromHex, toHex } from '../../core/hash.js'
import { encodeHeader, encodeHeaderText, type Header } from '../../core/header.js'
import type { SigningKey } from '../../core/keys.js'
import { SALT_BYTES, SIGNATURE_BYTES } from '../../core/limits.js'
import { payloadBytes, payloadHash } from '../../core/payload.js'
import { signingInput, verifySignature } from '../../core/signature.js'
import type { Clock, Random } from '../../ports.js'
import type { AppendOptions, ReadInput } from './append-input.js'
import type { ConflictIndex } from '../claims/conflict-index.js'
import { assertExpected, type Expected } from './expected.js'
import { differences } from './is-same.js'
import { headerText } from './header-text.js'
import type { HeldEntries } from '../read/reference-target.js'
import { asGiven, Targets } from './targets.js'

export interface DraftSurroundings {
  clock: Clock
  random: Random
  /** False: surely no stored entry has this id. */
  mayHold: (id: string) => boolean
  /** The stored entry with this id and its payload; null: none. */
  stored: (id: string) => Promise<Entry | null>
  /** The entries that references may point to. */
  held: HeldEntries
  conflicts: ConflictIndex
  /** Was this key (hex) in force before? */
  isUsedKey: (publicKey: string) => Promise<boolean>
}

/** The caller's input, and the input after the hooks (the same object when there are no hooks). */
export interface DraftInput {
  given: ReadInput
  made: ReadInput
}

export interface DraftRequest {
  inputs: DraftInput[]
  options: AppendOptions
  /** References are written as given: another author wrote them, and they must not be corrected. */
  verbatim: boolean
  /** The claims that must exist for a key when the entries are made; null: any. */
  expected: Expected | null
}

/** An entry for each input; `existing`: it had been appended before. */
export interface Drafted {
  entry: Entry
  existing: boolean
}

/** Random bytes of a UUIDv7. */
const UUID_BYTES = 16

export class Draft {
  readonly #surroundings: DraftSurroundings
  readonly entries: Entry[] = []
  readonly #ids = new Map<string, Entry>()
  readonly #lookups = new Map<string, Promise<Entry | null>>()
  /** What the inputs that are being added refer to. */
  readonly #targets: Targets
  #chain: ChainState

  constructor(chain: ChainState, surroundings: DraftSurroundings) {
    this.#chain = chain
    this.#surroundings = surroundings
    this.#targets = new Targets({
      held: surroundings.held,
      own: chain.ledger,
      access: chain.access,
      drafted: (id) => this.#ids.get(id)?.hash
    })
  }

  /** The state after the drafted entries. */
  get chain(): ChainState {
    return this.#chain
  }

  /**
   * Starts to look the given ids up, so that the store searches while the first entries are built: one lookup takes
   * longer than to sign an entry.
   */
  lookUp(inputs: DraftInput[]): void {
    for (const {
      made: { id }
    } of inputs) {
      if (id === undefined || this.#lookups.has(id) || !this.#surroundings.mayHold(id)) continue
      const lookup = this.#surroundings.stored(id)
      lookup.catch(() => {}) // who asks for this id hears of it
      this.#lookups.set(id, lookup)
    }
  }

  /** What is probably there already is not written, so its references are not looked up. */
  #findTargets(inputs: DraftInput[]): void {
    const { mayHold } = this.#surroundings
    this.#targets.find(
      inputs.flatMap(({ made: { id, references } }) => (id !== undefined && mayHold(id) ? [] : references))
    )
  }

  /** All of the inputs, or none of them (the error says why). */
  async add({ inputs, options, verbatim, expected }: DraftRequest, key: SigningKey): Promise<Drafted[]> {
    const size = this.entries.length
    const chain = this.#chain
    const earlier = this.entries.slice()
    this.lookUp(inputs)
    if (!verbatim) this.#findTargets(inputs)
    try {
      const drafted: Drafted[] = []
      for (const input of inputs)
        drafted.push(
          await this.#one(
            input,
            verbatim ? 'verbatim' : options,
            key,
            expected === null
              ? null
              : async () => {
                  await assertExpected(this.#surroundings.conflicts, chain.ledger, expected, earlier)
                }
          )
        )
      return drafted
    } catch (error) {
      for (const entry of this.entries.splice(size)) this.#ids.delete(entry.header.id)
      this.#chain = chain
      throw error
    }
  }

  /**
   * `isExpected`: throws unless the expected claims are still the current ones; called when the entry does not exist
   * already.
   */
  async #one(
    { given, made: input }: DraftInput,
    options: AppendOptions | 'verbatim',
    key: SigningKey,
    isExpected: (() => Promise<void>) | null
  ): Promise<Drafted> {
    const { clock, random } = this.#surroundings
    if (input.id !== undefined) {
      const existing = this.#ids.get(input.id) ?? (await this.#lookups.get(input.id))
      if (existing != null) {
        const other = differences(existing, given)
        if (other.length > 0 && (given === input || differences(existing, input).length > 0)) {
          throw new LedgermeshError('ID_TAKEN', `another entry has id ${input.id}: not the same ${other.join(', ')}`, {
            hash: existing.hash,
            differs: other
          })
        }
        return { entry: existing, existing: true }
      }
    }
    await isExpected?.()
    // With a key that was in force before, evidence with fewer key entries could accuse an honest author.
    if (input.type === 'ledger.rotate-key' && (await this.#surroundings.isUsedKey(key.publicKey)))
      throw new LedgermeshError('BAD_KEY', 'this key has signed for the ledger before: rotate to a new one')
    const { references } = input
    const payload = input.payload === null ? null : payloadBytes(input.payload, toHex(random.bytes(SALT_BYTES)))
    const meta = parseText(input.meta) as JsonObject
    const resolved = options === 'verbatim' ? references.map(asGiven) : this.#targets.resolve(references, options)
    const crossLedgerRefs = Array.isArray(resolved) ? resolved : await resolved
    const header: Header = {
      id: input.id ?? uuidv7({ msecs: clock.now(), random: random.bytes(UUID_BYTES) }),
      issuer_oid: input.issuer_oid,
      key: key.publicKey,
      ledger: this.#chain.ledger,
      meta: references.length === 0 ? meta : { ...meta, crossLedgerRefs },
      payload_hash: payload === null ? null : payloadHash(payload),
      payload_size: payload?.length ?? 0,
      prev_hash: this.#chain.headHash,
      seq: this.#chain.size,
      stream: input.stream,
      subject_oid: input.subject_oid,
      timestamp: input.timestamp ?? clock.now(),
      type: input.type,
      v: 1
    }
    const entry = await signHeader(header, encodeHeaderText(header, headerText(header, input)), payload, key)
    this.#chain = extendChain(this.#chain, entry)
    this.entries.push(entry)
    this.#ids.set(header.id, entry)
    return { entry, existing: false }
  }
}

/**
 * `header` belongs to the entry from now on: the caller must not change it. Throws MALFORMED, TOO_LARGE or
 * BAD_SIGNATURE (a signing device that returns an invalid signature).
 */
export async function signEntry(header: Header, payload: Uint8Array | null, key: SigningKey): Promise<Entry> {
  return await signHeader(header, encodeHeader(header), payload, key)
}

/** `bytes`: the header's. */
async function signHeader(
  header: Header,
  bytes: Uint8Array,
  payload: Uint8Array | null,
  key: SigningKey
): Promise<Entry> {
  const answer = key.sign(signingInput('entry', bytes))
  const signature = answer instanceof Uint8Array ? answer : await answer
  // a key that signs elsewhere can be the wrong one, or broken; one of ours signs correctly
  const correct =
    answer === signature
      ? signature.length === SIGNATURE_BYTES
      : verifySignature(fromHex(key.publicKey), signingInput('entry', bytes), signature)
  if (!correct) throw new LedgermeshError('BAD_SIGNATURE', 'the signing key returned no Ed25519 signature')
  const raw = { header: bytes, signature, payload }
  return { header, hash: entryHash(raw), raw }
}
