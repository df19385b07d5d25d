import type { LedgerSyncStatus } from '../../node/api.js'
import { showAgo, showTable } from '../format.js'

/** What a ledger does now, in words: every stall says why, since when and what comes next. */
function showState ({ status, size, target, stall, headers, filters }: LedgerSyncStatus): string {
  if (status === 'syncing') return `syncing ${target === 0 ? 0 : Math.floor(size / target * 100)} %`
  if (stall === null) return headers ? `${status}, headers alone` : filters === null ? status : `${status}, filtered`
  const next = stall.next === null ? 'waits for you' : `next try ${showAgo(stall.next)}`
  return `stalled: ${stall.code} since ${showAgo(stall.since)}, ${next}\n${stall.explanation}`
}

export function showSyncStatuses (ledgers: LedgerSyncStatus[]): string {
  return showTable(['LEDGER', 'NAME', 'ENTRIES', 'CHECKED', 'PEERS', 'STATE'], ledgers.map((ledger) => [
    ledger.ledger, ledger.own ? `${ledger.name ?? '-'} (own)` : ledger.name ?? '-', String(ledger.size), String(ledger.audited), String(ledger.peers), showState(ledger)
  ]))
}
