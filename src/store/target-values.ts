import type { LedgerId } from '../core/ledger-id.js'
import type { Reference } from '../core/reference.js'

/** What a reference to an entry, or without its id to any entry of a ledger, is posted under in the index `target`. */
export function targetValue(ledger: LedgerId, entryId?: string): string {
  return entryId === undefined ? ledger : `${ledger}/${entryId}`
}

/** The values under which that index has an entry with these references, each once. */
export function targetValues(references: readonly Reference[]): Set<string> {
  return new Set(references.flatMap(({ ledgerId, entryId }) => [ledgerId, targetValue(ledgerId, entryId)]))
}
