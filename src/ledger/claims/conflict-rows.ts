/** Stored results of the last examination of each conflict, and the list by state. */
import { isHash, type Hash } from '../../core/hash.js'
import { isInteger } from '../../core/grammar.js'
import { LedgermeshError } from '../../core/errors.js'
import { conflictByStateKey, conflictKey } from '../../store/conflict-keys.js'
import { EMPTY } from '../../store/posting.js'
import type { Op } from '../../store/store.js'
import {
  CONFLICT_KINDS,
  CONFLICT_STATES,
  tellingKind,
  type ConflictKind,
  type ConflictState,
  type Verdict
} from '../../conflict/judge.js'
import { parseObject } from '../read/records.js'

/**
 * `digest`: hash of everything whose change subscribers are told of; `since`: ms since the epoch. `kind`: of its kinds
 * the one that says most; absent: `concurrent`.
 */
export interface ConflictRow {
  state: ConflictState
  kind?: Exclude<ConflictKind, 'concurrent'>
  since: number
  siblings: number
  digest: Hash
}

export function encodeConflict(row: ConflictRow): Buffer {
  return Buffer.from(JSON.stringify(row))
}

/** Bytes of the row of a key that is in no list. */
const SPEAKER_BYTES = 4
/** Several ledgers have claims for the key, and it is in no list. */
export const SEVERAL = 0

/** `n`: the number of the only ledger with claims for the key; or SEVERAL. */
export function encodeSpeaker(ledgerNumber: number): Buffer {
  const value = Buffer.allocUnsafe(SPEAKER_BYTES)
  value.writeUInt32BE(ledgerNumber)
  return value
}

/** null: this is a conflict in the list. */
export function decodeSpeaker(value: Buffer): number | null {
  return value.length === SPEAKER_BYTES ? value.readUInt32BE() : null
}

/** Throws STORE_DAMAGED. */
export function decodeConflict(value: Buffer): ConflictRow {
  const { state, since, siblings, digest, kind } = parseObject(value, 'conflict')
  if (
    !(kind === undefined || CONFLICT_KINDS.indexOf(kind as ConflictKind) > 0) ||
    !CONFLICT_STATES.includes(state as ConflictState) ||
    !isInteger(since, Number.MAX_SAFE_INTEGER) ||
    !isInteger(siblings, Number.MAX_SAFE_INTEGER) ||
    !isHash(digest)
  ) {
    throw new LedgermeshError('STORE_DAMAGED', 'a stored conflict is not valid')
  }
  return {
    state: state as ConflictState,
    ...(kind !== undefined && { kind: kind as ConflictRow['kind'] & string }),
    since,
    siblings,
    digest
  }
}

/** The value of its row in the list by state: the number of its kind; nothing: `concurrent`. */
export function encodeKind({ kind }: Pick<ConflictRow, 'kind'>): Buffer {
  return kind === undefined ? EMPTY : Buffer.of(CONFLICT_KINDS.indexOf(kind))
}

/** A kind that is not known here reads as `concurrent`. */
export function decodeKind(value: Buffer): ConflictKind {
  return CONFLICT_KINDS[value[0] ?? 0] ?? 'concurrent'
}

/** The kind that the list has for these. */
export function kindOf(kinds: readonly ConflictKind[]): Pick<ConflictRow, 'kind'> {
  const kind = tellingKind(kinds)
  return kind === 'concurrent' ? {} : { kind }
}

/** Decodes the stored result; null: the key is in no list. */
export function conflictOps(rule: number, id: string, before: ConflictRow | null, after: ConflictRow | null): Op[] {
  const ops: Op[] = []
  if (before !== null && (after === null || before.state !== after.state || before.since !== after.since))
    ops.push({ type: 'del', key: byState(rule, id, before) })
  if (after !== null)
    ops.push(
      { type: 'put', key: byState(rule, id, after), value: encodeKind(after) },
      { type: 'put', key: conflictKey(rule, id), value: encodeConflict(after) }
    )
  else ops.push({ type: 'put', key: conflictKey(rule, id), value: encodeSpeaker(SEVERAL) })
  return ops
}

/** Does the list contain it? A single claim, or claims that agree, are no conflict. */
export function isListed({ state }: Pick<Verdict, 'state'>): boolean {
  return state !== 'single' && state !== 'agreed'
}

function byState(rule: number, id: string, { state, since }: ConflictRow): Buffer {
  return conflictByStateKey(CONFLICT_STATES.indexOf(state), since, rule, id)
}
