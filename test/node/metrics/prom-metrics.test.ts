/** The registry: bounded, whatever it is told, and no figure that fails takes the others along. */
import { expect, test } from 'vitest'
import { libp2pMetrics } from '../../../src/network/libp2p-metrics.js'
import { FAMILIES } from '../../../src/node/metrics/families.js'
import { FetchMeter } from '../../../src/node/metrics/fetch-meter.js'
import { countJobs, countLedgers } from '../../../src/node/metrics/count-ledgers.js'
import { highest } from '../../../src/node/metrics/highest.js'
import { ledgerLabels } from '../../../src/node/metrics/ledger-labels.js'
import { MAX_SERIES, PromMetrics } from '../../../src/node/metrics/prom-metrics.js'
import { TestLog } from '../../ledger/support.js'

const series = (text: string, family = ''): string[] =>
  text.split('\n').filter((line) => line.startsWith(family) && line !== '' && !line.startsWith('#'))

test('figures come out as Prometheus reads them', async () => {
  const metrics = new PromMetrics({ log: new TestLog() })
  metrics.counter({ name: 'a_total', help: 'of a', labels: ['kind'] })({ kind: 'x' }, 2)
  metrics.gauge({ name: 'b', help: 'of b' })(1.5)
  metrics.histogram({ name: 'c_seconds', help: 'of c', buckets: [1, 2] })(1.5)
  metrics.collect('gauge', { name: 'd', help: 'of d', labels: ['x'] }, () => [
    [{ x: 'one' }, 1],
    [{ x: 'one' }, 2]
  ])
  metrics.collect('counter', { name: 'e_total', help: 'of e' }, async () => [[{}, 7]])
  const text = await metrics.text()
  expect(series(text)).toEqual([
    'a_total{kind="x"} 2',
    'b 1.5',
    'c_seconds_bucket{le="1"} 0',
    'c_seconds_bucket{le="2"} 1',
    'c_seconds_bucket{le="+Inf"} 1',
    'c_seconds_sum 1.5',
    'c_seconds_count 1',
    'd{x="one"} 3',
    'e_total 7'
  ])
  expect(await metrics.text()).toBe(text)
  expect(() => metrics.gauge({ name: 'b', help: 'again' })).toThrow('already')
})

test('a family keeps so many series and sums the others', async () => {
  const metrics = new PromMetrics({ log: new TestLog() })
  const count = metrics.counter({ name: 'a_total', help: 'a', labels: ['x'] })
  for (let n = 0; n < 10_000; n++) count({ x: `${n}` })
  metrics.collect('gauge', { name: 'b', help: 'b', labels: ['x'] }, () =>
    Array.from({ length: 10_000 }, (_, n) => [{ x: `${n}` }, 1] as const)
  )
  const text = await metrics.text()
  for (const family of ['a_total', 'b']) {
    expect(series(text, family)).toHaveLength(MAX_SERIES + 1)
    expect(text).toContain(`${family}{x="other"} ${10_000 - MAX_SERIES}`)
  }
})

test('what a reader throws is logged, and its family left out', async () => {
  const log = new TestLog()
  const metrics = new PromMetrics({ log })
  metrics.gauge({ name: 'a', help: 'a' })(1)
  metrics.collect('gauge', { name: 'b', help: 'b' }, () => {
    throw new Error('the disk is gone')
  })
  expect(series(await metrics.text())).toEqual(['a 1'])
  expect(log.lines).toMatchObject([{ level: 'error', fields: { event: 'metrics.read-failed', family: 'b' } }])
})

test('every family has a name of ours, a help, and a unit where one belongs', () => {
  for (const { name, help, kind } of Object.values(FAMILIES)) {
    expect(name).toMatch(/^ledgermesh_[a-z_]+$/)
    expect(help).toMatch(/^[A-Z0-9].*\.$/)
    expect(name.endsWith('_total')).toBe(kind === 'counter')
    expect(kind !== 'histogram' || name.endsWith('_seconds')).toBe(true)
  }
  expect(new Set(Object.values(FAMILIES).map(({ name }) => name)).size).toBe(Object.keys(FAMILIES).length)
})

test('ledgers are labelled by priority, private ones all together, and the rest together', () => {
  const id = (n: number): string => `b${String(n).padStart(52, '0')}`
  const ledgers = Array.from({ length: 2000 }, (_, n) => ({
    id: id(n),
    own: n === 1999,
    isPrivate: n === 7 || n === 8,
    priority: n === 1500 ? 9 : 5
  }))
  const labels = ledgerLabels(ledgers)
  expect(new Set(labels.values()).size).toBe(258)
  expect([1999, 1500, 7, 8, 1000].map((n) => labels.get(id(n)))).toEqual([
    id(1999),
    id(1500),
    'private',
    'private',
    'other'
  ])
  expect(new Set(ledgerLabels(ledgers.map((one) => ({ ...one, isPrivate: true }))).values())).toEqual(
    new Set(['private'])
  )
})

