/** Response frames, and the content of groups. */
import { decodeCanonical } from '../canonical.js'
import { ResultCode, WireError, refusalFields } from '../codes.js'
import { decodeRefusal } from '../decode-refusal.js'
import { checkBytes, checkHash, checkLedger, checkNumber, checkText, fromEntry, invalid, toEntry } from '../fields.js'
import type { WireEntry } from '../types.js'
import type { Ending, WireIndex } from './contract.js'
import { INDEX_LIMITS, indexMessage, readIndex } from './index-message.js'
import {
  MAX_CHECKPOINT_BYTES,
  MAX_CONSISTENCY_HASHES,
  MAX_EVIDENCE_BYTES,
  MAX_FRAME_BYTES,
  MAX_GROUP_BYTES,
  MAX_ITEMS,
  MAX_ITEM_BYTES,
  MAX_KEY_ENTRIES,
  MAX_TREE_HASHES
} from './limits.js'
import { Entries, Response as Message } from './query.pb.js'

/** `keyEntries`: how many of them come first in the groups. */
export interface BasisFrame {
  ledger: string
  checkpoint: string | null
  keyEntries: number
  consistency: Uint8Array[]
  evidence: Uint8Array | null
  indexFault: Uint8Array | null
}

export interface EndFrame {
  count: number
  ending: Ending
  all: boolean
  next: number | null
}

export type Response =
  | { kind: 'basis'; basis: BasisFrame }
  | { kind: 'group'; inflated: number; data: Uint8Array }
  | { kind: 'proof'; tree: Uint8Array[]; index: WireIndex | null }
  | { kind: 'end'; end: EndFrame }
  | { kind: 'refused'; error: WireError }

const STATUS: Record<Ending, number> = { end: 1, limit: 2, budget: 3 }
const DECODE_LIMITS = {
  basis: { consistency: MAX_CONSISTENCY_HASHES },
  proof: { tree: MAX_TREE_HASHES, index: INDEX_LIMITS }
}

export function encodeResponse(response: Response): Uint8Array {
  switch (response.kind) {
    case 'basis': {
      const { ledger, checkpoint, keyEntries, consistency, evidence, indexFault } = checkBasis(response.basis)
      return Message.encode({
        code: ResultCode.OK,
        basis: {
          ledger,
          ...(checkpoint === null ? {} : { checkpoint }),
          keyEntries,
          consistency,
          ...(evidence === null ? {} : { evidence }),
          ...(indexFault === null ? {} : { indexFault })
        }
      })
    }
    case 'group':
      return Message.encode({ code: ResultCode.OK, group: { inflated: response.inflated, data: response.data } })
    case 'proof':
      return Message.encode({
        code: ResultCode.OK,
        proof: {
          tree: checkTree(response.tree),
          ...(response.index === null ? {} : { index: indexMessage(response.index) })
        }
      })
    case 'end': {
      const { count, ending, all, next } = response.end
      return Message.encode({
        code: ResultCode.END,
        end: { count, status: STATUS[ending], all, ...(next === null ? {} : { next }) }
      })
    }
    case 'refused':
      return Message.encode({
        ...refusalFields(response.error),
        ...(response.error.code === 'UNAVAILABLE' && response.error.available)
      })
  }
}

