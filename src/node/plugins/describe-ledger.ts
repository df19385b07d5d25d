/** The status line of a ledger for the sync plugin's methods. */
import { adviceFor } from '../../core/advice.js'
import type { Surface } from '../../core/errors.js'
import type { Ledger } from '../../ledger/ledger.js'
import { STALL_SENTENCES } from '../../sync/stall-codes.js'
import type { LedgerSyncStatus } from '../api/sync.js'
import { evidenceStateOf } from '../forks/list-evidence.js'
import type { SyncRuntime } from '../replication/sync-runtime.js'

/** `surface`: where the advice of a stall is read. */
export function describeLedger(runtime: SyncRuntime, ledger: Ledger, surface: Surface): LedgerSyncStatus {
  const status = runtime.status(ledger)
  const wanted = runtime.filtersOf(ledger.id)
  return {
    ledger: ledger.id,
    name: ledger.chain?.name ?? null,
    own: ledger.own,
    access: ledger.chain?.access ?? null,
    status: status.status,
    size: ledger.size,
    audited: ledger.audited,
    target: Math.max(runtime.targetOf(ledger), ledger.size),
    filters: wanted === 'headers' ? null : wanted,
    headers: wanted === 'headers',
    peers: runtime.peersOf(ledger.id),
    announced: runtime.isAnnounced(ledger.id),
    stall:
      status.status === 'stalled'
        ? {
            code: status.code,
            since: status.since,
            next: status.next,
            explanation: adviceFor(surface, STALL_SENTENCES[status.code])
          }
        : null,
    evidence: evidenceStateOf(ledger)
  }
}
