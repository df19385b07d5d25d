/** The entries in which a ledger says something about itself. */
import type { JsonObject } from '../../core/canonical.js'
import type { Hash } from '../../core/hash.js'
import type { AccessMeta } from '../../core/ledger-types.js'
import { MAX_LIST } from '../../core/limits.js'
import type { AppendInput } from './append-input.js'

/** Stream of these entries. */
const LEDGER_STREAM = 'ledger'

/** As many `ledger.erase` entries as the hashes need. */
export function eraseEntries(hashes: readonly Hash[]): AppendInput[] {
  const inputs: AppendInput[] = []
  for (let i = 0; i < hashes.length; i += MAX_LIST)
    inputs.push(ledgerEntry('ledger.erase', { entries: hashes.slice(i, i + MAX_LIST) }))
  return inputs
}

export function accessEntry(change: AccessMeta): AppendInput {
  return ledgerEntry('ledger.access', change)
}

/** `nextKeyHash`: the only key that may follow; null: none is committed to. */
export function rotationEntry(nextKeyHash: Hash | null): AppendInput {
  return ledgerEntry('ledger.rotate-key', { next_key_hash: nextKeyHash })
}

function ledgerEntry(type: string, meta: JsonObject): AppendInput {
  return { stream: LEDGER_STREAM, type, meta }
}
