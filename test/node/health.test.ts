import type { StallCode } from '../../src/sync/types.js'
import { mkdir, writeFile } from 'node:fs/promises'
import { describe, expect, test } from 'vitest'
import { paths } from '../../src/config/paths.js'
import type { LedgerSyncStatus, PeerStatus } from '../../src/node/api/node.js'
import { healthOf, networkHealthOf, type HealthInput } from '../../src/node/health/health.js'
import {
  clockCheck,
  dhtCheck,
  listenCheck,
  MAX_CLOCK_OFFSET_MS,
  scopeOf
} from '../../src/node/health/health-network.js'
import { FakeNode } from '../rpc/fake-node.js'
import { temporaryFolder } from '../helpers/temporary-folder.js'

const peer = (addr: string, ledger: string | null = 'b'): PeerStatus => ({
  peer: 'p',
  addrs: [addr],
  direction: 'inbound',
  since: 0,
  ledger,
  name: null,
  access: null,
  software: null
})
const FAR = peer('/ip4/203.0.113.9/tcp/1')
const HERE = peer('/ip4/127.0.0.1/tcp/1')

function followed(more: Partial<LedgerSyncStatus> = {}): LedgerSyncStatus {
  return {
    ledger: 'b1',
    name: 'one',
    own: false,
    access: 'public',
    status: 'synced',
    size: 3,
    audited: 3,
    target: 3,
    filters: null,
    headers: false,
    peers: 1,
    announced: true,
    stall: null,
    evidence: 'none',
    ...more
  }
}

async function input(more: Partial<HealthInput> = {}): Promise<HealthInput> {
  const status = {
    ...(await new FakeNode().status()),
    addrs: ['/ip4/203.0.113.7/tcp/7440'],
    dht: { mode: 'server' as const, peers: 2 }
  }
  return {
    status,
    ledgers: [followed()],
    peers: [FAR],
    clockOffsets: [0],
    load: { level: 'normal', delayMs: 3 },
    offlineStarts: 0,
    paths: paths(await temporaryFolder()),
    contradicted: 0,
    indexFaults: { own: 0, others: 0 },
    left: [],
    ...more
  }
}

test('all is well', async () => {
  const given = await input()
  const report = await healthOf(given)
  expect(report.checks.filter(({ ok, next }) => !ok || next !== null)).toEqual([])
  expect(report.healthy).toBe(true)
  expect(report.checks.map(({ check }) => check)).toEqual([
    'own ledger',
    'load',
    'peers',
    'clock',
    'listen address',
    'DHT',
    'followed ledgers',
    'disk',
    'keys'
  ])
  expect(networkHealthOf(given).checks.map(({ check }) => check)).toEqual([
    'load',
    'peers',
    'clock',
    'listen address',
    'DHT',
    'followed ledgers'
  ])
})

test('whatever is not ok says what to do', async () => {
  const stall = { code: 'NO_PEERS' as const, since: 1, next: 2, explanation: 'why' }
  const status = {
    ...(await input()).status,
    addrs: [],
    dht: { mode: 'client' as const, peers: 0 },
    own: { size: 1, hash: null, state: 'failed' as const, waiting: null, unconfirmed: null }
  }
  const { healthy, checks } = await healthOf(
    await input({
      status,
      peers: [],
      clockOffsets: [99_000, 99_000, 99_000],
      ledgers: [followed({ status: 'stalled', stall })]
    })
  )
  expect(healthy).toBe(false)
  expect(checks.filter(({ ok }) => !ok).map(({ check }) => check)).toEqual([
    'own ledger',
    'peers',
    'clock',
    'listen address',
    'DHT',
    'ledger one'
  ])
  expect(checks.filter(({ ok, next }) => !ok && !next)).toEqual([])
})

describe('clock', () => {
  test.each([
    [[], true],
    [[MAX_CLOCK_OFFSET_MS, MAX_CLOCK_OFFSET_MS, MAX_CLOCK_OFFSET_MS], true],
    [[MAX_CLOCK_OFFSET_MS + 1, MAX_CLOCK_OFFSET_MS + 1, MAX_CLOCK_OFFSET_MS + 1], false],
    [[-60_000, -60_000, -60_000], false],
    [[Number.MAX_SAFE_INTEGER, 0, 0], true],
    [[-1e15, 1e15, 3], true],
    [[60_000], true],
    [[60_000, 60_000], true]
  ])('%j: %s', (offsets, ok) => {
    expect(clockCheck(offsets).ok).toBe(ok)
  })
  test('too few to say: advice, not alarm', () => {
    expect(clockCheck([90_000])).toMatchObject({
      ok: true,
      detail: expect.stringContaining('90 s behind one peer'),
      next: expect.any(String)
    })
    expect(clockCheck([-90_000, -90_000, 0])).toMatchObject({
      ok: false,
      detail: '90 s ahead of the median of 3 peers'
    })
  })
})

