import { statfs } from 'node:fs/promises'
import type { HealthReport, LedgerSyncStatus, NodeStatus } from './api.js'

/** Below so many free bytes an append may soon fail. */
const LOW_DISK_BYTES = 256 * 1024 * 1024

type Check = HealthReport['checks'][number]

/** What is wrong and what to do about it. */
export async function healthOf (status: NodeStatus, ledgers: LedgerSyncStatus[]): Promise<HealthReport> {
  const checks = [ownLedger(status), peers(status), dht(status), ...ledgers.filter(({ status: state }) => state === 'stalled').map(stalled), await disk(status.home)]
  return { healthy: checks.every(({ ok }) => ok), checks }
}

function ownLedger ({ own }: NodeStatus): Check {
  return own.state === 'ready'
    ? { check: 'own ledger', ok: true, detail: `${own.size} entries, ready to append`, next: null }
    : { check: 'own ledger', ok: false, detail: own.waiting ?? own.state, next: own.state === 'failed' ? 'Free disk space, then restart the node.' : 'Keep the node connected to a mirror of this ledger.' }
}

function peers ({ peers: count }: NodeStatus): Check {
  return count > 0
    ? { check: 'peers', ok: true, detail: `${count} connected`, next: null }
    : { check: 'peers', ok: false, detail: 'nobody is connected', next: 'Name a bootstrap peer in bootstrap-nodes.json, or run `ledgermesh connect <address>`.' }
}

function dht ({ dht: { mode, peers: count }, peers: connected }: NodeStatus): Check {
  const ok = mode === 'server' && (count > 0 || connected === 0)
  return { check: 'DHT', ok, detail: `${mode}, ${count} peers in its table`, next: ok ? null : 'Others may not find this node: check that its listen address can be reached.' }
}

function stalled ({ ledger, name, stall }: LedgerSyncStatus): Check {
  return { check: `ledger ${name ?? ledger}`, ok: false, detail: `${stall!.code} since ${new Date(stall!.since).toISOString()}`, next: stall!.explanation }
}

async function disk (home: string): Promise<Check> {
  const { bavail, bsize } = await statfs(home)
  const free = bavail * bsize
  const ok = free >= LOW_DISK_BYTES
  return { check: 'disk', ok, detail: `${Math.floor(free / 2 ** 20)} MiB free`, next: ok ? null : 'Free disk space: appends fail when it is full.' }
}
