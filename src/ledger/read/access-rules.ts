/** Decides who may read a private ledger, from its own entries. */
import { applyAccess, noAccess, restrictAccess, type AccessRules } from '../../core/access.js'
import { isCoded } from '../../core/errors.js'
import type { LedgerId } from '../../core/ledger-id.js'
import { isOfType } from '../../core/ledger-types.js'
import type { LedgerEntry } from '../../core/view.js'
import type { Log } from '../../ports.js'
import { MAX_LIMIT, type QueryFilter } from './query.js'

const ACCESS_TYPE = 'ledger.access'

/** Applies these entries, in chain order. From `believed` on they only remove access (R6). */
export function foldAccess(
  rules: AccessRules,
  entries: Iterable<{ seq: number; type: string; meta: object }>,
  believed: number
): void {
  for (const entry of entries) {
    if (isOfType(entry, ACCESS_TYPE)) (entry.seq < believed ? applyAccess : restrictAccess)(rules, entry.meta)
  }
}

/** The part of a ledger that is read. `believed`: the number of entries from 0 that grants may be read from. */
export interface AccessSource {
  id: LedgerId
  believed: number
  pageOfAll: (
    filter: QueryFilter,
    start: number | undefined
  ) => Promise<{ entries: LedgerEntry[]; next: number | null }>
}

/** After damage no one has access. */
export async function readAccess(ledger: AccessSource, log: Log): Promise<AccessRules> {
  const rules = noAccess()
  try {
    for (let next: number | null = 0; next !== null;) {
      const page: { entries: LedgerEntry[]; next: number | null } = await ledger.pageOfAll(
        { type: ACCESS_TYPE, limit: MAX_LIMIT },
        next
      )
      foldAccess(rules, page.entries, ledger.believed)
      next = page.next
    }
    return rules
  } catch (error) {
    if (!isCoded(error, 'STORE_DAMAGED')) throw error
    log.error(
      { event: 'ledger.readers-unreadable', error, ledger: ledger.id },
      'the readers of a private ledger cannot be loaded; no peer can read it'
    )
    return noAccess()
  }
}
