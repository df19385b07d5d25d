/**
 * Does evidence prove what it claims? Its sender may lie about everything in it, so each statement must be signed by a
 * key that the key entries in the file show to be the ledger's at that place. Leaving key entries out only makes an
 * older key look in force, with which an honest author has signed nothing newer: it cannot turn honest statements into
 * evidence.
 */
import { parseText, type Json } from './canonical.js'
import { keyHash, keyInForce, verifyKeyEntries, type KeyHistory } from './chain.js'
import { verifyCheckpoint, readCheckpoint, withoutCosignatures, type Checkpoint } from './checkpoint.js'
import { decodeSigned, entryHash, ledgerOf, verifyEntrySignature, type Entry } from './entry.js'
import { isCoded, LedgermeshError, type ErrorCode } from './errors.js'
import {
  decodeEvidence,
  encodeEvidence,
  evidenceId,
  signedHeader,
  type Evidence,
  type EvidenceKind,
  type NotIncluded,
  type RuleBroken,
  type SameSeq,
  type SameSize,
  type Statement
} from './evidence.js'
import { isInteger, isObject } from './grammar.js'
import { fromHex, isHash, type Hash } from './hash.js'
import { refuseNewer } from './header.js'
import type { LedgerId } from './ledger-id.js'
import { verifyInclusion } from './merkle.js'
import { readOptions, type Members } from './options.js'
import { signingInput, verifySignature, type Verify } from './signature.js'

/**
 * The contents of verified evidence. Whether it freezes a ledger depends on the keys in force on the chain that a node
 * holds.
 */
export interface VerifiedEvidence {
  ledger: LedgerId
  network: string
  access: 'public' | 'private'
  kind: EvidenceKind
  /**
   * The lowest seq in dispute: the ledger is frozen at this many entries (at least 1: the ledger id commits to the
   * genesis).
   */
  seq: number
  /** SHA-256 of the file. */
  id: Hash
  /** The file. */
  bytes: Uint8Array
  /** The signed statements, and the key of each: for `judgeEvidence`. */
  signed: Signed[]
  /** The keys that the file's key entries put in force. */
  keys: KeyHistory['keys']
}

/** One of the statements in evidence: which key signed for which seq. */
export interface Signed {
  seq: number
  /** Hex. */
  key: string
  /** The entry's hash when it is a rotation to the key that was committed before it; else null. */
  rotation: Hash | null
}

interface Proof {
  seq: number
  signed: Signed[]
}

interface Context {
  verify: Verify
  network: string
  history: KeyHistory
  /** The genesis and the rotations, decoded. */
  keyEntries: Entry[]
}

const OPTIONS: Members<{ verify?: Verify; network?: string }> = { verify: true, network: true }

/**
 * `verify`: by default one signature after the other on this thread. Throws BAD_EVIDENCE with the reason, TOO_LARGE,
 * WRONG_NETWORK, or UPGRADE_NEEDED when a newer version wrote a part of it (such a part is never evidence).
 */
export async function verifyEvidence(
  input: Uint8Array | Evidence,
  options: { verify?: Verify; network?: string } = {}
): Promise<VerifiedEvidence> {
  const { verify = verifySignature, network } = readOptions(options, OPTIONS)
  const bytes = input instanceof Uint8Array ? input : encodeEvidence(input)
  const evidence = decodeEvidence(bytes)
  if (network !== undefined && evidence.network !== network)
    throw new LedgermeshError('WRONG_NETWORK', `the evidence is for network ${evidence.network}`)
  try {
    const keyEntries = evidence.key_entries.map(decodeStatement)
    const history = await verifyKeyEntries(evidence.ledger, keyEntries, verify)
    if (history.network !== evidence.network) throw bad('the genesis names another network')
    const { seq, signed } = await prove(evidence, { verify, network: evidence.network, history, keyEntries })
    return {
      ledger: evidence.ledger,
      network: history.network,
      access: history.access,
      kind: evidence.kind,
      seq: Math.max(1, seq),
      id: evidenceId(bytes),
      bytes,
      signed,
      keys: history.keys
    }
  } catch (error) {
    if (!(error instanceof LedgermeshError) || NO_VERDICT.has(error.code)) throw error
    throw new LedgermeshError('BAD_EVIDENCE', `a part of the evidence does not check: ${error.message}`, undefined, {
      cause: error
    })
  }
}

