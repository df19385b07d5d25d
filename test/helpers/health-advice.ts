/** Everything that health and doctor can advise: their checks over what can be wrong. */
import { writeFileSync } from 'node:fs'
import { paths } from '../../src/config/paths.js'
import { LOAD_LEVELS } from '../../src/network/load-monitor.js'
import type { LedgerSyncStatus, PeerStatus } from '../../src/node/api/node.js'
import { healthOf, type HealthInput } from '../../src/node/health/health.js'
import { FakeNode } from '../rpc/fake-node.js'
import { temporaryFolder } from './temporary-folder.js'

const OWN_STATES = ['ready', 'confirming', 'twin', 'restoring', 'frozen', 'failed'] as const
const DHT_MODES = ['off', 'client', 'server'] as const
const CLOCKS = [[], [90_000], [90_000, 90_000, 90_000]]

const peer: PeerStatus = {
  peer: 'p',
  addrs: ['/ip4/203.0.113.9/tcp/1'],
  direction: 'inbound',
  since: 0,
  ledger: 'b',
  name: null,
  access: null,
  software: null
}

function stalled(code: 'PAUSED' | 'NO_PEERS'): LedgerSyncStatus {
  const stall = { code, since: 0, next: null, explanation: 'Nobody has it: wait until somebody does.' }
  return {
    ledger: 'b1',
    name: 'one',
    own: false,
    access: 'public',
    status: 'stalled',
    size: 3,
    audited: 3,
    target: 3,
    filters: null,
    headers: false,
    peers: 1,
    announced: true,
    stall,
    evidence: 'none'
  }
}

export async function healthAdvice(): Promise<string[]> {
  const status = await new FakeNode().status()
  const files = paths(await temporaryFolder())
  for (const key of [files.ledgerKey, files.nextKey]) writeFileSync(key, '')
  const usual: HealthInput = {
    status,
    ledgers: [],
    peers: [peer],
    clockOffsets: [],
    load: { level: 'normal', delayMs: 0 },
    offlineStarts: 0,
    paths: files,
    contradicted: 0,
    indexFaults: { own: 0, others: 0 },
    left: []
  }
  const inputs: Partial<HealthInput>[] = [
    ...OWN_STATES.map((state) => ({
      status: { ...status, own: { ...status.own, state, unconfirmed: 'nobody was asked' } }
    })),
    ...DHT_MODES.map((mode) => ({ status: { ...status, dht: { mode, peers: 0 } } })),
    ...CLOCKS.map((clockOffsets) => ({ clockOffsets })),
    ...LOAD_LEVELS.map((level) => ({ load: { level, delayMs: 1 } })),
    ...[[], ['/ip4/127.0.0.1/tcp/1'], ['/ip4/10.0.0.1/tcp/1']].map((addrs) => ({ status: { ...status, addrs } })),
    { peers: [] },
    { offlineStarts: 3 },
    { contradicted: 2 },
    { indexFaults: { own: 1, others: 0 } },
    { indexFaults: { own: 0, others: 2 } },
    { left: ['registries: nothing answers there'] },
    { ledgers: [stalled('PAUSED')] },
    { ledgers: Array.from({ length: 21 }, () => stalled('NO_PEERS')) }
  ]
  const reports = await Promise.all(inputs.map((input) => healthOf({ ...usual, ...input })))
  return [...new Set(reports.flatMap(({ checks }) => checks.flatMap(({ next }) => next ?? [])))]
}
