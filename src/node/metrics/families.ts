/** Every metric family of this software. REFERENCE.md is generated from these. */
import type { MetricFamily } from '../../ports.js'

export interface Family extends MetricFamily {
  kind: 'gauge' | 'counter' | 'histogram'
}

/** Seconds: from a fast disk to a slow peer. */
const SECONDS = [0.001, 0.005, 0.025, 0.1, 0.5, 2.5, 10, 60, 600]

const gauge = (name: string, help: string, ...labels: string[]): Family => ({ kind: 'gauge', name, help, labels })
const counter = (name: string, help: string, ...labels: string[]): Family => ({ kind: 'counter', name, help, labels })
const seconds = (name: string, help: string, ...labels: string[]): Family => ({
  kind: 'histogram',
  name,
  help,
  labels,
  buckets: SECONDS
})

export const FAMILIES = {
  ledgers: gauge(
    'ledgermesh_sync_ledgers',
    'Ledgers, by status (synced, syncing, stalled) and code of the stall. All private ones count as one, in their worst status.',
    'status',
    'code'
  ),
  behind: gauge(
    'ledgermesh_sync_ledger_behind_entries',
    'Entries that the highest signed head speaks of, and that are not held.',
    'ledger'
  ),
  confirmedAge: gauge(
    'ledgermesh_sync_ledger_confirmed_age_seconds',
    'Since when no peer has shown that what is held is all there is.',
    'ledger'
  ),
  jobs: gauge(
    'ledgermesh_sync_jobs',
    'Ledgers that go in or out, by state; the private ones count as one for each state.',
    'state',
    'direction'
  ),
  jobTransitions: counter('ledgermesh_sync_job_transitions_total', 'Changes of the state of jobs.', 'to'),
  batches: counter('ledgermesh_sync_batches_total', 'Ranges: verified, stored, or failed with a code.', 'outcome'),
  received: counter('ledgermesh_sync_received_bytes_total', 'Headers, signatures and payloads that came.', 'protocol'),
  sent: counter(
    'ledgermesh_sync_sent_bytes_total',
    'Headers, signatures and payloads that were handed out.',
    'protocol'
  ),
  storing: seconds('ledgermesh_sync_store_seconds', 'From a verified range to a stored one.'),
  throttled: counter(
    'ledgermesh_sync_throttled_seconds_total',
    'Seconds for which a bandwidth cap delayed transfers.',
    'direction'
  ),
  offers: counter(
    'ledgermesh_push_offers_total',
    'Offers decided: here (in) or by a remote (out).',
    'side',
    'decision',
    'reason'
  ),
  confirming: seconds('ledgermesh_push_confirm_seconds', 'From an offer to the receipt for all of it.'),
  unconfirmed: gauge(
    'ledgermesh_push_unconfirmed_entries',
    'Entries that the remote which is furthest behind has not confirmed.',
    'ledger'
  ),
  inbox: gauge('ledgermesh_push_inbox', 'Offers that wait for the operator.'),
  adopted: counter('ledgermesh_adopt_entries_total', 'Entries that adoption has dealt with.', 'outcome', 'reason'),
  adoptBehind: gauge(
    'ledgermesh_adopt_behind_entries',
    'Entries of an adopted ledger that are held, and that adoption has not gone through.',
    'ledger'
  ),
  adoptErasures: counter('ledgermesh_adopt_erasures_total', 'Copies that were erased because their originals were.'),
  adoptErasing: seconds('ledgermesh_adopt_erasure_seconds', 'From the storing of an erasure to that of its copy.'),
  exceptions: gauge('ledgermesh_sync_exceptions', 'Entries that deviate from what was reached.', 'status'),
  conflicts: gauge(
    'ledgermesh_conflicts',
    'Conflicts between entries, by state and by what they are about (concurrent, incomparable, edit-erase, resolution).',
    'state',
    'kind'
  ),
  decisions: counter(
    'ledgermesh_conflict_decisions_total',
    'Conflicts that were decided by a rule, or resolved by a ledger.',
    'strategy',
    'state'
  ),
  merges: counter('ledgermesh_merge_runs_total', 'Merges of entries that this node has tried.', 'outcome'),
  replicas: counter(
    'ledgermesh_append_replicas_total',
    'Appends that waited for remotes, by how many had confirmed in time; 9: nine or more.',
    'n'
  ),
  autoPull: counter('ledgermesh_autopull_total', 'Entries that were looked for elsewhere.', 'outcome'),
  autoPullSeconds: seconds('ledgermesh_autopull_seconds', 'How long that took.'),
  appending: seconds('ledgermesh_append_seconds', 'From an append to its answer: one entry, or a batch.', 'kind'),
  delay: gauge('ledgermesh_eventloop_delay_seconds', 'How late the event loop is.'),
  storeFailed: gauge('ledgermesh_store_failed', '1: the store has failed, and nothing is written.'),
  peers: gauge('ledgermesh_peers', 'Peers that are connected.'),
  entries: gauge('ledgermesh_own_entries', 'Entries of the own ledger.')
} satisfies Record<string, Family>
