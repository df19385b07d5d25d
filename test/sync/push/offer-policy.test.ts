/** decideOffer is total, says nothing to those who may not offer, and never takes more than was asked for. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { decideOffer, type OfferFacts } from '../../../src/sync/push/offer-policy.js'
import { ACCEPT_RULES } from '../../../src/sync/push/types.js'

const stranger: OfferFacts = {
  known: true,
  rule: 'nobody',
  token: 'none',
  trusted: false,
  member: false,
  fromOwner: false,
  fromRemote: false,
  own: null,
  asked: 'mirror',
  held: null,
  inbox: 'none',
  keys: 'unknown',
  allowed: true,
  room: true
}
const anyone: OfferFacts = { ...stranger, rule: 'anyone', keys: 'in-force' }
const held = { isSame: false, frozen: false, follow: { headers: false, adopts: false, stalled: null } } as const

const anyFacts: fc.Arbitrary<OfferFacts> = fc.record({
  known: fc.boolean(),
  rule: fc.constantFrom(...ACCEPT_RULES),
  token: fc.constantFrom(
    'none' as const,
    'invalid' as const,
    { mode: 'mirror' as const },
    { mode: 'headers' as const }
  ),
  trusted: fc.boolean(),
  member: fc.boolean(),
  fromOwner: fc.boolean(),
  fromRemote: fc.boolean(),
  own: fc.constantFrom(null, { restoring: true }, { restoring: false }),
  asked: fc.constantFrom('mirror' as const, 'adopt' as const, 'either' as const),
  held: fc.option(
    fc.record({
      isSame: fc.boolean(),
      frozen: fc.boolean(),
      follow: fc.option(
        fc.record({
          headers: fc.boolean(),
          adopts: fc.boolean(),
          stalled: fc.constantFrom(null, 'PAUSED' as const, 'UNTRUSTED' as const, 'QUOTA' as const)
        })
      )
    })
  ),
  inbox: fc.constantFrom('none' as const, 'dismissed' as const, 'blocked' as const),
  keys: fc.constantFrom('unknown' as const, 'in-force' as const, 'not-in-force' as const, 'wrong-network' as const),
  allowed: fc.boolean(),
  room: fc.boolean()
})

test('one verdict for all facts; the same facts give the same one', () => {
  fc.assert(
    fc.property(anyFacts, (facts) => {
      const verdict = decideOffer(facts)
      expect(['denied', 'prove', 'held', 'accepted', 'pending', 'refused']).toContain(verdict.kind)
      expect(decideOffer(structuredClone(facts))).toEqual(verdict)
    }),
    { numRuns: 2_000 }
  )
})

test('whoever may not offer hears DENIED, whatever is held here', () => {
  fc.assert(
    fc.property(anyFacts, (facts) => {
      const none: OfferFacts = {
        ...facts,
        rule: 'nobody',
        token: facts.token === 'none' ? 'none' : 'invalid',
        fromOwner: false,
        fromRemote: false,
        own: null
      }
      expect(decideOffer(none)).toEqual({ kind: 'denied' })
      expect(decideOffer({ ...facts, known: false })).toEqual({ kind: 'denied' })
    }),
    { numRuns: 2_000 }
  )
})

test('nothing is followed because of an offer but by the rule or a token, within trust, with proven keys, and where there is room', () => {
  fc.assert(
    fc.property(anyFacts, (facts) => {
      const verdict = decideOffer(facts)
      if (verdict.kind !== 'accepted' || verdict.follow === null) return
      expect(facts).toMatchObject({ known: true, own: null, keys: 'in-force', room: true })
      expect(facts.held?.follow ?? null).toBeNull()
      expect(facts.asked).not.toBe('adopt')
      expect(facts.inbox).not.toBe('blocked')
      expect(verdict.mode === 'headers' || facts.allowed).toBe(true)
      const byRule = { nobody: false, ask: false, trusted: facts.trusted, members: facts.member, anyone: true }[
        facts.rule
      ]
      expect(
        typeof facts.token === 'object' ? verdict.follow === 'tokens' : byRule && verdict.follow !== 'tokens'
      ).toBe(true)
    }),
    { numRuns: 5_000 }
  )
})

test('a follow that is there is never changed, and the mode never raised', () => {
  fc.assert(
    fc.property(anyFacts, (facts) => {
      const verdict = decideOffer(facts)
      if (facts.held?.follow == null || facts.own !== null || verdict.kind !== 'accepted') return
      const { headers, adopts } = facts.held.follow
      const mode = headers ? 'headers' : adopts && facts.asked !== 'mirror' ? 'adopt' : 'mirror'
      expect(verdict).toEqual({ kind: 'accepted', mode, follow: null })
    }),
    { numRuns: 5_000 }
  )
})

describe('each rule', () => {
  test.each<[string, Partial<OfferFacts>, ReturnType<typeof decideOffer>]>([
    ['nobody', {}, { kind: 'denied' }],
    [
      "nobody, but it is the ledger's own node and the ledger is followed",
      { fromOwner: true, held },
      { kind: 'accepted', mode: 'mirror', follow: null }
    ],
    ["nobody, the ledger's own node, not followed", { fromOwner: true }, { kind: 'refused', reason: 'NOT_WANTED' }],
    [
      'nobody, a remote that is taken from, all of it held',
      { fromRemote: true, held: { ...held, isSame: true } },
      { kind: 'held' }
    ],
    [
      'a valid token',
      { token: { mode: 'mirror' }, keys: 'in-force' },
      { kind: 'accepted', mode: 'mirror', follow: 'tokens' }
    ],
    [
      'a valid token never replaces the rule of trust',
      { token: { mode: 'mirror' }, keys: 'in-force', allowed: false },
      { kind: 'refused', reason: 'UNTRUSTED' }
    ],
    [
      'a token for headers needs no trust',
      { token: { mode: 'headers' }, keys: 'in-force', allowed: false },
      { kind: 'accepted', mode: 'headers', follow: 'tokens' }
    ],
    ['an invalid token is no better than none', { token: 'invalid' }, { kind: 'denied' }],
    [
      "an invalid token from the ledger's own node",
      { token: 'invalid', fromOwner: true },
      { kind: 'refused', reason: 'TOKEN_INVALID' }
    ],
    ['ask', { rule: 'ask', keys: 'in-force' }, { kind: 'pending', note: true }],
    ['ask, before the keys were seen', { rule: 'ask' }, { kind: 'prove' }],
    ['ask, dismissed before', { rule: 'ask', keys: 'in-force', inbox: 'dismissed' }, { kind: 'pending', note: false }],
    ['ask, blocked', { rule: 'ask', keys: 'in-force', inbox: 'blocked' }, { kind: 'refused', reason: 'NOT_WANTED' }],
    [
      'ask, with a token',
      { rule: 'ask', keys: 'in-force', token: { mode: 'mirror' } },
      { kind: 'accepted', mode: 'mirror', follow: 'tokens' }
    ],
    ['trusted, and it is not', { rule: 'trusted' }, { kind: 'denied' }],
    [
      'trusted',
      { rule: 'trusted', trusted: true, keys: 'in-force' },
      { kind: 'accepted', mode: 'mirror', follow: 'trusted' }
    ],
    [
      'members',
      { rule: 'members', member: true, keys: 'in-force' },
      { kind: 'accepted', mode: 'mirror', follow: 'trusted' }
    ],
    ['anyone', { rule: 'anyone', keys: 'in-force' }, { kind: 'accepted', mode: 'mirror', follow: 'anyone' }],
    [
      'anyone, with a key that is not in force',
      { ...anyone, keys: 'not-in-force' },
      { kind: 'refused', reason: 'NOT_WANTED' }
    ],
    ['anyone, of another network', { ...anyone, keys: 'wrong-network' }, { kind: 'refused', reason: 'WRONG_NETWORK' }],
    [
      'anyone, and no room: before anybody is asked for keys',
      { ...anyone, keys: 'unknown', room: false },
      { kind: 'refused', reason: 'QUOTA' }
    ],
    ['anyone, to be adopted', { ...anyone, asked: 'adopt' }, { kind: 'refused', reason: 'ADOPT_NOT_OFFERED' }],
    ['anyone, frozen here', { ...anyone, held: { ...held, frozen: true } }, { kind: 'refused', reason: 'FROZEN' }],
    [
      'anyone, paused here',
      { ...anyone, held: { ...held, follow: { headers: false, adopts: false, stalled: 'PAUSED' } } },
      { kind: 'refused', reason: 'PAUSED' }
    ],
    [
      'the own ledger, while it is restored',
      { own: { restoring: true } },
      { kind: 'accepted', mode: 'mirror', follow: null }
    ],
    ['the own ledger, otherwise', { own: { restoring: false } }, { kind: 'refused', reason: 'NOT_WANTED' }]
  ])('%s', (_what, facts, verdict) => {
    expect(decideOffer({ ...stranger, ...facts })).toEqual(verdict)
  })
})
