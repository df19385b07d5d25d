/**
 * Evidence (DESIGN I4): signed statements that an honest author could not have made together. The file format is final.
 *
 *   file        = canonical JSON (RFC 8785), at most 1 MiB, exactly the members of its kind:
 *   all kinds     v: 1 · kind · network · ledger: LedgerId · key_entries: [statement …], 1–256, ascending: the genesis
 * and every
 *                 rotation before the newest statement (below its seq; for a checkpoint: below its size), no others
 *   same-seq      a, b: statement: two signed entries with the same seq and other hash, the lower hash first
 *   same-size     a, b: note: two signed checkpoints of the same size and other root, the lower root (as hex) first
 *   not-included  entry: statement, checkpoint: note, leaf: hash, proof: [hash …]: a checkpoint that has another leaf
 * at the entry's seq
 *   rule-broken   entry: statement, predecessor: statement | null: a signed entry that breaks a rule by itself
 * (predecessor null),
 *                 or against the predecessor that its prev_hash commits to
 *   statement   = {header: the header's bytes as a UTF-8 text, signature: 64 bytes as lower hex}
 *   note        = a checkpoint note of three lines with one signature line, the ledger's own (cosignatures are left
 * out)
 *   hash        = 32 bytes as lower hex
 *
 * There is one file for one dispute and one set of key entries, so its SHA-256 is its id.
 */
import { toUtf8 } from '#platform'
import { canonicalize, decodeUtf8, parseCanonical, type JsonObject } from './canonical.js'
import { readCheckpoint, withoutCosignatures } from './checkpoint.js'
import { entryHash, type SignedHeader } from './entry.js'
import { LedgermeshError } from './errors.js'
import { hasExactly, isObject } from './grammar.js'
import { fromHex, isHash, sha256, toHex, type Hash } from './hash.js'
import { refuseNewer } from './header.js'
import { isLedgerId, type LedgerId } from './ledger-id.js'
import { isNetworkName } from './ledger-types.js'
import { MAX_CHECKPOINT_BYTES, MAX_EVIDENCE_BYTES, MAX_KEY_ENTRIES, SIGNATURE_BYTES } from './limits.js'

/** A signed header as evidence carries it: the signed text, and the signature as hex. */
export interface Statement {
  header: string
  signature: string
}

interface Common {
  v: 1
  network: string
  ledger: LedgerId
  key_entries: Statement[]
}

/** Two entries of one ledger with the same `seq` and different hashes. */
export interface SameSeq extends Common {
  kind: 'same-seq'
  a: Statement
  b: Statement
}
/** Two checkpoints of one ledger with the same size and different roots, each as signed note text. */
export interface SameSize extends Common {
  kind: 'same-size'
  a: string
  b: string
}
/**
 * An entry and a checkpoint whose size covers it, with the RFC 6962 proof that another hash (`leaf`) stands in its
 * place.
 */
export interface NotIncluded extends Common {
  kind: 'not-included'
  entry: Statement
  checkpoint: string
  leaf: Hash
  proof: Hash[]
}
/**
 * An entry that no ledger may have after its predecessor (null: it claims to be the first), signed by a key in force.
 */
export interface RuleBroken extends Common {
  kind: 'rule-broken'
  entry: Statement
  predecessor: Statement | null
}

/**
 * Signed statements that no honest author could have made together; `kind` says which. A file of it stands alone:
 * docs/FORMATS.md.
 */
export type Evidence = SameSeq | SameSize | NotIncluded | RuleBroken
/** `same-seq`, `same-size`, `not-included` or `rule-broken`. */
export type EvidenceKind = Evidence['kind']

/**
 * What every constructor needs: the ledger and its network. Key entries that the statements do not need are left out.
 */
export interface Accused {
  network: string
  ledger: LedgerId
  /** The genesis and the rotations, ascending, with their seqs. */
  keyEntries: readonly (SignedHeader & { seq: number })[]
}

/** Nesting of the file: the object, a list, a statement. */
const MAX_DEPTH = 3
const COMMON = ['v', 'kind', 'network', 'ledger', 'key_entries']
const SIGNATURE = new RegExp(`^[0-9a-f]{${2 * SIGNATURE_BYTES}}$`)
/** The most hashes that a proof in a tree of 2^53 leaves has. */
const MAX_PROOF_HASHES = 53

/** Two entries with the same `seq` and other hash. */
export function sameSeqEvidence(accused: Accused, seq: number, one: SignedHeader, other: SignedHeader): SameSeq {
  const [a, b] = entryHash(one) < entryHash(other) ? [one, other] : [other, one]
  return { ...common(accused, seq), kind: 'same-seq', a: statement(a), b: statement(b) }
}

/** Two checkpoint notes of the same size and other root, signed by `key` (hex). */
export function sameSizeEvidence(accused: Accused, key: string, one: string, other: string): SameSize {
  const [first, second] = [readCheckpoint(one, accused), readCheckpoint(other, accused)]
  const notes = [one, other].map((note) => withoutCosignatures(note, first.origin, key))
  const [a, b] = first.root < second.root ? [notes[0]!, notes[1]!] : [notes[1]!, notes[0]!]
  return { ...common(accused, first.size), kind: 'same-size', a, b }
}

