/** The figures of whole nodes: all families, nobody named, and no more of them than can be kept. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, expect, test, vi } from 'vitest'
import { FAMILIES } from '../../../src/node/metrics/families.js'
import { PromMetrics } from '../../../src/node/metrics/prom-metrics.js'
import { meterManyFollows } from '../../../scripts/bench/many-follows.js'
import { TestLog } from '../../ledger/support.js'
import { stopAll } from '../../network/fixture.js'
import { startNode } from '../../helpers/test-node.js'

afterEach(stopAll)

const series = (text: string): string[] => text.split('\n').filter((line) => line !== '' && !line.startsWith('#'))

test('two nodes that push and pull: every family is there, libp2p is beside it, and nobody is named', async () => {
  const metrics = new PromMetrics({ log: new TestLog() })
  const a = await startNode({ name: 'a', sync: { push: { accept: 'anyone' } } })
  const b = await startNode({ name: 'b', metrics, sync: { autoPull: true } })
  const secret = await startNode({ name: 'c', access: 'private' })
  await b.ledger.appendBatch(Array.from({ length: 5 }, (_, n) => ({ stream: 'm', type: 'note', payload: { n } })))
  await a.ledger.append({ stream: 'm', type: 'note', payload: 1 })
  await b.sync.addRemote(a.id, { syncDirection: 'bidirectional', endpoint: [a.addr] })
  await b.synced(a.id, 2)
  await b.sync.follow(secret.id)
  await vi.waitFor(
    async () => {
      expect(await metrics.text()).toMatch(/ledgermesh_push_confirm_seconds_count 1\n/)
    },
    { timeout: 15_000 }
  )
  await b.ledger.get({ id: 'nowhere' }, a.id)
  const text = await metrics.text()
  for (const { name } of Object.values(FAMILIES)) expect(text).toContain(`# TYPE ${name} `)
  expect(text).toContain('ledgermesh_sync_ledgers{status="synced",code=""} 2')
  expect(text).toContain(`ledgermesh_sync_ledger_behind_entries{ledger="${a.id}"} 0`)
  expect(text).toContain('ledgermesh_push_offers_total{side="out",decision="accepted",reason=""} 1')
  expect(text).toContain('ledgermesh_append_seconds_count{kind="batch"} 1')
  expect(text).toContain('ledgermesh_autopull_total{outcome="not-found"} 1')
  expect(text).toContain('ledgermesh_own_entries 6')
  expect(text).toMatch(/ledgermesh_sync_batches_total\{outcome="stored"\} [1-9]/)
  expect(text).toMatch(/\nlibp2p_[a-z_]+/)
  expect(text).not.toMatch(/12D3KooW|\/ip4\/|127\.0\.0\.1/)
  expect(series(text).length).toBeLessThan(1_000)
  expect(b.errors()).toEqual([])
})

test('2,000 follows, many peers and hostile codes: at most 2,500 series and 500 KiB', async () => {
  const metrics = new PromMetrics({ log: new TestLog() })
  meterManyFollows(metrics)
  await metrics.text()
  const since = process.cpuUsage()
  const text = await metrics.text()
  const { user, system } = process.cpuUsage(since)
  expect(series(text).length).toBeLessThanOrEqual(2_500)
  expect(Buffer.byteLength(text)).toBeLessThanOrEqual(500 * 1024)
  // 25 ms on a quiet machine. Others' load is not in it.
  expect((user + system) / 1_000).toBeLessThan(500)
  expect(text).toContain('ledgermesh_sync_ledger_behind_entries{ledger="other"}')
  expect(text).toContain('ledgermesh_sync_exceptions{status="pending"} 2000')
})

test('one module alone imports prom-client', () => {
  const sources = (folder: string): string[] =>
    readdirSync(folder, { withFileTypes: true }).flatMap((one) =>
      one.isDirectory() ? sources(join(folder, one.name)) : one.name.endsWith('.ts') ? [join(folder, one.name)] : []
    )
  const importers = ['src', 'protocols', 'scripts', 'examples']
    .flatMap(sources)
    .filter((file) => /['"]prom-client['"]/.test(readFileSync(file, 'utf8')))
  expect(importers).toEqual(['src/node/metrics/prom-metrics.ts'])
})

test.each(['docs/alerts.yml', 'docs/grafana.json'])('%s asks for families that there are', (file) => {
  const named = readFileSync(file, 'utf8').match(/ledgermesh_[a-z_]+/g) ?? []
  const known = new Set<string>(
    Object.values(FAMILIES).flatMap(({ name, kind }) => (kind === 'histogram' ? [name, `${name}_bucket`] : [name]))
  )
  expect(named.length).toBeGreaterThan(5)
  expect(named.filter((name) => !known.has(name))).toEqual([])
})
