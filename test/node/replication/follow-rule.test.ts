import { expect, test } from 'vitest'
import { FollowRule, trustMilli, type FollowRuleInit } from '../../../src/node/replication/follow-rule.js'
import { TestClock } from '../../ledger/support.js'

const DAY_MS = 24 * 60 * 60_000

interface Follow {
  paused: boolean
  filters: 'headers' | null
  restricted?: true
}
interface Trusted {
  level_milli: number
  kind: string | null
  validUntil?: number
}

function setup(
  minMilli: number | null,
  trusted: Record<string, Trusted>,
  follows: Record<string, Partial<Follow>> = {}
) {
  const clock = new TestClock()
  const looked: number[] = []
  const listeners = new Set<() => void>()
  const level = (_own: string, ledger: string) => trusted[ledger] ?? { level_milli: 0, kind: null }
  const rule = new FollowRule({
    trust: {
      level,
      explain: (own: string, ledger: string) => {
        const found = level(own, ledger)
        return { validUntil: null, reason: found.kind === null ? 'NO_PATH' : null, ...found }
      },
      onChange: (listener: () => void) => {
        listeners.add(listener)
        return () => {
          listeners.delete(listener)
        }
      }
    },
    own: 'own',
    clock,
    minMilli,
    follows: {
      get: (ledger: string) => ({ paused: false, filters: null, ...follows[ledger] }),
      list: () => Object.keys(follows)
    },
    onChange: () => {
      looked.push(clock.now())
    }
  } as unknown as FollowRuleInit)
  const changed = (): void => {
    for (const listener of listeners) listener()
  }
  return { rule, clock, looked, changed, listeners }
}

test('strangers and those who are trusted less are not pulled, whoever else is; headers may always be', () => {
  const { rule } = setup(500, {
    less: { level_milli: 499, kind: 'full' },
    enough: { level_milli: 500, kind: 'full' },
    asked: { level_milli: 900, kind: 'query-only' }
  })
  expect(['stranger', 'less', 'enough', 'asked'].map((ledger) => rule.allows(ledger, null))).toEqual([
    false,
    false,
    true,
    false
  ])
  expect(rule.allows('stranger', 'headers')).toBe(true)
})

test('a rule that asks for nothing still keeps out whom nobody trusts; no rule keeps out nobody', () => {
  const distrusted = { distrusted: { level_milli: 0, kind: 'full' } }
  expect(setup(0, distrusted).rule.allows('distrusted', null)).toBe(false)
  expect(setup(null, distrusted).rule.allows('distrusted', null)).toBe(true)
})

test("the operator's word comes before trust; a restricted one is pulled without being believed", () => {
  const { rule } = setup(
    500,
    {},
    {
      paused: { paused: true },
      untrusted: {},
      restricted: { restricted: true },
      headers: { filters: 'headers', restricted: true }
    }
  )
  expect(['paused', 'untrusted', 'restricted', 'headers'].map((ledger) => rule.heldBack(ledger))).toEqual([
    'PAUSED',
    'UNTRUSTED',
    'UNTRUSTED',
    null
  ])
  expect(['paused', 'untrusted', 'restricted'].map((ledger) => rule.blockedBy(ledger))).toEqual([
    'PAUSED',
    'UNTRUSTED',
    null
  ])
  expect(['untrusted', 'restricted', 'headers', 'unknown'].map((ledger) => rule.isRestricted(ledger))).toEqual([
    false,
    true,
    false,
    false
  ])
})

test('a refusal says the level, what is wanted, and why', () => {
  const { rule } = setup(500, { less: { level_milli: 100, kind: 'partial' } })
  expect(() => {
    rule.assert('stranger', null)
  }).toThrow(expect.objectContaining({ code: 'UNTRUSTED', details: { level: 0, wanted: 500, reason: 'NO_PATH' } }))
  expect(() => {
    rule.assert('less', null)
  }).toThrow(/its level is 100 \(partial\)/)
  rule.assert('stranger', 'headers')
})

test('many changes of trust are one look', () => {
  const { rule, looked, changed, clock, listeners } = setup(500, {}, { one: {} })
  rule.start()
  for (let n = 0; n < 100; n++) changed()
  expect(looked).toEqual([])
  clock.pass(50)
  expect(looked).toHaveLength(1)
  changed()
  rule.stop()
  clock.pass(DAY_MS)
  expect([looked.length, listeners.size]).toEqual([1, 0])
})

test('an attestation that ends is noticed without anybody saying a word, also after days', () => {
  const { rule, looked, clock } = setup(
    500,
    {
      soon: { level_milli: 900, kind: 'full', validUntil: new TestClock().now() + 2.5 * DAY_MS },
      never: { level_milli: 900, kind: 'full' }
    },
    { soon: {}, never: {} }
  )
  const start = clock.now()
  rule.start()
  for (let day = 0; day < 5; day++) clock.pass(DAY_MS / 2)
  expect(looked.at(-1)).toBe(start + 2.5 * DAY_MS)
  rule.stop()
})

test('without a rule nothing is listened to', () => {
  const { rule, listeners } = setup(null, {}, { one: {} })
  rule.start()
  expect(listeners.size).toBe(0)
})

test('a level as options say it', () => {
  expect([0, 0.7, 0.0004, 1].map(trustMilli)).toEqual([0, 700, 0, 1000])
  for (const level of [-0.001, 1.001, Number.NaN, Infinity])
    expect(() => trustMilli(level)).toThrow(expect.objectContaining({ code: 'INVALID_PARAMS' }))
})
