import { expect, test } from 'vitest'
import { sha256Text } from '../../src/core/hash.js'
import type { TrustKind } from '../../src/trust/attestation.js'
import { weigh } from '../../src/trust/max-flow.js'
import { allows, meets, relayReason, type TrustPurpose } from '../../src/trust/policy.js'
import { chain, id, NOW, worldOf } from './ledgers.js'

test('what each kind allows', () => {
  const table: Record<TrustKind, TrustPurpose[]> = {
    full: ['sync', 'query', 'vouch'],
    partial: ['sync', 'query'],
    'query-only': ['query'],
    'sync-only': ['sync']
  }
  for (const [kind, purposes] of Object.entries(table)) {
    for (const purpose of ['sync', 'query', 'vouch'] as const)
      expect(allows(kind as TrustKind, purpose)).toBe(purposes.includes(purpose))
  }
})

test('a rule is met at its level, not below it, for its purpose only; level 0 meets none', () => {
  expect(meets({ level_milli: 700, kind: 'full' }, { minMilli: 700, purpose: 'vouch' })).toBe(true)
  expect(meets({ level_milli: 699, kind: 'full' }, { minMilli: 700, purpose: 'vouch' })).toBe(false)
  expect(meets({ level_milli: 1000, kind: 'query-only' }, { minMilli: 1, purpose: 'sync' })).toBe(false)
  expect(meets({ level_milli: 1000, kind: 'sync-only' }, { minMilli: 1, purpose: 'query' })).toBe(false)
  expect(meets({ level_milli: 0, kind: 'full' }, { minMilli: 0, purpose: 'sync' })).toBe(false)
  expect(meets({ level_milli: 0, kind: null }, { minMilli: 0, purpose: 'sync' })).toBe(false)
})

test('relayed: what a followed ledger says, or what the subject accepted; nothing else', () => {
  const world = worldOf([...chain('a>b', 500), ...chain('c>b', 500)])
  const [attestation] = [...world.graph.attestations({ issuer: id('a') })]
  const relayed = (followed: string[]): string | null =>
    relayReason(world.graph, attestation!, (ledger) => followed.map(id).includes(ledger))
  expect(relayed(['a'])).toBe('followed')
  expect(relayed(['b', 'c'])).toBeNull()
  world.write('b', 'trust.acceptance', { ledger: id('c'), attestation: sha256Text('c/1') })
  world.write('c', 'trust.acceptance', { ledger: id('a'), attestation: sha256Text('a/1') })
  expect(relayed([])).toBeNull()
  world.write('b', 'trust.acceptance', { ledger: id('a'), attestation: sha256Text('a/1') })
  expect(relayed([])).toBe('accepted')
})

test('weights share what they come through, and repeated or unknown attesters add nothing', () => {
  const world = worldOf([...chain('a>b>c', 600), ...chain('b>d', 600), ...chain('a>e', 100)])
  const names = ['e', 'd', 'c', 'c', 'x', 'a']
  const { total_milli: total, attesters } = weigh(world.graph, id('a'), names.map(id), NOW)
  expect(total).toBe(700)
  expect(new Map(attesters.map(({ ledger, weight_milli }) => [ledger, weight_milli]))).toEqual(
    new Map([
      [id('e'), 100],
      ...['c', 'd']
        .map(id)
        .sort()
        .map((ledger, i): [string, number] => [ledger, [324, 276][i]!]),
      [id('x'), 0],
      [id('a'), 0]
    ])
  )
  expect(weigh(world.graph, id('x'), names.map(id), NOW).total_milli).toBe(0)
  expect(weigh(world.graph, id('a'), [], NOW)).toEqual({ total_milli: 0, attesters: [] })
})

test("no weight for a ledger that may not vouch by the asker's own word, nor against whom there is evidence", () => {
  const world = worldOf([
    ...chain('a>b>c', 1000),
    { from: 'a', to: 'c', level: 800, kind: 'partial' },
    ...chain('b>d>e', 1000),
    { from: 'a', to: 'd', level: 0 }
  ])
  const weight = (name: string): number => weigh(world.graph, id('a'), [id(name)], NOW).total_milli
  expect(['b', 'c', 'd', 'e'].map(weight)).toEqual([1000, 0, 0, 810])
  world.hold('b', 1, true)
  expect(['b', 'c', 'd', 'e'].map(weight)).toEqual([0, 0, 0, 0])
})
