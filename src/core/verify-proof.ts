/**
 * A proof file: it proves, without network or database, that a ledger contains an entry. JSON, exactly these members:
 * v: 1 · network · ledger · key_entries: [{header, signature} …], the genesis and every rotation below the checkpoint's
 * size checkpoint: a C2SP note, signed by the key in force after its size · seq · entry: {header, signature, payload:
 * text
 * | null} path: [hash …], the RFC 6962 inclusion path from the entry to the checkpoint's root It shows that the holder
 * of the ledger's key vouched for the entry. A file alone cannot show whether that key was retired later, or whether
 * the author showed others another history.
 */
import { toUtf8 } from '#platform'
import { keyInForce, verifyKeyEntries } from './chain.js'
import { readCheckpoint, verifyCheckpoint } from './checkpoint.js'
import { decodeEntry, ledgerOf, verifyEntrySignature, type Entry, type RawEntry } from './entry.js'
import { isCoded, LedgermeshError } from './errors.js'
import { hasExactly, isInteger, isObject } from './grammar.js'
import { fromHex, isHash, type Hash } from './hash.js'
import { refuseNewer } from './header.js'
import { parseCarrier } from './ijson.js'
import { isLedgerId, type LedgerId } from './ledger-id.js'
import { isNetworkName } from './ledger-types.js'
import { MAX_KEY_ENTRIES, MAX_PROOF_BYTES, SIGNATURE_BYTES } from './limits.js'
import { verifyInclusion } from './merkle.js'
import { readOptions, type Members } from './options.js'
import { verifySignature, type Verify } from './signature.js'
import { viewEntry, type LedgerEntry } from './view.js'

/** Signed bytes and their Ed25519 signature, both as a file carries them: the header as text, the signature as hex. */
export interface RawStatement {
  header: string
  signature: string
}
/** Binary is hex; texts are unchanged. */
export interface EntryText extends RawStatement {
  payload: string | null
}

/**
 * A proof file, as `ledger.prove` makes it and `verifyProof` reads it: one entry, the checkpoint that covers it, and
 * the keys. Binary is hex; see docs/FORMATS.md.
 */
export interface EntryProof {
  v: 1
  network: string
  ledger: LedgerId
  key_entries: RawStatement[]
  checkpoint: string
  seq: number
  entry: EntryText
  /** RFC 6962 inclusion path of the entry's hash in the checkpoint's tree. */
  path: Hash[]
}

/**
 * The contents of a verified proof. No part of it was taken on trust: each follows from the ledger id and the
 * signatures.
 */
export interface VerifiedProof {
  ledger: LedgerId
  network: string
  /** The name in the genesis, and who may read the ledger. */
  name: string
  access: 'public' | 'private'
  /** The size and root of the checkpoint. */
  size: number
  root: Hash
  /** `checked` is true; an absent payload is `missing`. */
  entry: LedgerEntry
}

const OPTIONS: Members<{ verify?: Verify }> = { verify: true }
const SIGNATURE = new RegExp(`^[0-9a-f]{${2 * SIGNATURE_BYTES}}$`)

/** Throws BAD_PROOF with the reason, TOO_LARGE, or UPGRADE_NEEDED for a file of a newer version. */
export async function verifyProof(
  input: Uint8Array | string | EntryProof,
  options: { verify?: Verify } = {}
): Promise<VerifiedProof> {
  const { verify = verifySignature } = readOptions(options, OPTIONS)
  try {
    const proof = typeof input === 'string' || input instanceof Uint8Array ? readProof(input) : input
    refuseNewer(proof as never)
    if (!isProof(proof)) throw bad('not the members of a proof file')
    const { network, ledger, key_entries: keyEntries, checkpoint: note, seq, entry: text, path } = proof
    const history = await verifyKeyEntries(
      ledger,
      keyEntries.map((statement) => readEntry({ ...statement, payload: null })),
      verify
    )
    if (history.network !== network) throw bad('the genesis names another network')
    const { size } = readCheckpoint(note, { network, ledger })
    if (history.keys.at(-1)!.from >= size) throw bad('it has key entries that are not below the checkpoint')
    const { root } = await verifyCheckpoint(note, { network, ledger, key: keyInForce(history, size - 1) }, verify)
    const entry = readEntry(text)
    if (ledgerOf(entry) !== ledger) throw bad('the entry is of another ledger')
    if (entry.header.seq !== seq) throw bad(`the entry is entry ${entry.header.seq}, not ${seq}`)
    if (entry.header.key !== keyInForce(history, seq)) throw bad('the entry is not signed by the key in force')
    if (!(await verifyEntrySignature(entry, verify))) throw bad('the entry is not signed by its key')
    if (!verifyInclusion({ index: seq, size, leaf: entry.hash, root, proof: path }))
      throw bad('the path does not lead from the entry to the root of the checkpoint')
    return {
      ledger,
      network,
      name: history.name,
      access: history.access,
      size,
      root,
      entry: viewEntry(entry, true, 'missing')
    }
  } catch (error) {
    if (!isCoded(error) || ['BAD_PROOF', 'UPGRADE_NEEDED', 'TOO_LARGE'].includes(error.code)) throw error
    throw new LedgermeshError('BAD_PROOF', `a part of the proof does not check: ${error.message}`, undefined, {
      cause: error
    })
  }
}

/** Checks the grammar of header and payload. Throws the same errors as `decodeEntry`. */
export function readEntry({ header, signature, payload }: EntryText): Entry {
  if (!header.isWellFormed() || payload?.isWellFormed() === false)
    throw new LedgermeshError('MALFORMED', 'a text with a lone surrogate')
  const raw: RawEntry = {
    header: toUtf8(header),
    signature: fromHex(signature),
    payload: payload === null ? null : toUtf8(payload)
  }
  return decodeEntry(raw)
}

export function isStatement(value: unknown): value is RawStatement {
  return (
    hasExactly(value, ['header', 'signature']) && typeof value.header === 'string' && isSignatureText(value.signature)
  )
}

export function isEntryText(value: unknown): value is EntryText {
  return (
    hasExactly(value, ['header', 'signature', 'payload']) &&
    typeof value.header === 'string' &&
    isSignatureText(value.signature) &&
    (value.payload === null || typeof value.payload === 'string')
  )
}

export function isKeyEntries(value: unknown): value is RawStatement[] {
  return Array.isArray(value) && value.length > 0 && value.length <= MAX_KEY_ENTRIES && value.every(isStatement)
}

function readProof(input: Uint8Array | string): unknown {
  if (input.length > MAX_PROOF_BYTES)
    throw new LedgermeshError('TOO_LARGE', `a proof file has at most ${MAX_PROOF_BYTES} bytes`)
  return parseCarrier(input)
}

function isProof(value: unknown): value is EntryProof {
  return (
    isObject(value) &&
    value.v === 1 &&
    hasExactly(value, ['v', 'network', 'ledger', 'key_entries', 'checkpoint', 'seq', 'entry', 'path']) &&
    isNetworkName(value.network) &&
    isLedgerId(value.ledger) &&
    isKeyEntries(value.key_entries) &&
    typeof value.checkpoint === 'string' &&
    isInteger(value.seq, Number.MAX_SAFE_INTEGER) &&
    isEntryText(value.entry) &&
    Array.isArray(value.path) &&
    value.path.every(isHash)
  )
}

function isSignatureText(value: unknown): value is string {
  return typeof value === 'string' && SIGNATURE.test(value)
}

function bad(what: string): LedgermeshError {
  return new LedgermeshError('BAD_PROOF', what)
}
