import { expect, test } from 'vitest'
import { noAccess, type AccessRules } from '../../../src/core/access.js'
import type { AccessScope } from '../../../src/core/ledger-types.js'
import type { Header } from '../../../src/core/header.js'
import { choose } from '../../../src/sync/adopt/choose.js'
import { ADOPT_SENTENCES } from '../../../src/sync/adopt/codes.js'
import { dayAt, decideAdoption, type AdoptFacts } from '../../../src/sync/adopt/decide.js'
import { DAY_BYTES, DAY_ENTRIES, DAY_MS } from '../../../src/sync/adopt/limits.js'
import { areReadersWithin } from '../../../src/sync/adopt/readers.js'
import { ADOPT_CODES, type HeldPayload } from '../../../src/sync/adopt/types.js'

const [SOURCE, A, B] = ['s', 'a', 'b'].map((letter) => `b${letter.repeat(52)}`) as [string, string, string]
const HASH = 'ab'.repeat(32)

const FACTS: AdoptFacts = {
  blockedBy: null,
  own: { signer: 'ready', access: 'public' },
  source: { size: 10, counted: 8, frozen: false, access: 'public' },
  areReadersIn: true,
  full: false,
  busy: false,
  at: 3,
  late: false,
  day: { since: 0, entries: 0, bytes: 0 },
  now: 1_000
}
const decided = (facts: Partial<AdoptFacts>): unknown => {
  const verdict = decideAdoption({ ...FACTS, ...facts })
  return verdict.go ? verdict.to : verdict.code
}

test('what counts is adopted, and no further than it counts', () => {
  expect(decided({})).toBe(8)
  expect(decided({ at: null })).toBe('FIRST_SYNC')
  expect(decided({ at: 8 })).toBe('AUDITING')
  expect(decided({ at: 8, late: true })).toBe(8)
  expect(decided({ at: 8, source: { ...FACTS.source, frozen: true } })).toBe('FROZEN')
  expect(decided({ at: 10, source: { ...FACTS.source, counted: 10 } })).toBeNull()
  expect(decided({ source: { size: 0, counted: 0, frozen: false, access: null } })).toBe('NOTHING_HELD')
})

test('S4: private never into public, whatever else holds', () => {
  const source = { ...FACTS.source, access: 'private' } as const
  for (const blockedBy of [null, 'PAUSED', 'UNTRUSTED'] as const)
    for (const areReadersIn of [true, false])
      expect(decided({ source, blockedBy, areReadersIn, late: true })).toBe('PRIVATE_INTO_PUBLIC')
  const own = { signer: 'ready', access: 'private' } as const
  expect(decided({ source, own, areReadersIn: false })).toBe('READERS_WIDER')
  expect(decided({ source, own })).toBe(8)
  expect(decided({ own, areReadersIn: false })).toBe(8)
})

test('whatever holds it back has a code, and a sentence', () => {
  expect(decided({ blockedBy: 'UNTRUSTED' })).toBe('UNTRUSTED')
  for (const [signer, code] of [
    ['confirming', 'CONFIRMING'],
    ['twin', 'TWIN'],
    ['restoring', 'RESTORING'],
    ['failed', 'STORE_FAILED'],
    ['frozen', 'OWN_FROZEN'],
    ['read-only', 'READ_ONLY']
  ] as const)
    expect(decided({ own: { signer, access: 'public' } })).toBe(code)
  expect(decided({ busy: true })).toBe('BUSY')
  expect(decided({ full: true, busy: true })).toBe('TOO_MANY_REFUSED')
  for (const code of ADOPT_CODES) expect(ADOPT_SENTENCES[code]).toMatch(/^[A-Z].*\.$/)
})

