/**
 * A file in which the author of a wrong index convicts himself. Canonical JSON (RFC 8785), at most 1 MiB, exactly:
 *   v: 1 · network · ledger · key_entries: the genesis and every rotation below the checkpoint's size · checkpoint
 *   tree: the multiproof of the key entries, the index and the entries: one branch · index: the entry that names the
 * index · entries: those that it contradicts, by rising seq · fault, and the members of its kind (index-charge.ts)
 * Lists of hashes are packed (pack-fault.ts). It freezes nothing: the entries are valid, what they say of themselves is not.
 */
import { toUtf8 } from '#platform'
import { canonicalize, decodeUtf8, parseCanonical, type JsonObject } from '../canonical.js'
import { keyInForce } from '../chain.js'
import { readCheckpoint, withoutCosignatures } from '../checkpoint.js'
import { decodeSigned, type SignedHeader } from '../entry.js'
import { LedgermeshError } from '../errors.js'
import { hasExactly } from '../grammar.js'
import { isHash, toHex, type Hash } from '../hash.js'
import { refuseNewer } from '../header.js'
import { isLedgerId, type LedgerId } from '../ledger-id.js'
import { isNetworkName } from '../ledger-types.js'
import { MAX_EVIDENCE_BYTES } from '../limits.js'
import { recutMultiproof, type ShownLeaves } from '../multiproof.js'
import { isKeyEntries, isStatement, type RawStatement } from '../verify-proof.js'
import { bad } from './fold.js'
import { isIndexCharge, type IndexCharge } from './index-charge.js'
import { packFault, unpackFault } from './pack-fault.js'

export type IndexFault = IndexCharge & {
  v: 1
  network: string
  ledger: LedgerId
  key_entries: RawStatement[]
  checkpoint: string
  tree: Hash[]
  index: RawStatement
  entries: RawStatement[]
}

/** What an answer stood on. */
export interface FaultBasis {
  network: string
  ledger: LedgerId
  /** The genesis and every rotation below the checkpoint's size. */
  keyEntries: readonly SignedHeader[]
  /** A signed note; cosignatures are left out. */
  checkpoint: string
}

/** As in an index charge: objects and lists inside each other. */
const MAX_DEPTH = 4
/** More than a fault can have: a list that is short is shown by one more than it has. */
const MAX_ENTRIES = 16

/**
 * `trees`: multiproofs that were checked under the checkpoint; together they show the key entries, the index and the
 * accusing entries. Throws BAD_PROOF when they do not.
 */
export function makeIndexFault(
  { network, ledger, keyEntries, checkpoint: note }: FaultBasis,
  trees: readonly ShownLeaves[],
  index: SignedHeader,
  accusing: readonly SignedHeader[],
  charge: IndexCharge
): IndexFault {
  const { size, origin } = readCheckpoint(note, { network, ledger })
  const keys = keyEntries.map((entry) => decodeSigned(entry).header).map(({ seq, key }) => ({ from: seq, key }))
  const seqs = [...keyEntries, index, ...accusing].map((entry) => decodeSigned(entry).header.seq)
  return {
    v: 1,
    network,
    ledger,
    key_entries: keyEntries.map(toStatement),
    checkpoint: withoutCosignatures(note, origin, keyInForce({ keys }, size - 1)),
    tree: recutMultiproof(
      size,
      trees,
      [...new Set(seqs)].sort((a, b) => a - b)
    ),
    index: toStatement(index),
    entries: accusing.map(toStatement),
    ...charge
  }
}

/** The bytes of the file; their SHA-256 is its id. Throws BAD_PROOF, TOO_LARGE. */
export function encodeIndexFault(fault: IndexFault): Uint8Array {
  if (!isIndexFault(fault)) throw bad('not the members of an index fault')
  const bytes = toUtf8(canonicalize(packFault(fault)))
  checkSize(bytes)
  return bytes
}

/** Reads the grammar. Throws BAD_PROOF, TOO_LARGE, or UPGRADE_NEEDED for a file of a newer version. */
export function decodeIndexFault(bytes: Uint8Array): IndexFault {
  checkSize(bytes)
  let value
  try {
    value = parseCanonical(bytes, MAX_DEPTH)
  } catch (error) {
    throw new LedgermeshError('BAD_PROOF', 'index fault: not canonical JSON', undefined, { cause: error })
  }
  refuseNewer(value)
  const fault = unpackFault(value)
  if (!isIndexFault(fault)) throw bad('not the members of an index fault')
  return fault
}

const COMMON = ['v', 'network', 'ledger', 'key_entries', 'checkpoint', 'tree', 'index', 'entries']

function isIndexFault(value: unknown): value is IndexFault {
  const { charge, common } = splitFault(value)
  return (
    isIndexCharge(charge) &&
    hasExactly(common, COMMON) &&
    common.v === 1 &&
    isNetworkName(common.network) &&
    isLedgerId(common.ledger) &&
    isKeyEntries(common.key_entries) &&
    typeof common.checkpoint === 'string' &&
    Array.isArray(common.tree) &&
    common.tree.every(isHash) &&
    isStatement(common.index) &&
    Array.isArray(common.entries) &&
    common.entries.length <= MAX_ENTRIES &&
    common.entries.every(isStatement)
  )
}

/** What it is accused of, and what that stands on. */
export function splitFault(value: unknown): { charge: unknown; common: unknown } {
  const members = Object.entries((value ?? {}) as JsonObject)
  return {
    charge: Object.fromEntries(members.filter(([name]) => !COMMON.includes(name))),
    common: Object.fromEntries(members.filter(([name]) => COMMON.includes(name)))
  }
}

function checkSize({ length }: Uint8Array): void {
  if (length > MAX_EVIDENCE_BYTES)
    throw new LedgermeshError('TOO_LARGE', `the index fault has ${length} bytes; the limit is ${MAX_EVIDENCE_BYTES}`)
}

function toStatement({ header, signature }: SignedHeader): RawStatement {
  return { header: decodeUtf8(header), signature: toHex(signature) }
}
