import type { Entry } from '../../core/entry.js'
import type { LedgerId } from '../../core/ledger-id.js'
import { isOfType } from '../../core/ledger-types.js'
import type { FeedFact } from '../../store/feed-rows.js'
import { EVIDENCE_ID_DIGITS, evidenceKey, ledgerRange } from '../../store/keys.js'
import type { Store } from '../../store/store.js'
import type { Decision } from '../read/standing-row.js'
import { fact } from './facts.js'

/** The evidence that was not kept before. */
export async function evidenceFacts(
  store: Pick<Store, 'keys'>,
  ledgerNumber: number,
  { keep }: Pick<Decision, 'keep'>
): Promise<FeedFact[]> {
  const stored = await store.keys(ledgerRange('evidence', ledgerNumber))
  const ids = keep.map(({ id }) => id.slice(0, EVIDENCE_ID_DIGITS))
  return ids
    .filter((id) => !stored.some((key) => key.equals(evidenceKey(ledgerNumber, id))))
    .map((id) => fact('evidence', 0, id))
}

/** Entries that take the right to read their ledger from `own`: what is held of it came under that right. */
export function endedRights(entries: readonly Entry[], own: LedgerId | null): FeedFact[] {
  return own === null
    ? []
    : entries
        .filter(({ header }) => isOfType(header, 'ledger.access') && header.meta.revoke.includes(own))
        .map(({ header }) => fact('right-ended', header.seq))
}
