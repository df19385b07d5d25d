/** Merges the payloads of siblings by a rule's method. */
import { isCoded, LedgermeshError } from '../../core/errors.js'
import type { Json } from '../../core/canonical.js'
import { viewEntry, type LedgerEntry } from '../../core/view.js'
import { baseOf } from '../../conflict/base.js'
import { MAX_BASE_CLAIMS } from '../../conflict/limits.js'
import { mergeFields } from '../../conflict/merge-fields.js'
import { readHistory } from '../../ledger/claims/key-facts.js'
import type { Ledgers } from '../../ledger/ledgers.js'
import type { Clock } from '../../ports.js'
import type { MergeHandler } from '../api/conflicts.js'
import { runMergeCommand } from './merge-command.js'
import type { Found } from './resolve-conflict.js'

/** Limit in bytes of all payloads together that a handler or command is given. */
const MAX_PAYLOAD_BYTES = 4 * 1024 * 1024

/** Throws MERGE_FAILED. */
export async function mergePayloads(
  ledgers: Ledgers,
  found: Found,
  handler: MergeHandler | undefined,
  clock: Clock
): Promise<Json> {
  const {
    stored: { rule },
    judged: { facts }
  } = found
  if (facts.siblings.some(({ payload }) => payload === 'unknown' || payload === 'erased'))
    throw failed('a payload is not held here')
  const siblings = facts.siblings.map(({ entry }) => viewEntry(entry, true, 'missing'))
  const base = await readBase(ledgers, found)
  const bytes = [...siblings, ...(base === null ? [] : [base])].reduce(
    (sum, { raw }) => sum + (raw.payload?.length ?? 0),
    0
  )
  if (bytes > MAX_PAYLOAD_BYTES) throw failed(`the payloads have more than ${MAX_PAYLOAD_BYTES} bytes`)
  const merged = await merge(rule.merge, siblings, base, handler, clock)
  if (merged === null) throw failed('the handler gave no merged payload')
  return merged
}

async function merge(
  method: Found['stored']['rule']['merge'],
  siblings: LedgerEntry[],
  base: LedgerEntry | null,
  handler: MergeHandler | undefined,
  clock: Clock
): Promise<Json> {
  if (method === null) {
    if (handler === undefined) throw failed('the program has given no handler for this rule')
    try {
      return (await handler(siblings, base)) ?? null
    } catch (error) {
      throw failed(`the handler threw: ${(error as Error).message}`, error)
    }
  }
  if ('command' in method) return await runMergeCommand(method.command, JSON.stringify({ siblings, base }), clock)
  const merged = mergeFields(
    method.fields,
    siblings.map(({ payload }) => payload),
    base?.payload
  )
  if ('at' in merged) throw failed(`the rule does not say how to merge ${JSON.stringify(merged.at)}`)
  return merged.payload
}

/** null: none is held, or its payload is not. */
async function readBase(ledgers: Ledgers, { stored, id, judged: { facts } }: Found): Promise<LedgerEntry | null> {
  const history = await readHistory(ledgers.claimSources, stored, id, MAX_BASE_CLAIMS)
  const claim = history === null ? null : baseOf(stored.rule, facts.siblings, history.claims, history.sightings)
  const entry = claim === null ? null : ((await ledgers.get(claim.ledger)?.get({ seq: claim.seq })) ?? null)
  return entry?.payload_state === 'present' ? entry : null
}

function failed(message: string, cause?: unknown): LedgermeshError {
  return isCoded(cause)
    ? cause
    : new LedgermeshError('MERGE_FAILED', message, undefined, cause === undefined ? {} : { cause })
}
