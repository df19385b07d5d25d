/** The stored counts of outcomes of a source's entries. */
import { syncMarkOf } from '../../core/reference.js'
import { MAX_OTHERS, MAX_REFUSED } from './limits.js'
import type { AdoptionRow, EntryOutcome } from './types.js'

export const NO_COUNTS: AdoptionRow['counts'] = { copies: 0, waiting: 0, skipped: {}, refused: {} }

export const newRow = (start: number | null, wanted: string): AdoptionRow => ({
  start,
  wanted,
  adopted: { at: start ?? 0, below: null },
  erased: { at: 0, below: null },
  counts: NO_COUNTS,
  refused: [],
  others: {},
  day: { since: 0, entries: 0, bytes: 0 }
})

/** `wasWaiting`: these entries were counted as waiting before. */
export function tally(
  row: Pick<AdoptionRow, 'counts' | 'refused' | 'others'>,
  outcomes: readonly EntryOutcome[],
  wasWaiting: boolean
): Pick<AdoptionRow, 'counts' | 'refused' | 'others'> {
  const counts = { ...row.counts, skipped: { ...row.counts.skipped }, refused: { ...row.counts.refused } }
  const refused = [...row.refused]
  const others = { ...row.others }
  for (const outcome of outcomes) {
    if (wasWaiting && outcome.outcome !== 'waiting') counts.waiting--
    switch (outcome.outcome) {
      case 'adopted':
      case 'existing':
        counts.copies++
        break
      case 'waiting':
        if (!wasWaiting) counts.waiting++
        break
      case 'skipped':
        counts.skipped[outcome.code] = (counts.skipped[outcome.code] ?? 0) + 1
        if (outcome.code === 'IS_COPY') {
          const { source } = syncMarkOf(outcome.header.meta)!
          if (Object.hasOwn(others, source) || Object.keys(others).length < MAX_OTHERS)
            others[source] = (others[source] ?? 0) + 1
        }
        break
      case 'refused':
        counts.refused[outcome.code] = (counts.refused[outcome.code] ?? 0) + 1
        refused.push({ seq: outcome.seq, id: outcome.id, code: outcome.code })
        break
    }
  }
  return { counts: { ...counts, waiting: Math.max(counts.waiting, 0) }, refused: refused.slice(-MAX_REFUSED), others }
}
