import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { sha256Text } from '../../src/core/hash.js'
import { ledgerIdOf } from '../../src/core/ledger-id.js'
import { judge, tellingKind, type Facts, type Sibling, type Word } from '../../src/conflict/judge.js'
import { LATER_MS } from '../../src/conflict/limits.js'
import { readRule, type ConflictRule, type RuleInput } from '../../src/conflict/rule.js'
import type { Sighting } from '../../src/conflict/siblings.js'
import { decide, type DatedClaim } from '../../src/conflict/strategies.js'

const [A, B, C, D] = ['a', 'b', 'c', 'd'].map((name) => ledgerIdOf(sha256Text(name))) as [
  string,
  string,
  string,
  string
]
const AT = 1_700_000_000_000

function rule(more: Partial<RuleInput> = {}): ConflictRule {
  return readRule({ name: 'test', key: ['subject_oid'], scope: 'held', ...more })
}

function sibling(ledger: string, content: string, more: Partial<Sibling> = {}): Sibling {
  return {
    ledger,
    seq: 5,
    id: `${ledger} ${content}`,
    hash: sha256Text(`${ledger} ${content}`),
    timestamp: AT,
    storedAt: AT,
    stream: 's',
    type: 't',
    issuer_oid: null,
    subject_oid: 'x',
    payload: 'present',
    content: sha256Text(content),
    ...more
  }
}

function facts(siblings: Sibling[], more: Partial<Facts> = {}): Facts {
  return {
    own: D,
    siblings,
    sightings: [],
    words: [],
    waiting: 0,
    mergeFailed: false,
    withdrawn: [],
    taken: [],
    ...more
  }
}

function saw(by: string, kind: Sighting['kind'], ...targets: Sibling[]): Sighting[] {
  return targets.map(({ hash }) => ({ target: hash, by, seq: 9, kind }))
}

function word(author: string, chosen: Sibling | null, more: Partial<Word> = {}): Word {
  return {
    author,
    seq: 9,
    hash: sha256Text(`word of ${author}`),
    chosen: chosen?.hash ?? null,
    note: '',
    saw: [],
    ...more
  }
}

describe('states', () => {
  const one = sibling(A, 'one')
  const two = sibling(B, 'two')

  test('one claim is single, equal contents are agreed, different ones open', () => {
    expect(judge(rule(), facts([one]))).toMatchObject({ state: 'single', current: one.hash, kinds: [] })
    expect(judge(rule(), facts([one, sibling(B, 'one')]))).toMatchObject({ state: 'agreed', reason: 'SAME_CONTENT' })
    expect(judge(rule(), facts([one, two]))).toMatchObject({
      state: 'open',
      current: null,
      reason: 'NO_WINNER',
      kinds: ['concurrent']
    })
    expect(judge(rule(), facts([one, sibling(B, 'one', { type: 'other' })])).state).toBe('open')
    expect(judge(rule(), facts([one, two], { waiting: 2 }))).toMatchObject({ state: 'waiting', waiting: 2 })
  })

  test('a payload that is not held agrees with nothing', () => {
    expect(judge(rule(), facts([one, sibling(B, 'one', { payload: 'unknown', content: null })]))).toMatchObject({
      state: 'open',
      kinds: ['concurrent', 'incomparable']
    })
  })

  test('what it is about: one stream and id, a copy whose original counts no more, an id that keeps a copy out', () => {
    const gone = { ledger: D, seq: 3, hash: 'c', of: 'o' }
    const kinds = (more: Partial<Facts>, other = two): string[] => judge(rule(), facts([one, other], more)).kinds
    expect(kinds({}, { ...two, id: one.id })).toEqual(['concurrent', 'same-id'])
    expect(kinds({}, { ...two, id: one.id, stream: 'other' })).toEqual(['concurrent'])
    for (const kind of ['source-disputed', 'source-voided'] as const)
      expect(kinds({ withdrawn: [{ ...gone, kind }] })).toEqual(['concurrent', kind])
    expect(kinds({ taken: [two.hash] })).toEqual(['concurrent', 'id-taken'])
    expect(tellingKind(['concurrent', 'resolution', 'same-id', 'source-voided'])).toBe('resolution')
    expect([tellingKind([]), tellingKind(['concurrent', 'same-id'])]).toEqual(['concurrent', 'same-id'])
  })

  test('what was erased loses to what is there, and is listed', () => {
    expect(judge(rule(), facts([one, sibling(B, '', { payload: 'erased', content: null })]))).toMatchObject({
      state: 'decided',
      current: one.hash,
      reason: 'ONE_PRESENT',
      kinds: ['concurrent', 'edit-erase']
    })
    expect(judge(rule(), facts([one, two, sibling(C, '', { payload: 'erased', content: null })])).state).toBe('open')
  })

  test('a resolution of a resolver that saw all siblings holds; a new claim reopens it, and another one closes it again', () => {
    const resolved = facts([one, two], { sightings: saw(D, 'resolution', one, two), words: [word(D, two)] })
    expect(judge(rule(), resolved)).toMatchObject({ state: 'resolved', current: two.hash, reason: 'RESOLUTION', by: D })
    const three = sibling(C, 'three')
    expect(judge(rule(), { ...resolved, siblings: [one, two, three] })).toMatchObject({
      state: 'reopened',
      current: null,
      reason: 'NOT_SEEN',
      unseen: [three.hash]
    })
    expect(judge(rule({ whileOpen: 'previous' }), { ...resolved, siblings: [one, two, three] })).toMatchObject({
      state: 'reopened',
      current: two.hash
    })
    expect(
      judge(rule(), {
        ...resolved,
        siblings: [one, two, three],
        sightings: [...resolved.sightings, ...saw(D, 'resolution', three)]
      }).state
    ).toBe('resolved')
    expect(
      judge(rule(), facts([one, two], { sightings: saw(D, 'resolution', one, two), words: [word(D, null)] }))
    ).toMatchObject({ state: 'resolved', current: null })
    expect(
      judge(rule(), { ...resolved, siblings: [one, three], sightings: saw(D, 'resolution', one, three) })
    ).toMatchObject({ state: 'reopened', reason: 'CHOSEN_REPLACED' })
  })

  test('whose word does not count resolves nothing', () => {
    const stranger = facts([one, two], { sightings: saw(C, 'resolution', one, two), words: [word(C, two)] })
    expect(judge(rule(), stranger).state).toBe('open')
    expect(judge(rule({ resolvers: ['own', C] }), stranger)).toMatchObject({ state: 'resolved', by: C })
  })

  test("resolvers that differ: the first one's word holds, and it is said; not when one saw the other", () => {
    const sightings = [...saw(D, 'resolution', one, two), ...saw(C, 'resolution', one, two)]
    const differ = facts([one, two], { sightings, words: [word(D, one), word(C, two)] })
    expect(judge(rule({ resolvers: ['own', C] }), differ)).toMatchObject({
      state: 'resolved',
      current: one.hash,
      kinds: ['concurrent', 'resolution']
    })
    expect(judge(rule({ resolvers: [C, 'own'] }), differ)).toMatchObject({ state: 'resolved', current: two.hash })
    expect(
      judge(rule({ resolvers: ['own', C] }), {
        ...differ,
        words: [word(D, one, { saw: [word(C, two).hash] }), word(C, two)]
      }).kinds
    ).toEqual(['concurrent'])
  })

  test('an own claim that saw the others acts as a resolution by own; that of another ledger does not', () => {
    const mine = sibling(D, 'mine')
    const seen = facts([one, two, mine], { sightings: saw(D, 'claim', one, two) })
    expect(judge(rule(), seen)).toMatchObject({ state: 'resolved', current: mine.hash, reason: 'OWN_CLAIM', by: D })
    expect(judge(rule(), { ...seen, sightings: saw(D, 'claim', one) }).state).toBe('open')
    expect(judge(rule(), { ...seen, own: C }).state).toBe('open')
  })
})