/**
 * These errors are not wrapped: the verdict itself, a part of a newer version, or a verifier that could not decide now.
 */
const NO_VERDICT = new Set<ErrorCode>(['BAD_EVIDENCE', 'UPGRADE_NEEDED', 'OVERLOADED', 'CLOSED'])

function prove(evidence: Evidence, context: Context): Promise<Proof> {
  switch (evidence.kind) {
    case 'same-seq':
      return proveSameSeq(evidence, context)
    case 'same-size':
      return proveSameSize(evidence, context)
    case 'not-included':
      return proveNotIncluded(evidence, context)
    case 'rule-broken':
      return proveRuleBroken(evidence, context)
  }
}

async function proveSameSeq(evidence: SameSeq, context: Context): Promise<Proof> {
  const [a, b] = [decodeStatement(evidence.a), decodeStatement(evidence.b)]
  if (a.hash >= b.hash) throw bad('the two entries are the same, or not in order')
  const { seq } = a.header
  if (seq !== b.header.seq) throw bad('the two entries have different seqs')
  refuseSurplusKeys(context, seq)
  return { seq, signed: [await checkSigned(a, context), await checkSigned(b, context)] }
}

async function proveSameSize({ a, b }: SameSize, context: Context): Promise<Proof> {
  const [first, second] = [await checkNote(a, context), await checkNote(b, context)]
  if (first.size !== second.size) throw bad('the two checkpoints have different sizes')
  if (first.root >= second.root) throw bad('the two checkpoints have the same root, or are not in order')
  refuseSurplusKeys(context, first.size)
  const signed = signedAt(context, first)
  return { seq: signed.seq, signed: [signed] }
}

async function proveNotIncluded(
  { entry: statement, checkpoint: note, leaf, proof }: NotIncluded,
  context: Context
): Promise<Proof> {
  const entry = decodeStatement(statement)
  const checkpoint = await checkNote(note, context)
  const { seq } = entry.header
  if (leaf === entry.hash) throw bad('the leaf is the entry itself')
  if (!verifyInclusion({ index: seq, size: checkpoint.size, leaf, root: checkpoint.root, proof }))
    throw bad('the proof does not lead to the root of the checkpoint')
  refuseSurplusKeys(context, checkpoint.size)
  return { seq, signed: [await checkSigned(entry, context), signedAt(context, checkpoint)] }
}

async function proveRuleBroken({ entry: statement, predecessor }: RuleBroken, context: Context): Promise<Proof> {
  const signed = [await checkLoosely(statement, context)]
  const { seq } = signed[0]!
  refuseSurplusKeys(context, seq)
  const entry = tryDecode(statement)
  if (entry === null || !isInForce(entry, context)) {
    // The second case: a rotation by the key in force, where only the committed key may rotate.
    if (predecessor !== null) throw bad('the entry breaks a rule by itself: a predecessor proves nothing')
    return { seq, signed }
  }
  if (predecessor === null) throw bad('the entry breaks no rule by itself')
  if (entry.header.prev_hash !== entryHash(signedHeader(predecessor)))
    throw bad('the entry does not commit to that predecessor')
  const before = tryDecode(predecessor)
  if (before === null) return { seq: seq - 1, signed }
  if (before.header.seq + 1 !== seq) return { seq: Math.min(seq, before.header.seq + 1), signed }
  const sound =
    ledgerOf(before) === context.history.ledger &&
    isInForce(before, context) &&
    (await verifyEntrySignature(before, context.verify))
  if (sound) throw bad('the entry follows its predecessor by the rules')
  return { seq: seq - 1, signed }
}

