import type { LedgerId } from '../../core/ledger-id.js'
import type { MetricLabels } from '../../ports.js'
import type { StallCode } from '../../sync/types.js'

export interface CountedLedger {
  isPrivate: boolean
  status: 'synced' | 'syncing' | 'stalled'
  code?: StallCode
}

/** The worst last: an alert by status must see it. */
const ORDER = ['synced', 'syncing', 'stalled'] as const

/** Ledgers by status. All private ones count as one, in their worst status: nobody is to learn how many there are. */
export function countLedgers(ledgers: readonly CountedLedger[]): (readonly [MetricLabels, number])[] {
  const [worst] = ledgers
    .filter(({ isPrivate }) => isPrivate)
    .toSorted((a, b) => ORDER.indexOf(b.status) - ORDER.indexOf(a.status))
  return [...ledgers.filter(({ isPrivate }) => !isPrivate), ...(worst === undefined ? [] : [worst])].map(
    ({ status, code }) => [{ status, code: status === 'stalled' ? (code ?? '') : '' }, 1]
  )
}

/** Jobs by state. Those of private ledgers count as one for each state and direction. */
export function countJobs<Job extends { ledger: LedgerId; state: string; direction: string }>(
  jobs: readonly Job[],
  isPrivate: (ledger: LedgerId) => boolean
): (readonly [MetricLabels, number])[] {
  const secret = new Set(
    jobs.filter(({ ledger }) => isPrivate(ledger)).map(({ state, direction }) => `${state} ${direction}`)
  )
  return [
    ...jobs
      .filter(({ ledger }) => !isPrivate(ledger))
      .map(({ state, direction }) => [{ state, direction }, 1] as const),
    ...[...secret].map((one) => {
      const [state, direction] = one.split(' ') as [string, string]
      return [{ state, direction }, 1] as const
    })
  ]
}