describe('strategies', () => {
  const claims = fc.uniqueArray(
    fc.record({
      ledger: fc.constantFrom(A, B, C, D),
      seq: fc.nat(9),
      hash: fc.integer({ min: 1, max: 1e6 }).map((n) => sha256Text(String(n))),
      timestamp: fc.integer({ min: AT - 3 * LATER_MS, max: AT + 3 * LATER_MS }),
      storedAt: fc.constantFrom(AT - LATER_MS, AT, AT + 1)
    }),
    { selector: ({ ledger }) => ledger, minLength: 1, maxLength: 4 }
  )
  const rules = [
    rule({ strategy: 'last-write-wins' }),
    rule({ strategy: 'source-priority', priority: [C, A] }),
    rule({ strategy: 'source-priority', priority: [B], otherwise: 'last-write-wins' })
  ]
  const seed = 20261127

  test('commutative, idempotent and associative over sets', () => {
    fc.assert(
      fc.property(claims, fc.constantFrom(...rules), fc.nat(), (all, one, cut) => {
        const winner = (list: DatedClaim[]): string | null => (list.length === 0 ? null : decide(one, list).winner)
        const at = cut % (all.length + 1)
        const of = (hash: string | null): DatedClaim[] => all.filter((claim) => claim.hash === hash)
        expect(winner(all.toReversed())).toBe(winner(all))
        expect(winner([...all, ...all])).toBe(winner(all))
        expect(winner([...of(winner(all.slice(0, at))), ...of(winner(all.slice(at)))])).toBe(winner(all))
      }),
      { seed, numRuns: 500 }
    )
  })

  test('a claim dated later than stored + 120 s loses to every sibling that is not', () => {
    fc.assert(
      fc.property(claims, (all) => {
        const isLie = ({ timestamp, storedAt }: DatedClaim): boolean => timestamp > storedAt + LATER_MS
        const { winner, clamped } = decide(rules[0]!, all)
        expect(clamped.length).toBe(all.filter(isLie).length)
        expect(all.every(isLie) || !clamped.includes(winner!)).toBe(true)
      }),
      { seed, numRuns: 500 }
    )
    const limit = sibling(A, 'limit', { timestamp: AT + LATER_MS })
    const late = sibling(B, 'late', { timestamp: AT + LATER_MS + 1 })
    expect(judge(rules[0]!, facts([limit, late]))).toMatchObject({
      state: 'decided',
      current: limit.hash,
      reason: 'LAST_WRITE',
      clamped: [late.hash]
    })
    expect(judge(rules[0]!, facts([sibling(A, 'old', { timestamp: 0 }), late])).current).not.toBe(late.hash)
  })

  test('source priority: the first listed ledger that has a sibling; none listed, and the rule says what then', () => {
    const [one, two] = [sibling(A, 'one'), sibling(B, 'two')]
    expect(judge(rule({ strategy: 'source-priority', priority: [C, B, A] }), facts([one, two]))).toMatchObject({
      state: 'decided',
      current: two.hash,
      reason: 'PRIORITY'
    })
    expect(judge(rule({ strategy: 'source-priority', priority: [C] }), facts([one, two]))).toMatchObject({
      state: 'open',
      reason: 'NOT_LISTED'
    })
    expect(
      judge(rule({ strategy: 'source-priority', priority: [C], otherwise: 'last-write-wins' }), facts([one, two]))
    ).toMatchObject({ state: 'decided', reason: 'LAST_WRITE' })
  })
})