/** A signed entry whose header need not follow the whole grammar, but enough of it to tell its ledger and key. */
async function checkLoosely(statement: Statement, { history, keyEntries, verify }: Context): Promise<Signed> {
  const value: Json = parseText(statement.header)
  refuseNewer(value)
  if (
    !isObject(value) ||
    value.ledger !== history.ledger ||
    !isHash(value.key) ||
    !isInteger(value.seq, Number.MAX_SAFE_INTEGER) ||
    value.seq === 0
  ) {
    throw bad('the entry does not say that it is of this ledger')
  }
  const { seq, key } = value
  const rotates = value.type === 'ledger.rotate-key'
  const { key: inForce, next } = epochBefore(keyEntries, seq)
  if (key !== inForce && !(rotates && keyHash(key) === next)) throw bad('the entry is not signed by the key in force')
  const { header, signature } = signedHeader(statement)
  if (!(await verify(fromHex(key), signingInput('entry', header), signature)))
    throw bad('the entry is not signed by its key')
  return { seq, key, rotation: rotates && keyHash(key) === next ? entryHash({ header, signature }) : null }
}

/** A signed entry that follows the grammar, by a key that is the ledger's at its seq. */
async function checkSigned(entry: Entry, context: Context): Promise<Signed> {
  const { seq, key, type } = entry.header
  if (ledgerOf(entry) !== context.history.ledger) throw bad('an entry of another ledger')
  if (!isInForce(entry, context)) throw bad(`entry ${seq} is not signed by the key in force`)
  if (!(await verifyEntrySignature(entry, context.verify))) throw bad(`entry ${seq} is not signed by its key`)
  return { seq, key, rotation: type === 'ledger.rotate-key' ? entry.hash : null }
}

function isInForce({ header }: Entry, { keyEntries, history }: Context): boolean {
  if (header.seq === 0) return header.key === history.keys[0]!.key
  const { key, next } = epochBefore(keyEntries, header.seq)
  return header.type === 'ledger.rotate-key' ? keyHash(header.key) === next : header.key === key
}

async function checkNote(note: string, { history, network, verify }: Context): Promise<Checkpoint> {
  const expected = { network, ledger: history.ledger }
  const key = keyInForce(history, readCheckpoint(note, expected).size - 1)
  const checkpoint = await verifyCheckpoint(note, { ...expected, key }, verify)
  if (withoutCosignatures(note, checkpoint.origin, key) !== note)
    throw bad('a checkpoint has more than the one signature')
  return checkpoint
}

function signedAt({ history }: Context, { size }: Checkpoint): Signed {
  return { seq: size - 1, key: keyInForce(history, size - 1), rotation: null }
}

/** The key, and the commitment to the next one, that hold for entry `seq`. */
function epochBefore(keyEntries: Entry[], seq: number): { key: string; next: Hash | null } {
  const { header } = keyEntries.findLast((entry) => entry.header.seq < seq)!
  return { key: header.key, next: header.meta.next_key_hash as Hash | null }
}

function refuseSurplusKeys({ history }: Context, below: number): void {
  if (history.keys.at(-1)!.from >= below) throw bad('it has key entries that it does not need')
}

function decodeStatement(statement: Statement): Entry {
  return decodeSigned(signedHeader(statement))
}

/** Null for a header that breaks the grammar. A header of a newer version throws. */
function tryDecode(statement: Statement): Entry | null {
  try {
    return decodeStatement(statement)
  } catch (error) {
    if (!isCoded(error) || error.code === 'UPGRADE_NEEDED') throw error
    return null
  }
}

function bad(what: string): LedgermeshError {
  return new LedgermeshError('BAD_EVIDENCE', what)
}
