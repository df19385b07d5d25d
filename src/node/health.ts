/** What is wrong and what to do about it. A check that is ok may still have a `next`: advice. */
import type { Paths } from '../config/paths.js'
import type { LoadWatch } from '../network/host.js'
import type { HealthReport, LedgerSyncStatus, NodeStatus, PeerStatus } from './api.js'
import { clockCheck, dhtCheck, listenCheck, loadCheck, peersCheck } from './health-network.js'
import { homeChecks } from './health-home.js'

/** Stalled ledgers that have a line of their own. */
const MAX_STALLED_LINES = 20

type Check = HealthReport['checks'][number]

export interface HealthInput {
  status: NodeStatus
  ledgers: LedgerSyncStatus[]
  peers: PeerStatus[]
  /** One claim for each connected peer: its clock minus ours, ms. */
  clockOffsets: number[]
  load: Pick<LoadWatch, 'level' | 'delayMs'>
  paths: Paths
}

/** Everything. */
export async function healthOf (input: HealthInput): Promise<HealthReport> {
  return report([ownLedger(input.status), ...networkChecks(input), ...await homeChecks(input.paths)])
}

/** Only what concerns other nodes. */
export function networkHealthOf (input: HealthInput): HealthReport {
  return report(networkChecks(input))
}

function report (checks: Check[]): HealthReport {
  return { healthy: checks.every(({ ok }) => ok), checks }
}

function networkChecks ({ status, ledgers, peers, clockOffsets, load }: HealthInput): Check[] {
  return [loadCheck(load), peersCheck(peers), clockCheck(clockOffsets), listenCheck(status.addrs, peers), dhtCheck(status.dht, peers.length), ...stalledChecks(ledgers)]
}

function ownLedger ({ own }: NodeStatus): Check {
  return own.state === 'ready'
    ? { check: 'own ledger', ok: true, detail: `${own.size} entries, ready to append`, next: null }
    : { check: 'own ledger', ok: false, detail: own.waiting ?? own.state, next: own.state === 'failed' ? 'Free disk space: the node then goes on by itself.' : 'Keep the node connected to a mirror of this ledger.' }
}

function stalledChecks (ledgers: LedgerSyncStatus[]): Check[] {
  const stalled = ledgers.filter(({ stall }) => stall !== null)
  if (stalled.length === 0) return [{ check: 'followed ledgers', ok: true, detail: `none of ${ledgers.filter(({ own }) => !own).length} is stalled`, next: null }]
  const lines = stalled.slice(0, MAX_STALLED_LINES).map(({ ledger, name, stall }): Check => {
    const { code, since, next, explanation } = stall!
    const then = next === null ? 'nothing is tried before you act' : `next try ${new Date(next).toISOString()}`
    // Whoever paused a ledger knows.
    return { check: `ledger ${name ?? ledger}`, ok: code === 'PAUSED', detail: `${code} since ${new Date(since).toISOString()}, ${then}`, next: code === 'PAUSED' ? 'Run `ledgermesh resume <ledger>` to go on.' : explanation }
  })
  if (stalled.length > lines.length) lines.push({ check: 'followed ledgers', ok: false, detail: `${stalled.length - lines.length} more are stalled`, next: 'Run `ledgermesh sync` to see all of them.' })
  return lines
}
