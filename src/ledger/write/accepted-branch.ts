/**
 * The value of the accepted family: a branch in quarantine replaces held entries. The row exists from the decision
 * until the switch is finished.
 */
import { LedgermeshError } from '../../core/errors.js'
import { isInteger, isObject } from '../../core/grammar.js'
import { isHash, type Hash } from '../../core/hash.js'
import { parseObject, isFrozen, type LedgerState } from '../read/records.js'
import { readStandingRow, type StandingRow } from '../read/standing-row.js'

export interface AcceptedBranch {
  /** Its first seq, and the hash of its last entry. */
  from: number
  head: Hash
  /** The prefix of the id of the evidence that voids the replaced entries. */
  evidence: string
  /** What the evidence means for the ledger from then on. */
  frozen: LedgerState['frozen']
  row: StandingRow
}

export function encodeAccepted({ row: { facts, ...row }, ...accepted }: AcceptedBranch): Buffer {
  return Buffer.from(JSON.stringify({ ...accepted, row: { ...facts, ...row } }))
}

/** Throws STORE_DAMAGED unless these bytes can be such a record. */
export function decodeAccepted(value: Buffer): AcceptedBranch {
  const { from, head, evidence, frozen, row } = parseObject(value, 'accepted branch')
  if (
    !isInteger(from, Number.MAX_SAFE_INTEGER) ||
    from < 1 ||
    !isHash(head) ||
    typeof evidence !== 'string' ||
    frozen === undefined ||
    !isFrozen(frozen) ||
    !isObject(row)
  ) {
    throw new LedgermeshError('STORE_DAMAGED', 'the stored record of an accepted branch is not valid')
  }
  return { from, head, evidence, frozen, row: readStandingRow(row) }
}
