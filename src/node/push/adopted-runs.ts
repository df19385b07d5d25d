/** The outcomes of entries of an adopted ledger, as reported to the pusher. */
import { OTHER_REASON, OUTCOMES, REASONS, type Run } from '../../../protocols/push/index.js'
import { MAX_RUNS } from '../../../protocols/push/limits.js'
import type { LedgerId } from '../../core/ledger-id.js'
import type { Outcome } from '../../sync/adopt/types.js'

export interface AdoptedEntries {
  /** Number of processed entries; null: not adopted. `isStill`: adoption stands still. */
  progressOf: (ledger: LedgerId) => { looked: number; isStill: boolean } | null
  /** Outcomes of entries from ≤ seq < to, in order; null: not known. */
  outcomesOf: (ledger: LedgerId, from: number, to: number) => Promise<(Outcome | null)[]>
}

/** How many of the newest entries are reported individually. */
const MAX_TOLD = 4_096
/** Entries looked up in one step. */
const CHUNK = 256

/**
 * Runs of outcomes below `to`: entries older than the reported ones are reported as mirrored; at most as many runs as
 * one answer may have.
 */
export async function adoptedRuns(adoption: AdoptedEntries, ledger: LedgerId, to: number): Promise<Run[]> {
  const first = Math.max(0, to - MAX_TOLD)
  const runs: Run[] = first === 0 ? [] : [{ from: 0, count: first, outcome: OUTCOMES.mirrored, reason: 0 }]
  for (let from = first; from < to; from += CHUNK) {
    for (const [i, outcome] of (await adoption.outcomesOf(ledger, from, Math.min(from + CHUNK, to))).entries()) {
      const said = numbersOf(outcome)
      const last = runs.at(-1)
      if (last?.outcome === said.outcome && last.reason === said.reason) last.count++
      else if (runs.length === MAX_RUNS) return runs
      else runs.push({ from: from + i, count: 1, ...said })
    }
  }
  return runs
}

function numbersOf(outcome: Outcome | null): Pick<Run, 'outcome' | 'reason'> {
  switch (outcome?.outcome) {
    case undefined:
      return { outcome: OUTCOMES.mirrored, reason: 0 }
    case 'adopted':
    case 'existing':
      return { outcome: OUTCOMES.adopted, reason: 0 }
    case 'skipped':
      return { outcome: OUTCOMES.skipped, reason: outcome.code === 'MALFORMED' ? OTHER_REASON : REASONS[outcome.code] }
    case 'waiting':
      return { outcome: OUTCOMES.skipped, reason: REASONS.NO_PAYLOAD }
    case 'refused':
      return { outcome: OUTCOMES.refused, reason: REASONS[outcome.code] }
  }
}