test('however many private ledgers there are, the figures are those of one, in its worst status', () => {
  const open = { isPrivate: false, status: 'synced' } as const
  const secret = { isPrivate: true, status: 'synced' } as const
  const stuck = { isPrivate: true, status: 'stalled', code: 'NO_PEERS' } as const
  const one = countLedgers([open, secret])
  expect(countLedgers([secret, open, secret, secret])).toEqual(one)
  expect(countLedgers([secret, stuck, secret])).toEqual([[{ status: 'stalled', code: 'NO_PEERS' }, 1]])
  const job = { ledger: 'secret', state: 'idle', direction: 'in' }
  expect(countJobs([job, { ...job, ledger: 'open' }, job, job], (id) => id === 'secret')).toHaveLength(2)
  expect(
    highest([
      [{ ledger: 'private' }, 3],
      [{ ledger: 'x' }, 0],
      [{ ledger: 'private' }, 9],
      [{ ledger: 'private' }, 4]
    ])
  ).toEqual([
    [{ ledger: 'private' }, 9],
    [{ ledger: 'x' }, 0]
  ])
})

test('ranges are counted by what became of them', async () => {
  const metrics = new PromMetrics({ log: new TestLog() })
  const meter = new FetchMeter(metrics)
  meter.heard({ type: 'batch-verified', fetch: 1, count: 5, bytes: 1000 }, 0)
  meter.heard({ type: 'stored', ledger: 'l', fetch: 1, size: 5, headHash: 'x' }, 2000)
  meter.heard({ type: 'stored', ledger: 'l', fetch: -1, size: 6, headHash: 'y' }, 3000)
  meter.heard({ type: 'batch-failed', fetch: 2, code: 'TIMEOUT', isPeersFault: false } as never, 0)
  meter.heard({ type: 'payloads-fetched', ledger: 'l', bytes: 500 }, 0)
  const text = await metrics.text()
  expect(series(text, 'ledgermesh_sync_batches_total').toSorted()).toEqual([
    'ledgermesh_sync_batches_total{outcome="TIMEOUT"} 1',
    'ledgermesh_sync_batches_total{outcome="stored"} 1',
    'ledgermesh_sync_batches_total{outcome="verified"} 1'
  ])
  expect(text).toContain('ledgermesh_sync_received_bytes_total{protocol="pull"} 1500')
  expect(text).toContain('ledgermesh_sync_store_seconds_sum 2')
})

test('libp2p may tell a family twice, and name what it likes: it stays bounded, and nobody is named', async () => {
  const metrics = new PromMetrics({ log: new TestLog() })
  const libp2p = libp2pMetrics(metrics)()
  libp2p.registerMetric('libp2p_a', { calculate: () => 4 })
  const size = libp2p.registerMetric('libp2p_size')
  size.update(5)
  size.decrement(2)
  const first = libp2p.registerCounterGroup('libp2p_errors_total', { label: 'error' })
  const second = libp2p.registerCounterGroup('libp2p_errors_total', { label: 'error' })
  for (let n = 0; n < 5_000; n++) first.increment({ [`a text of ${n}`]: true })
  second.increment({ 'a text of 1': 2 })
  libp2p
    .registerMetricGroup('libp2p_listeners', { label: 'address' })
    .update({ '/ip4/10.0.0.1/tcp/1': 1, '10.0.0.2:44': 1 })
  libp2p.registerHistogramGroup('libp2p_time', { label: 'op', buckets: [1] }).observe({ get: 2 })
  expect(libp2p.traceFunction('x', series)).toBe(series)
  const text = await metrics.text()
  expect(text).toContain('libp2p_a 4')
  expect(text).toContain('libp2p_size 3')
  expect(text).toContain('libp2p_errors_total{error="a text of 1"} 3')
  expect(series(text, 'libp2p_errors_total').length).toBeLessThanOrEqual(MAX_SERIES + 1)
  expect(text).not.toContain('10.0.0.')
})

test('each family is read in a turn of the event loop of its own, and one that fails keeps no other waiting', async () => {
  const metrics = new PromMetrics({ log: new TestLog() })
  let turn = 0
  let counting = true
  const count = (): void => {
    turn++
    if (counting) setImmediate(count)
  }
  const turns: number[] = []
  for (let n = 0; n < 5; n++)
    metrics.collect('gauge', { name: `family_${n}`, help: 'a family' }, () => {
      turns.push(turn)
      if (n === 2) throw new Error('unreadable')
      return [[{}, n]]
    })
  setImmediate(count)
  const text = await metrics.text()
  counting = false
  expect(new Set(turns).size).toBe(5)
  expect(text).toContain('family_4 4')
  expect(text).not.toMatch(/^family_2/m)
})
