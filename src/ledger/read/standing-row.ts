/**
 * The value of the standing family: the decisions about the evidence against a ledger, and when other nodes had the
 * same head.
 */
import type { Json, JsonObject } from '../../core/canonical.js'
import { isCoded, LedgermeshError } from '../../core/errors.js'
import { isInteger, isObject } from '../../core/grammar.js'
import { isHash } from '../../core/hash.js'
import type { Verdict } from '../../core/judge-evidence.js'
import type { LedgerId } from '../../core/ledger-id.js'
import { MAX_KEY_ENTRIES, MAX_TIMESTAMP_MS } from '../../core/limits.js'
import { NO_FACTS, type Facts } from '../../core/standing.js'
import type { VerifiedEvidence } from '../../core/verify-evidence.js'
import { ledgerKey } from '../../store/keys.js'
import type { Log } from '../../ports.js'
import type { Op, Store } from '../../store/store.js'
import { parseObject, type LedgerState } from './records.js'

export interface StandingRow {
  facts: Facts
  /** Evidence by the prefix of its id, as in the keys of the evidence family. */
  verdicts: Record<string, Verdict>
  /** The evidence that is shown to other nodes; null: there is none. */
  shown: string | null
  /** The kept evidence was received before any entry of the ledger was held, and is not judged yet. */
  early?: true
}

/** The new judgement of the evidence against a ledger, written in one batch. */
export interface Decision {
  frozen: LedgerState['frozen']
  /** All other kept evidence is deleted. */
  keep: readonly Pick<VerifiedEvidence, 'id' | 'bytes'>[]
  row: StandingRow
}

export const NO_STANDING: StandingRow = { facts: NO_FACTS, verdicts: {}, shown: null }

const VERDICTS = new Set<Json | undefined>(['freezes', 'excused', 'contested'])

/** A damaged row counts as the initial one; the freeze itself stays, because it is in the ledger's state. */
export async function readStanding(
  { store, log }: { store: Store; log: Log },
  ledger: LedgerId,
  ledgerNumber: number
): Promise<StandingRow> {
  const value = await store.get(ledgerKey('standing', ledgerNumber))
  try {
    return value === undefined ? NO_STANDING : decodeStanding(value)
  } catch (error) {
    if (!isCoded(error, 'STORE_DAMAGED')) throw error
    log.error(
      { event: 'ledger.standing-unreadable', error, ledger },
      'the stored verdict on evidence against a ledger cannot be read'
    )
    return NO_STANDING
  }
}

function encodeStanding({ facts, ...rest }: StandingRow): Buffer {
  return Buffer.from(JSON.stringify({ ...facts, ...rest }))
}

/** Throws STORE_DAMAGED unless these bytes can be such a row. */
export function decodeStanding(value: Buffer): StandingRow {
  return readStandingRow(parseObject(value, 'standing of a ledger'))
}

/** The same for a parsed row. */
export function readStandingRow({ verdicts, shown, early, ...facts }: JsonObject): StandingRow {
  if (
    !isFacts(facts) ||
    !(early === undefined || early === true) ||
    !isObject(verdicts) ||
    !Object.values(verdicts).every((verdict) => VERDICTS.has(verdict)) ||
    !(shown === null || typeof shown === 'string')
  ) {
    throw new LedgermeshError('STORE_DAMAGED', 'the stored standing of a ledger is not valid')
  }
  return {
    facts,
    verdicts: verdicts as Record<string, Verdict>,
    shown,
    ...(early === true && { early })
  }
}

function isFacts(facts: JsonObject): facts is JsonObject & Facts {
  const { keyForks, pin, heard, firm, doubtedFrom } = facts
  return (
    Array.isArray(keyForks) &&
    keyForks.length <= MAX_KEY_ENTRIES &&
    keyForks.every((fork) => isObject(fork) && isHash(fork.key) && isInteger(fork.seq, Number.MAX_SAFE_INTEGER)) &&
    (pin === null || isHash(pin)) &&
    typeof firm === 'boolean' &&
    (doubtedFrom === null || isInteger(doubtedFrom, Number.MAX_SAFE_INTEGER)) &&
    (heard === null ||
      (isObject(heard) && isInteger(heard.first, MAX_TIMESTAMP_MS) && isInteger(heard.latest, MAX_TIMESTAMP_MS)))
  )
}

export function standingOp(ledgerNumber: number, row: StandingRow): Op {
  return { type: 'put', key: ledgerKey('standing', ledgerNumber), value: encodeStanding(row) }
}
