/** What became of the entries of a ledger that is adopted as well, as the pusher is told. */
import { OTHER_REASON, OUTCOMES, REASONS, type Run } from '../../../protocols/push/index.js'
import { MAX_RUNS } from '../../../protocols/push/limits.js'
import type { LedgerId } from '../../core/ledger-id.js'
import type { Outcome } from '../../sync/adopt/types.js'

export interface AdoptedEntries {
  /** Entries that were gone through; null: it is not adopted. `isStill`: it goes on no more by itself. */
  progressOf: (ledger: LedgerId) => { looked: number; isStill: boolean } | null
  /** Of entries from ≤ seq < to, in their order; null: nothing is known of it. */
  outcomesOf: (ledger: LedgerId, from: number, to: number) => Promise<(Outcome | null)[]>
}

/** Entries that are told of one by one: the newest of them. */
const MAX_TOLD = 4_096
/** Entries looked up in one go. */
const CHUNK = 256

/**
 * Below `to`: those that are told of, and before them that they are mirrored; at most as many runs as one answer has.
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