/** An entry, and a checkpoint signed by `key` (hex) with the proof that it has another `leaf` at the entry's seq. */
export function notIncludedEvidence(
  accused: Accused,
  key: string,
  entry: SignedHeader,
  note: string,
  leaf: Hash,
  proof: readonly Hash[]
): NotIncluded {
  const { origin, size } = readCheckpoint(note, accused)
  return {
    ...common(accused, size),
    kind: 'not-included',
    entry: statement(entry),
    checkpoint: withoutCosignatures(note, origin, key),
    leaf,
    proof: [...proof]
  }
}

/**
 * An entry that claims `seq` and breaks a rule by itself, or (with a predecessor) against the one that its prev_hash
 * commits to.
 */
export function ruleBrokenEvidence(
  accused: Accused,
  seq: number,
  entry: SignedHeader,
  predecessor: SignedHeader | null
): RuleBroken {
  return {
    ...common(accused, seq),
    kind: 'rule-broken',
    entry: statement(entry),
    predecessor: predecessor === null ? null : statement(predecessor)
  }
}

function common({ network, ledger, keyEntries }: Accused, below: number): Common {
  return { v: 1, network, ledger, key_entries: keyEntries.filter((entry) => entry.seq < below).map(statement) }
}

/**
 * The bytes of the file. Throws BAD_EVIDENCE when they would break the grammar, TOO_LARGE above 1 MiB. `verifyEvidence`
 * decides whether it proves anything.
 */
export function encodeEvidence(evidence: Evidence): Uint8Array {
  if (!isEvidence(evidence)) throw new LedgermeshError('BAD_EVIDENCE', 'not the members of an evidence file')
  const bytes = toUtf8(canonicalize(evidence))
  if (bytes.length > MAX_EVIDENCE_BYTES)
    throw new LedgermeshError('TOO_LARGE', `the evidence has ${bytes.length} bytes; the limit is ${MAX_EVIDENCE_BYTES}`)
  return bytes
}

/** Reads the grammar. Throws BAD_EVIDENCE, TOO_LARGE, or UPGRADE_NEEDED for a file of a newer version. */
export function decodeEvidence(bytes: Uint8Array): Evidence {
  if (bytes.length > MAX_EVIDENCE_BYTES)
    throw new LedgermeshError('TOO_LARGE', `the evidence has ${bytes.length} bytes; the limit is ${MAX_EVIDENCE_BYTES}`)
  let value
  try {
    value = parseCanonical(bytes, MAX_DEPTH)
  } catch (error) {
    throw new LedgermeshError('BAD_EVIDENCE', 'not canonical JSON', undefined, { cause: error })
  }
  refuseNewer(value)
  if (!isEvidence(value)) throw new LedgermeshError('BAD_EVIDENCE', 'not the members of an evidence file')
  return value
}

/** SHA-256 of the file. */
export function evidenceId(bytes: Uint8Array): Hash {
  return sha256(bytes)
}

export function signedHeader({ header, signature }: Statement): SignedHeader {
  return { header: toUtf8(header), signature: fromHex(signature) }
}

function statement({ header, signature }: SignedHeader): Statement {
  return { header: decodeUtf8(header), signature: toHex(signature) }
}

const KINDS: Record<EvidenceKind, { members: string[]; check: (value: JsonObject) => boolean }> = {
  'same-seq': { members: ['a', 'b'], check: ({ a, b }) => isStatement(a) && isStatement(b) },
  'same-size': { members: ['a', 'b'], check: ({ a, b }) => isNote(a) && isNote(b) },
  'not-included': {
    members: ['entry', 'checkpoint', 'leaf', 'proof'],
    check: ({ entry, checkpoint, leaf, proof }) =>
      isStatement(entry) &&
      isNote(checkpoint) &&
      isHash(leaf) &&
      Array.isArray(proof) &&
      proof.length <= MAX_PROOF_HASHES &&
      proof.every(isHash)
  },
  'rule-broken': {
    members: ['entry', 'predecessor'],
    check: ({ entry, predecessor }) => isStatement(entry) && (predecessor === null || isStatement(predecessor))
  }
}

function isEvidence(value: unknown): value is Evidence {
  if (!isObject(value) || value.v !== 1 || typeof value.kind !== 'string' || !Object.hasOwn(KINDS, value.kind))
    return false
  const { members, check } = KINDS[value.kind as EvidenceKind]
  return (
    hasExactly(value, [...COMMON, ...members]) &&
    isNetworkName(value.network) &&
    isLedgerId(value.ledger) &&
    Array.isArray(value.key_entries) &&
    value.key_entries.length > 0 &&
    value.key_entries.length <= MAX_KEY_ENTRIES &&
    value.key_entries.every(isStatement) &&
    check(value)
  )
}

function isStatement(value: unknown): value is Statement & JsonObject {
  return (
    hasExactly(value, ['header', 'signature']) &&
    typeof value.header === 'string' &&
    value.header.isWellFormed() &&
    typeof value.signature === 'string' &&
    SIGNATURE.test(value.signature)
  )
}

function isNote(value: unknown): value is string {
  return typeof value === 'string' && value.length <= MAX_CHECKPOINT_BYTES
}
