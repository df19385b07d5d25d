import { adviceFor } from '../../core/advice.js'
import type { Job } from '../../node/api/jobs.js'
import { shorten, showAgo, showTime } from '../format.js'
import { showTable } from '../table.js'

const NAME_COLUMNS = 20

/** One line for each job; what became of them below it, when it was asked for. */
export function showJobs(jobs: Job[]): string {
  if (jobs.length === 0) return 'Nothing is pulled, and nothing is pushed.'
  const table = showTable(
    ['LEDGER', 'NAME', 'DIR', 'STATE', 'SINCE', 'NEXT', 'SCHEDULE'],
    jobs.map(({ ledger, name, remote, direction, state, code, since, next, schedule }) => [
      direction === 'in' ? ledger : `${ledger}\nto ${remote}`,
      name === null ? '-' : shorten(name, NAME_COLUMNS),
      direction,
      code === null ? state : `${state}: ${code}`,
      since === null ? '-' : showAgo(since),
      next === null ? '-' : showAgo(next),
      schedule
    ])
  )
  const reasons = new Map(
    jobs.flatMap(({ code, explanation }) =>
      code === null || explanation === null ? [] : [[code, explanation] as const]
    )
  )
  return [
    table,
    ...[...reasons].map(([code, explanation]) => `${code}: ${adviceFor('cli', explanation)}`),
    ...jobs.flatMap(showHistory)
  ].join('\n')
}

function showHistory({ ledger, name, direction, history }: Job): string[] {
  if (history.length === 0) return []
  const lines = history.map(({ at, from, to, code }) => {
    const change = from === null ? to : `${from} → ${to}`
    return `  ${showTime(at)}  ${change}${code === null ? '' : ` (${code})`}`
  })
  return ['', `${shorten(name ?? ledger, NAME_COLUMNS)}, ${direction}:`, ...lines]
}