/** Throws INVALID_FRAME or TOO_LARGE. */
export function decodeResponse(bytes: Uint8Array): Response {
  const { code, basis, group, proof, end, earliest, size, retryMs } = decodeCanonical(Message, bytes, DECODE_LIMITS)
  const fields = Object.values({ basis, group, proof, end, earliest, size, retryMs }).filter(
    (value) => value !== undefined
  ).length
  if (code === ResultCode.OK && fields === 1) {
    if (basis !== undefined)
      return {
        kind: 'basis',
        basis: checkBasis({
          ...basis,
          checkpoint: basis.checkpoint ?? null,
          evidence: basis.evidence ?? null,
          indexFault: basis.indexFault ?? null
        })
      }
    if (proof !== undefined)
      return {
        kind: 'proof',
        tree: checkTree(proof.tree),
        index: proof.index === undefined ? null : readIndex(proof.index)
      }
    if (group !== undefined) {
      if (checkNumber(group.inflated, 'inflated size', MAX_ITEM_BYTES) === 0) invalid('an empty group')
      return { kind: 'group', inflated: group.inflated, data: checkBytes(group.data, 'group', MAX_FRAME_BYTES) }
    }
  }
  if (code === ResultCode.END && fields === 1 && end !== undefined) {
    const ending = (Object.keys(STATUS) as Ending[]).find((name) => STATUS[name] === end.status) ?? invalid('status')
    const next = end.next === undefined ? null : checkNumber(end.next, 'next')
    // SPEC query §6: "`next` is there with status 2 and 3, and not otherwise"
    if ((ending === 'end') !== (next === null)) invalid('a status and a next page that do not go together')
    return { kind: 'end', end: { count: checkNumber(end.count, 'count', MAX_ITEMS), ending, all: end.all, next } }
  }
  return { kind: 'refused', error: decodeRefusal(code, fields, earliest, size, retryMs) }
}

function checkBasis(basis: BasisFrame): BasisFrame {
  const { ledger, checkpoint, keyEntries, consistency, evidence, indexFault } = basis
  checkLedger(ledger)
  if (checkpoint !== null) checkText(checkpoint, 'checkpoint', MAX_CHECKPOINT_BYTES)
  // SPEC query §6: "Without a checkpoint there is evidence, and neither key entries nor a consistency proof."
  if (checkpoint === null && (evidence === null || keyEntries !== 0 || consistency.length > 0))
    invalid('a basis without a checkpoint')
  if (checkNumber(keyEntries, 'key entries', MAX_KEY_ENTRIES) === 0 && checkpoint !== null) invalid('no key entries')
  checkHashes(consistency, MAX_CONSISTENCY_HASHES)
  if (evidence !== null) checkBytes(evidence, 'evidence', MAX_EVIDENCE_BYTES)
  // SPEC query §6: "A basis has evidence or an index fault, never both"
  if (evidence !== null && indexFault !== null) invalid('a basis with evidence and an index fault')
  if (indexFault !== null) checkBytes(indexFault, 'index fault', MAX_EVIDENCE_BYTES)
  return basis
}

function checkTree(tree: Uint8Array[]): Uint8Array[] {
  return checkHashes(tree, MAX_TREE_HASHES)
}

function checkHashes(hashes: Uint8Array[], max: number): Uint8Array[] {
  if (hashes.length > max) throw new WireError('TOO_LARGE', `more than ${max} hashes`)
  for (const hash of hashes) checkHash(hash)
  return hashes
}

export const entryItems = {
  /** Bytes that the item adds to a group. */
  sizeOf: ({ header, signature, payload }: WireEntry): number =>
    field(field(header.byteLength) + field(signature.byteLength) + (payload === null ? 0 : field(payload.byteLength))),
  encode: (entries: WireEntry[]): Uint8Array => Entries.encode({ entries: entries.map(fromEntry) }),
  /** Throws INVALID_FRAME or TOO_LARGE. */
  decode: (bytes: Uint8Array): WireEntry[] => {
    const { entries } = decodeCanonical(Entries, bytes, { entries: MAX_ITEMS + MAX_KEY_ENTRIES })
    if (entries.length === 0) invalid('an empty group')
    // SPEC query §6: "A group holds at least one item, and several only if it inflates to at most 262,144 bytes."
    if (entries.length > 1 && bytes.byteLength > MAX_GROUP_BYTES)
      throw new WireError('TOO_LARGE', `a group of ${bytes.byteLength} bytes`)
    return entries.map(toEntry)
  }
}

/** Bytes of a length-delimited field with a number below 16. */
function field(length: number): number {
  return 1 + (length < 0x80 ? 1 : length < 0x4000 ? 2 : length < 0x200000 ? 3 : 4) + length
}
