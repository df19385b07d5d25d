/**
 * A cut takes many batches. What it is to be is written, and synced, before the first of them, so that the next open
 * finishes it; the feed tells of it with the last.
 */
import { LedgermeshError } from '../../core/errors.js'
import { isInteger } from '../../core/grammar.js'
import { ledgerKey, SEQ_END } from '../../store/keys.js'
import type { Op, Store } from '../../store/store.js'
import { parseObject } from '../read/records.js'
import type { Cut } from './facts.js'

/** `withdrawn`: seqs of entries whose erasures are cut away. */
export interface Cutting extends Cut {
  withdrawn: number[]
}

export function cuttingOp(ledgerNumber: number, cutting: Cutting): Op {
  return { type: 'put', key: ledgerKey('cutting', ledgerNumber), value: Buffer.from(JSON.stringify(cutting)) }
}

export function cuttingDone(ledgerNumber: number): Op {
  return { type: 'del', key: ledgerKey('cutting', ledgerNumber) }
}

/** null: no cut is under way. Throws STORE_DAMAGED. */
export async function readCutting(store: Pick<Store, 'get'>, ledgerNumber: number): Promise<Cutting | null> {
  const value = await store.get(ledgerKey('cutting', ledgerNumber))
  return value === undefined ? null : decodeCutting(value)
}

/** Throws STORE_DAMAGED. */
export function decodeCutting(value: Buffer): Cutting {
  const { kind, from, withdrawn } = parseObject(value, 'cut under way')
  const isSeq = (seq: unknown): seq is number => isInteger(seq as number, SEQ_END)
  if ((kind !== 'cut' && kind !== 'voided') || !isSeq(from) || !Array.isArray(withdrawn) || !withdrawn.every(isSeq))
    throw new LedgermeshError('STORE_DAMAGED', 'the row of a cut under way is not valid')
  return { kind, from, withdrawn: withdrawn as number[] }
}
