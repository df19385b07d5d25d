import type { LedgerId } from '../../core/ledger-id.js'
import type { MetricLabels } from '../../ports.js'
import type { StallCode } from '../../sync/types.js'
import { highest } from './highest.js'

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
export function countJobs(
  jobs: readonly { ledger: LedgerId; state: string; direction: string }[],
  isPrivate: (ledger: LedgerId) => boolean
): (readonly [MetricLabels, number])[] {
  const count = (some: typeof jobs) => some.map(({ state, direction }) => [{ state, direction }, 1] as const)
  const { open = [], secret = [] } = Object.groupBy(jobs, ({ ledger }) => (isPrivate(ledger) ? 'secret' : 'open'))
  return [...count(open), ...highest(count(secret))]
}