test('a source makes this node sign so much a day, and no more', () => {
  const full = { since: 500, entries: DAY_ENTRIES, bytes: 0 }
  expect(decideAdoption({ ...FACTS, day: full })).toEqual({ go: false, code: 'ADOPT_LIMIT', next: 500 + DAY_MS })
  expect(decided({ day: { since: 500, entries: 1, bytes: DAY_BYTES } })).toBe('ADOPT_LIMIT')
  expect(decided({ day: full, now: 500 + DAY_MS })).toBe(8)
  expect(decideAdoption({ ...FACTS, day: { ...full, entries: DAY_ENTRIES - 5 } })).toMatchObject({
    room: 5
  })
  // A clock that was set back does not shut it for good.
  expect(dayAt({ since: 10 * DAY_MS, entries: 9, bytes: 9 }, 5)).toEqual({ since: 5, entries: 0, bytes: 0 })
})

function rules(grants: Record<string, AccessScope>, trustMilli: number | null = null): AccessRules {
  return { ...noAccess(), grants: new Map(Object.entries(grants)), trustMilli }
}

test('readers: all of the own ledger must be readers of the source, for what they may do', () => {
  expect(areReadersWithin(rules({}), rules({}), SOURCE)).toBe(true)
  expect(areReadersWithin(rules({ [SOURCE]: 'full' }), rules({}), SOURCE)).toBe(true)
  expect(areReadersWithin(rules({ [A]: 'full' }), rules({ [A]: 'full', [B]: 'full' }), SOURCE)).toBe(true)
  expect(areReadersWithin(rules({ [A]: 'full' }), rules({ [A]: 'query-only' }), SOURCE)).toBe(false)
  expect(areReadersWithin(rules({ [A]: 'query-only' }), rules({ [A]: 'full' }), SOURCE)).toBe(true)
  expect(areReadersWithin(rules({ [A]: 'full', [B]: 'full' }), rules({ [A]: 'full' }), SOURCE)).toBe(false)
  // Whom the own one admits by trust the source need not admit, even at the same level.
  expect(areReadersWithin(rules({}, 500), rules({}, 500), SOURCE)).toBe(false)
})

const header = (given: Partial<Header>): Header =>
  ({
    type: 'diploma',
    stream: 's',
    id: 'one',
    meta: {},
    issuer_oid: null,
    subject_oid: null,
    timestamp: 5,
    ...given
  }) as Header
const choice = (given: Partial<Header>, payload: HeldPayload = { state: 'none' }, filters = {}): unknown => {
  const chosen = choose(SOURCE, filters, null, { header: header(given), hash: HASH, payload, bytes: 1 })
  return chosen.do === 'skip' ? chosen.code : chosen.do === 'wait' ? 'wait' : chosen.input
}

test('no reserved type, nothing that says that it is a copy, nothing without its payload', () => {
  for (const type of ['ledger.genesis', 'ledger.resolution', 'trust.attestation', 'transaction.proposal'])
    expect(choice({ type })).toBe('RESERVED')
  expect(choice({ meta: { sync: { source: A, originalId: 'x', originalHash: HASH } } })).toBe('IS_COPY')
  expect(choice({}, { state: 'none' }, { types: ['other'] })).toBe('FILTERED')
  expect(choice({}, { state: 'erased' })).toBe('ERASED')
  expect(choice({}, { state: 'malformed' })).toBe('MALFORMED')
  expect(choice({}, { state: 'missing' })).toBe('wait')
  expect(
    choose(
      SOURCE,
      null,
      { types: ['other'] },
      { header: header({}), hash: HASH, payload: { state: 'filtered' }, bytes: 1 }
    )
  ).toEqual({ do: 'skip', code: 'FILTERED' })
})

test('a copy: the id is the hash of the original; references as they are, the rest of meta beside the mark', () => {
  const reference = { ledgerId: A, entryId: 'x', entryHash: null, referenceType: 'source' }
  expect(
    choice({ meta: { lang: 'nl', crossLedgerRefs: [reference] } }, { state: 'present', content: { a: 1 } })
  ).toEqual({
    id: HASH,
    stream: 's',
    type: 'diploma',
    issuer_oid: null,
    subject_oid: null,
    payload: { a: 1 },
    timestamp: 5,
    meta: { lang: 'nl', sync: { source: SOURCE, originalId: 'one', originalHash: HASH } },
    references: [reference]
  })
})
