import { adviceFor } from '../../core/advice.js'
import type { LedgerSyncStatus } from '../../node/api/node.js'
import { showAgo } from '../format.js'
import { showTable } from '../table.js'

type Shown = Pick<LedgerSyncStatus, 'status' | 'size' | 'target' | 'stall' | 'headers' | 'filters' | 'evidence'>

/** What a ledger does now: every stall says its code, since when, and what comes next. */
function showState({ evidence, status, size, target, stall, headers, filters }: Shown): string {
  const state = showStatus({ status, size, target, stall, headers, filters })
  return evidence === 'none' || evidence === 'freezes' ? state : `${state}, ${EVIDENCE[evidence]}`
}

const EVIDENCE = {
  doubted: 'not believed (`conflicts` says why)',
  contested: 'with contested evidence',
  excused: 'with evidence that a retired key signed'
}

function showStatus({ status, size, target, stall, headers, filters }: Omit<Shown, 'evidence'>): string {
  if (status === 'syncing') return `syncing ${target === 0 ? 0 : Math.floor((size / target) * 100)} %`
  if (stall === null) return headers ? `${status}, headers alone` : filters === null ? status : `${status}, filtered`
  const next = stall.next === null ? 'waits for you' : `next try ${showAgo(stall.next)}`
  return `stalled: ${stall.code} since ${showAgo(stall.since)}, ${next}`
}

/** What stalls is explained below the table, once. */
export function showSyncStatuses(ledgers: LedgerSyncStatus[]): string {
  const table = showTable(
    ['LEDGER', 'NAME', 'ACCESS', 'ENTRIES', 'CHECKED', 'PEERS', 'STATE'],
    ledgers.map((ledger) => [
      ledger.ledger,
      ledger.own ? `${ledger.name ?? '-'} (own)` : (ledger.name ?? '-'),
      ledger.access ?? '?',
      String(ledger.size),
      String(ledger.audited),
      String(ledger.peers),
      showState(ledger)
    ])
  )
  const reasons = new Map(
    ledgers.flatMap(({ stall }) => (stall === null ? [] : [[stall.code, stall.explanation] as const]))
  )
  return [table, ...[...reasons].map(([code, explanation]) => `${code}: ${adviceFor('cli', explanation)}`)].join('\n')
}
