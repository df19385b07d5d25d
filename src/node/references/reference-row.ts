/** The stored row of one reference. */
import { LedgermeshError } from '../../core/errors.js'
import { isReferenceValue, REFERENCE_BYTES } from '../../store/reference-keys.js'
import type { ReferenceStatus } from '../../references/types.js'

export interface ReferenceRow {
  status: ReferenceStatus
  /** ms since the epoch: time at which the status was found. */
  since: number
  /**
   * The smallest size of the target's ledger that shows the status; 0: no entry of it is held, or the hash alone
   * decides it for good.
   */
  asOf: number
}

/** Statuses by their number on the disk, from 1. */
export const STATUSES: readonly ReferenceStatus[] = ['verified', 'proved', 'unresolved', 'contradicted', 'disputed']
const TIME_BYTES = 6

export function encodeRow({ status, since, asOf }: ReferenceRow): Buffer {
  const row = Buffer.allocUnsafe(REFERENCE_BYTES)
  row[0] = STATUSES.indexOf(status) + 1
  row.writeUIntBE(since, 1, TIME_BYTES)
  row.writeUIntBE(asOf, 1 + TIME_BYTES, TIME_BYTES)
  return row
}

/** Throws STORE_DAMAGED. */
export function decodeRow(row: Buffer): ReferenceRow {
  if (!isReferenceValue(row)) throw new LedgermeshError('STORE_DAMAGED', 'what a reference is worth cannot be read')
  return {
    status: STATUSES[row[0]! - 1]!,
    since: row.readUIntBE(1, TIME_BYTES),
    asOf: row.readUIntBE(1 + TIME_BYTES, TIME_BYTES)
  }
}

/** May the status still change? A hash that belongs to another entry is final. */
export function isOpen({ status, asOf }: Pick<ReferenceRow, 'status' | 'asOf'>): boolean {
  return status !== 'verified' && !(status === 'contradicted' && asOf === 0)
}
