/** What was found about a conflict when it was last looked at, and the list by state. */
import { isHash, type Hash } from '../../core/hash.js'
import { isInteger } from '../../core/grammar.js'
import { LedgermeshError } from '../../core/errors.js'
import { conflictByStateKey, conflictKey } from '../../store/conflict-keys.js'
import { EMPTY } from '../../store/posting.js'
import type { Op } from '../../store/store.js'
import { CONFLICT_STATES, type ConflictState, type Verdict } from '../../conflict/judge.js'
import { parseObject } from '../read/records.js'

/** `digest`: of all that a subscriber would see change; `since`: ms since the epoch. */
export interface ConflictRow {
  state: ConflictState
  since: number
  siblings: number
  digest: Hash
}

export function encodeConflict(row: ConflictRow): Buffer {
  return Buffer.from(JSON.stringify(row))
}

/** Bytes of what stands for a key that is in no list. */
const SPEAKER_BYTES = 4
/** Several ledgers speak of a key, and it is in no list. */
export const SEVERAL = 0

/** `n`: of the only ledger that spoke of a key; or SEVERAL. */
export function encodeSpeaker(ledgerNumber: number): Buffer {
  const value = Buffer.allocUnsafe(SPEAKER_BYTES)
  value.writeUInt32BE(ledgerNumber)
  return value
}

/** null: this is a conflict of the list. */
export function decodeSpeaker(value: Buffer): number | null {
  return value.length === SPEAKER_BYTES ? value.readUInt32BE() : null
}

/** Throws STORE_DAMAGED. */
export function decodeConflict(value: Buffer): ConflictRow {
  const { state, since, siblings, digest } = parseObject(value, 'conflict')
  if (
    !CONFLICT_STATES.includes(state as ConflictState) ||
    !isInteger(since, Number.MAX_SAFE_INTEGER) ||
    !isInteger(siblings, Number.MAX_SAFE_INTEGER) ||
    !isHash(digest)
  ) {
    throw new LedgermeshError('STORE_DAMAGED', 'a stored conflict says nothing')
  }
  return { state: state as ConflictState, since, siblings, digest }
}

/** From what is stored to what was found; null: it is in no list. */
export function conflictOps(rule: number, id: string, before: ConflictRow | null, after: ConflictRow | null): Op[] {
  const ops: Op[] = []
  if (before !== null && (after === null || before.state !== after.state || before.since !== after.since))
    ops.push({ type: 'del', key: byState(rule, id, before) })
  if (after !== null)
    ops.push(
      { type: 'put', key: byState(rule, id, after), value: EMPTY },
      { type: 'put', key: conflictKey(rule, id), value: encodeConflict(after) }
    )
  else ops.push({ type: 'put', key: conflictKey(rule, id), value: encodeSpeaker(SEVERAL) })
  return ops
}

/** Is it in the list at all? What is alone, or agreed, is no conflict. */
export function isListed({ state }: Pick<Verdict, 'state'>): boolean {
  return state !== 'single' && state !== 'agreed'
}

function byState(rule: number, id: string, { state, since }: ConflictRow): Buffer {
  return conflictByStateKey(CONFLICT_STATES.indexOf(state), since, rule, id)
}
