/**
 * Did the author of an index convict himself? Everything in the file was handed over by someone who may lie, so each
 * entry must be signed, and all of them under one checkpoint: what is on another branch accuses nobody of this one. A
 * file cannot show that its key was retired; what it means for a ledger that is known, weigh-fault.ts says.
 */
import { toUtf8 } from '#platform'
import { keyInForce, verifyKeyEntries, type KeyHistory } from '../chain.js'
import { readCheckpoint, verifyCheckpoint, withoutCosignatures } from '../checkpoint.js'
import { decodeSigned, ledgerOf, verifyEntrySignature, type Entry } from '../entry.js'
import { isCoded, LedgermeshError, type ErrorCode } from '../errors.js'
import { fromHex, sha256, type Hash } from '../hash.js'
import type { LedgerId } from '../ledger-id.js'
import { verifyMultiproof } from '../multiproof.js'
import { readOptions, type Members } from '../options.js'
import { verifySignature, type Verify } from '../signature.js'
import type { RawStatement } from '../verify-proof.js'
import { bad } from './fold.js'
import type { FaultKind, IndexCharge } from './index-charge.js'
import { indexOf } from './index-entry.js'
import { decodeIndexFault, splitFault } from './index-fault.js'
import { judgeFault } from './judge-fault.js'

/** What an index fault that checks says. */
export interface VerifiedIndexFault {
  ledger: LedgerId
  network: string
  access: 'public' | 'private'
  fault: FaultKind
  /** The entry that names the wrong index. */
  index: { seq: number; hash: Hash; size: number; root: Hash }
  /** The highest seq of what it quotes. */
  last: number
  /** The tree that all of it is in, and the key that signed for it. */
  tree: { size: number; root: Hash; key: string }
  /** SHA-256 of the file. */
  id: Hash
}

const OPTIONS: Members<{ verify?: Verify }> = { verify: true }
/** Not wrapped: already the verdict, or a verifier that could not decide now. */
const AS_THEY_ARE = new Set<ErrorCode>(['BAD_PROOF', 'UPGRADE_NEEDED', 'TOO_LARGE', 'OVERLOADED', 'CLOSED'])

/** `bytes`: the file. Throws BAD_PROOF with the reason, TOO_LARGE, or UPGRADE_NEEDED for what a newer version wrote. */
export async function verifyIndexFault(
  bytes: Uint8Array,
  options: { verify?: Verify } = {}
): Promise<VerifiedIndexFault> {
  const { verify = verifySignature } = readOptions(options, OPTIONS)
  const file = decodeIndexFault(bytes)
  try {
    const { network, ledger, fault, checkpoint: note } = file
    const history = await verifyKeyEntries(ledger, file.key_entries.map(decode), verify)
    if (history.network !== network) throw bad('the genesis names another network')
    const tree = await checkNote(note, history, verify)
    const index = decode(file.index)
    const accusing = file.entries.map(decode)
    for (const entry of [index, ...accusing]) await checkSigned(entry, history, verify)
    checkTree(history, tree, [index, ...accusing], file.tree)
    const { seq } = index.header
    const said = indexOf(index.header)
    if (said === null) throw bad('an entry that names no index')
    // Whose withdrawal makes later ones count again: the first of the two is the one that is struck.
    if (fault === 'two-roots' && accusing.some(({ header }) => header.seq <= seq)) throw bad('not the first of the two')
    judgeFault(
      said,
      splitFault(file).charge as IndexCharge,
      accusing.map(({ header }) => header)
    )
    const last = Math.max(seq, ...accusing.map(({ header }) => header.seq))
    const named = { seq, hash: index.hash, ...said }
    return { ledger, network, access: history.access, fault, index: named, last, tree, id: sha256(bytes) }
  } catch (error) {
    if (!isCoded(error) || AS_THEY_ARE.has(error.code)) throw error
    throw new LedgermeshError('BAD_PROOF', `a part of the index fault does not check: ${error.message}`, undefined, {
      cause: error
    })
  }
}

async function checkNote(note: string, history: KeyHistory, verify: Verify): Promise<VerifiedIndexFault['tree']> {
  const { size } = readCheckpoint(note, history)
  if (history.keys.at(-1)!.from >= size) throw bad('it has key entries that are not below the checkpoint')
  const key = keyInForce(history, size - 1)
  const { root, origin } = await verifyCheckpoint(note, { ...history, key }, verify)
  if (withoutCosignatures(note, origin, key) !== note) throw bad('a checkpoint with more than the one signature')
  return { size, root, key }
}

async function checkSigned(entry: Entry, history: KeyHistory, verify: Verify): Promise<void> {
  const { seq, key } = entry.header
  if (ledgerOf(entry) !== history.ledger) throw bad(`entry ${seq} is of another ledger`)
  if (key !== keyInForce(history, seq)) throw bad(`entry ${seq} is not by the key in force`)
  if (!(await verifyEntrySignature(entry, verify))) throw bad(`entry ${seq} is not signed by its key`)
}

/** All of it is in one tree, the key entries too: none is of another branch. */
function checkTree(
  { keys }: KeyHistory,
  tree: { size: number; root: Hash },
  entries: readonly Entry[],
  proof: readonly Hash[]
): void {
  const hashes = new Map(keys.map(({ from, hash }) => [from, hash]))
  for (const { header, hash } of entries) {
    if ((hashes.get(header.seq) ?? hash) !== hash) throw bad(`two entries ${header.seq}`)
    hashes.set(header.seq, hash)
  }
  const leaves = [...hashes].map(([index, hash]) => ({ index, hash })).sort((a, b) => a.index - b.index)
  if (!verifyMultiproof({ ...tree, leaves, proof })) throw bad('the entries are not under the checkpoint')
}

function decode({ header, signature }: RawStatement): Entry {
  if (!header.isWellFormed()) throw new LedgermeshError('MALFORMED', 'a text with a lone surrogate')
  return decodeSigned({ header: toUtf8(header), signature: fromHex(signature) })
}