describe('listen address', () => {
  test.each([
    ['/ip4/127.0.0.1/tcp/1', 'machine'],
    ['/ip4/0.0.0.0/tcp/1', 'machine'],
    ['/ip6/::1/tcp/1', 'machine'],
    ['/ip6/::/tcp/1', 'machine'],
    ['/ip6/fe80::1/tcp/1', 'machine'],
    ['/ip4/169.254.1.1/tcp/1', 'machine'],
    ['/dns4/localhost/tcp/1', 'machine'],
    ['/ip4/10.0.0.1/tcp/1', 'private'],
    ['/ip4/172.31.0.1/tcp/1', 'private'],
    ['/ip4/172.32.0.1/tcp/1', 'public'],
    ['/ip4/192.168.1.1/tcp/1', 'private'],
    ['/ip4/100.64.0.1/tcp/1', 'private'],
    ['/ip4/100.128.0.1/tcp/1', 'public'],
    ['/ip6/fd00::1/tcp/1', 'private'],
    ['/ip4/203.0.113.7/tcp/1', 'public'],
    ['/ip6/2001:db8::1/tcp/1', 'public'],
    ['/dns4/node.example.org/tcp/1', 'public'],
    ['/ip4/1.127.0.1/tcp/1', 'public']
  ])('%s can be dialled from: %s', (addr, scope) => {
    expect(scopeOf(addr)).toBe(scope)
  })
  test('loopback only is fine among nodes of one machine, and wrong otherwise', () => {
    const only = ['/ip4/127.0.0.1/tcp/7440']
    expect(listenCheck(only, [HERE]).ok).toBe(true)
    for (const peers of [[], [FAR], [HERE, FAR]])
      expect(listenCheck(only, peers)).toMatchObject({ ok: false, next: expect.stringContaining('0.0.0.0') })
    expect(listenCheck([...only, '/ip4/192.168.0.4/tcp/7440'], [])).toMatchObject({
      ok: true,
      detail: expect.stringContaining('local network only')
    })
    expect(listenCheck([...only, '/ip4/203.0.113.7/tcp/7440'], [])).toMatchObject({
      ok: true,
      detail: '/ip4/203.0.113.7/tcp/7440'
    })
  })
})

test.each([
  ['server', 2, 1, true],
  ['server', 0, 0, true],
  ['server', 0, 1, false],
  ['client', 5, 5, false],
  ['off', 0, 3, true]
] as const)('DHT %s with %i in its table and %i connected: %s', (mode, peers, connected, ok) => {
  const check = dhtCheck({ mode, peers }, connected)
  expect([check.ok, check.next === null]).toEqual([ok, ok])
})

test('stalled ledgers: why, since when, what next; a paused one is no fault; thousands are counted', async () => {
  const stalled = (code: StallCode, at = 0): LedgerSyncStatus =>
    followed({
      ledger: `b${at}`,
      name: null,
      status: 'stalled',
      stall: { code, since: 0, next: null, explanation: 'because' }
    })
  const some = networkHealthOf(await input({ ledgers: [followed(), stalled('PAUSED'), stalled('FROZEN', 2)] }))
  expect(some.checks.slice(5)).toMatchObject([
    {
      check: 'ledger b2',
      ok: false,
      detail: 'FROZEN since 1970-01-01T00:00:00.000Z, nothing is retried until you act',
      next: 'because'
    },
    { check: 'ledger b0', ok: true, next: expect.stringContaining('resume') }
  ])
  const chosen = ['SCHEDULED', 'QUEUED', 'THROTTLED', 'PAUSED'] as const
  const waiting = networkHealthOf(
    await input({ ledgers: Array.from({ length: 40 }, (_value, at) => stalled(chosen[at % 4]!, at)) })
  )
  expect(waiting.checks.slice(5).filter(({ ok }) => !ok)).toEqual([])
  expect(waiting.checks.at(-1)).toMatchObject({ detail: '20 more are stalled' })
  const many = networkHealthOf(
    await input({ ledgers: Array.from({ length: 5000 }, (_value, at) => stalled('NO_PEERS', at)) })
  )
  expect(many.checks).toHaveLength(5 + 20 + 1)
  expect(many.checks.at(-1)).toMatchObject({ ok: false, detail: '4980 more are stalled' })
})

test('next.key beside the live key is advice; moved away, all is well', async () => {
  const files = paths(await temporaryFolder())
  await mkdir(files.home, { recursive: true })
  await writeFile(files.ledgerKey, '')
  const keys = async () => (await healthOf(await input({ paths: files }))).checks.find(({ check }) => check === 'keys')
  expect(await keys()).toMatchObject({ ok: true, next: null })
  await writeFile(files.nextKey, '')
  expect(await keys()).toMatchObject({
    ok: true,
    detail: expect.stringContaining(files.nextKey),
    next: expect.stringContaining('Move next.key')
  })
})
