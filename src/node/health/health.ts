/** Problems, and what to do about each. A check that is ok may still have advice in `next`. */
import type { Paths } from '../../config/paths.js'
import type { OwnState } from '../../ledger/signer/signer-guard.js'
import type { LoadMonitor } from '../../network/host.js'
import type { HealthReport, LedgerSyncStatus, NodeStatus, PeerStatus } from '../api/node.js'
import { OWN_FROZEN_NEXT } from '../forks/list-conflicts.js'
import { clockCheck, dhtCheck, listenCheck, loadCheck, peersCheck } from './health-network.js'
import { homeChecks } from './health-home.js'

/** Stalled ledgers that are listed individually. */
const MAX_STALLED_LINES = 20

/** `doctor` warns after this many offline starts in a row. */
const TOO_MANY_OFFLINE = 3

type Check = HealthReport['checks'][number]

export interface HealthInput {
  status: NodeStatus
  ledgers: LedgerSyncStatus[]
  peers: PeerStatus[]
  /** One claim for each connected peer: its clock minus ours, ms. */
  clockOffsets: number[]
  load: Pick<LoadMonitor, 'level' | 'delayMs'>
  /** Offline starts in a row, this one included. */
  offlineStarts: number
  paths: Paths
  /** References of own entries that contradict the entry held here. */
  contradicted: number
  /** The own ledger's indexes that count for nothing elsewhere, and other ledgers whose indexes do here. */
  indexFaults: { own: number; others: number }
  /** Settings that were left out at the start, and why. */
  left: readonly string[]
}

/** All checks. */
export async function healthOf(input: HealthInput): Promise<HealthReport> {
  return report([
    ownLedger(input.status),
    ...offlineStarts(input.offlineStarts),
    ...networkChecks(input),
    ...referenceChecks(input.contradicted),
    ...indexChecks(input.indexFaults),
    ...settingsChecks(input.left),
    ...(await homeChecks(input.paths))
  ])
}

/** Only checks that concern other nodes. */
export function networkHealthOf(input: HealthInput): HealthReport {
  return report(networkChecks(input))
}

function report(checks: Check[]): HealthReport {
  return { healthy: checks.every(({ ok }) => ok), checks }
}

function networkChecks({ status, ledgers, peers, clockOffsets, load }: HealthInput): Check[] {
  return [
    loadCheck(load),
    peersCheck(peers),
    clockCheck(clockOffsets),
    listenCheck(status.addrs, peers),
    dhtCheck(status.dht, peers.length),
    ...stalledChecks(ledgers)
  ]
}

function ownLedger({ own }: NodeStatus): Check {
  const check = 'own ledger'
  if (own.state !== 'ready') return { check, ok: false, detail: own.waiting ?? own.state, next: NEXT[own.state] }
  const detail = `${own.size} entries, ready to append`
  return own.unconfirmed === null
    ? { check, ok: true, detail, next: null }
    : {
        check,
        ok: true,
        detail: `${detail}; ${own.unconfirmed}`,
        next: 'Connect to a node that follows this ledger (`network.connect {address}`): it can say whether entries are missing here.'
      }
}

const NEXT: Record<Exclude<OwnState, 'ready'>, string> = {
  confirming:
    'Wait, and keep the node connected to those who follow its ledger; `ledger.override` confirms that nothing is missing.',
  twin: 'Find the other node that runs with these keys, and stop it for good; then confirm that here: `ledger.override`.',
  restoring: 'Keep the node connected to a mirror of this ledger.',
  frozen: OWN_FROZEN_NEXT,
  failed: 'Free disk space: the node then continues by itself.'
}

/** `--offline` is for a start without reachable peers: used always, it disables the protection of a restored home. */
function offlineStarts(inARow: number): Check[] {
  return inARow < TOO_MANY_OFFLINE
    ? []
    : [
        {
          check: 'offline starts',
          ok: false,
          detail: `this is offline start ${inARow} in a row (--offline): no peer was asked whether entries are missing here`,
          next: 'Start the node online, while a node that follows its ledger can be reached.'
        }
      ]
}

function referenceChecks(contradicted: number): Check[] {
  return contradicted === 0
    ? []
    : [
        {
          check: 'references',
          ok: false,
          detail: `${contradicted} references of own entries are to another entry than the one that is held`,
          next: '`ledger.referenceStates {status}` names them, by the status contradicted; append what is right, and refer to that.'
        }
      ]
}

function indexChecks({ own, others }: HealthInput['indexFaults']): Check[] {
  const isWrong = own > 0
  return own + others === 0
    ? []
    : [
        {
          check: 'indexes',
          ok: !isWrong,
          detail: isWrong
            ? `this ledger has signed a wrong index (${own} times): answers by its indexes prove nothing to others`
            : `the indexes of ${others} other ledgers are known to be wrong: answers by them prove nothing here`,
          next: isWrong
            ? 'Stop the node and run `npx ledgermesh fsck`; then tell those who ask this ledger, who decide themselves (`network.pardonIndex {ledger}`).'
            : '`network.indexFaults` lists them; `network.pardonIndex {ledger}` believes an author again.'
        }
      ]
}

function settingsChecks(left: readonly string[]): Check[] {
  return left.map((problem) => ({
    check: 'settings',
    ok: false,
    detail: problem,
    next: 'Correct it, then restart the node.'
  }))
}

/** Waits set by the operator (a pause, a schedule or a limit) that end by themselves: no fault. */
const CHOSEN = new Set<string>(['PAUSED', 'SCHEDULED', 'QUEUED', 'THROTTLED'])

function stalledChecks(ledgers: LedgerSyncStatus[]): Check[] {
  const isChosen = ({ stall }: LedgerSyncStatus): boolean => CHOSEN.has(stall!.code)
  const stalled = ledgers
    .filter(({ stall }) => stall !== null)
    .toSorted((a, b) => Number(isChosen(a)) - Number(isChosen(b)))
  if (stalled.length === 0)
    return [
      {
        check: 'followed ledgers',
        ok: true,
        detail: `none of ${ledgers.filter(({ own }) => !own).length} is stalled`,
        next: null
      }
    ]
  const lines = stalled.slice(0, MAX_STALLED_LINES).map(({ ledger, name, stall }): Check => {
    const { code, since, next, explanation } = stall!
    const then = next === null ? 'nothing is retried until you act' : `next try ${new Date(next).toISOString()}`
    return {
      check: `ledger ${name ?? ledger}`,
      ok: CHOSEN.has(code),
      detail: `${code} since ${new Date(since).toISOString()}, ${then}`,
      next: code === 'PAUSED' ? 'To continue: `sync.resume {ledger}`.' : explanation
    }
  })
  const others = stalled.slice(MAX_STALLED_LINES)
  if (others.length > 0)
    lines.push({
      check: 'followed ledgers',
      ok: others.every(isChosen),
      detail: `${others.length} more are stalled`,
      next: '`sync.status` shows all of them.'
    })
  return lines
}
