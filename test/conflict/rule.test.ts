import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { isCoded } from '../../src/core/errors.js'
import { encodeHeader, decodeHeader, type Header } from '../../src/core/header.js'
import { sha256Text, type Hash } from '../../src/core/hash.js'
import { ledgerIdOf } from '../../src/core/ledger-id.js'
import type { JsonObject } from '../../src/core/canonical.js'
import { MAX_HEADER_BYTES } from '../../src/core/limits.js'
import { baseOf } from '../../src/conflict/base.js'
import { claimOf, conflictId, isConflictId } from '../../src/conflict/claims.js'
import { MAX_NOTE_BYTES, MAX_RULE_LIST, REFERENCES_PER_RESOLUTION } from '../../src/conflict/limits.js'
import { resolutionMeta, resolutionOf, RESOLUTION_TYPE } from '../../src/conflict/resolution.js'
import { readRule, type RuleInput } from '../../src/conflict/rule.js'
import type { Claim, Sighting } from '../../src/conflict/siblings.js'
import { testKey } from '../ledger/support.js'

const [A, B] = ['a', 'b'].map((name) => ledgerIdOf(sha256Text(name))) as [string, string]
const HASH = sha256Text('hash')
const INPUT: RuleInput = { name: 'test', key: ['stream', 'subject_oid'], scope: [A, B] }

function header(more: Partial<Header> = {}): Header {
  return {
    v: 1,
    ledger: A,
    seq: 3,
    prev_hash: HASH,
    key: testKey('a').publicKey,
    id: 'x',
    stream: 's',
    type: 't',
    issuer_oid: null,
    subject_oid: 'me',
    timestamp: 1,
    payload_hash: null,
    payload_size: 0,
    meta: {},
    ...more
  }
}

describe('rules', () => {
  test('what is not said has a default; the scope writes', () => {
    expect(readRule(INPUT)).toEqual({
      name: 'test',
      match: { streams: null, types: null },
      key: ['stream', 'subject_oid'],
      scope: [A, B],
      adopted: false,
      writers: [A, B],
      resolvers: ['own'],
      strategy: 'manual',
      priority: [],
      otherwise: 'manual',
      whileOpen: 'nothing',
      merge: null,
      record: false
    })
    expect(readRule({ ...INPUT, scope: 'held' }).writers).toEqual([])
    expect(readRule(JSON.parse(JSON.stringify(readRule(INPUT))))).toEqual(readRule(INPUT))
  })

  test.each<[string, object]>([
    ['name', { name: 'A' }],
    ['name', { name: 'x'.repeat(65) }],
    ['key', { key: [] }],
    ['key', { key: ['payload'] }],
    ['key', { key: ['id', 'id'] }],
    ['scope', { scope: 'adopt' }],
    ['scope', { scope: ['x'] }],
    ['scope', { scope: Array.from({ length: MAX_RULE_LIST + 1 }, (_, i) => ledgerIdOf(sha256Text(String(i)))) }],
    ['writers', { writers: 'own' }],
    ['resolvers', { resolvers: ['me'] }],
    ['strategy', { strategy: 'newest' }],
    ['priority', { priority: [A] }],
    ['priority', { strategy: 'source-priority' }],
    ['merge', { merge: { fields: {} } }],
    ['member', { order: 1 }],
    ['match', { match: { stream: 'x' } }],
    ['match', { match: { streams: [''] } }],
    ['pointer', { strategy: 'merge', merge: { fields: { name: 'max' } } }],
    ['fields', { strategy: 'merge', merge: { fields: { '/name': 'newest' } } }],
    ['absolute', { strategy: 'merge', merge: { command: ['merge'] } }],
    ['command', { strategy: 'merge', merge: { command: ['/bin/x', 'a\0b'] } }],
    ['merge', { strategy: 'merge', merge: { command: ['/bin/x'], fields: {} } }]
  ])('refused, by name: %s', (what, more) => {
    expect(() => readRule({ ...INPUT, ...more } as RuleInput)).toThrow(what)
  })
})

describe('claims', () => {
  test('of matched entries in scope, unreserved, with a whole key; the id is that of rule name and key', () => {
    const rule = readRule({ ...INPUT, match: { streams: ['s'], types: ['t'] } })
    const id = conflictId('test', { subject_oid: 'me', stream: 's' })
    expect(claimOf(rule, A, header())).toEqual({
      key: { stream: 's', subject_oid: 'me' },
      id,
      digest: expect.stringMatching(new RegExp(`^${id.slice(1)}[0-9a-f]{32}$`)) as string,
      original: null,
      seen: []
    })
    expect(isConflictId(claimOf(rule, A, header())!.id)).toBe(true)
    for (const other of [
      header({ stream: 'o' }),
      header({ type: 'o' }),
      header({ subject_oid: null }),
      header({ type: 'trust.attestation' })
    ])
      expect(claimOf(rule, A, other)).toBeNull()
    expect(claimOf(rule, ledgerIdOf(HASH), header())).toBeNull()
    expect(claimOf(readRule(INPUT), A, header({ type: 'ledger.resolution' }))).toBeNull()
  })

  test('only derived references with a hash say what was seen; those of a copy do not', () => {
    const refs = (['derived', 'source', 'related', 'derived'] as const).map((referenceType, i) => ({
      ledgerId: B,
      entryId: `e${i}`,
      entryHash: i === 3 ? null : sha256Text(`e${i}`),
      referenceType
    }))
    expect(claimOf(readRule(INPUT), A, header({ meta: { crossLedgerRefs: refs } }))!.seen).toEqual([sha256Text('e0')])
    const copy = header({
      id: HASH,
      meta: { crossLedgerRefs: refs, sync: { source: B, originalId: 'its', originalHash: HASH } }
    })
    expect(claimOf(readRule({ ...INPUT, key: ['id'] }), A, copy)).toMatchObject({
      key: { id: 'its' },
      original: HASH,
      seen: []
    })
  })
})

describe('resolutions', () => {
  const rule = readRule(INPUT)
  const key = { stream: 's', subject_oid: 'me' }
  const resolution = (meta: object): Header =>
    header({ type: RESOLUTION_TYPE, stream: 'ledger', subject_oid: null, meta: meta as JsonObject })

  test('say what they said', () => {
    const meta = {
      ...resolutionMeta({ rule: 'test', key, chosen: HASH, note: 'because' }),
      crossLedgerRefs: [{ ledgerId: B, entryId: 'e', entryHash: HASH, referenceType: 'derived' }]
    }
    expect(resolutionOf(rule, resolution(meta))).toEqual({
      id: conflictId('test', key),
      chosen: HASH,
      note: 'because',
      saw: [HASH]
    })
  })

  test('what does not read is none', () => {
    for (const wrong of [
      { rule: 'other' },
      { key: { stream: 's' } },
      { key: { ...key, id: 'x' } },
      { key: 'x' },
      { key: { ...key, subject_oid: 7 } },
      { chosen: 'x' },
      { chosen: undefined }
    ]) {
      expect(resolutionOf(rule, resolution({ rule: 'test', key, chosen: null, note: '', ...wrong }))).toBeNull()
    }
    expect(resolutionOf(rule, header())).toBeNull()
  })

  test('are inert: whatever their meta says, the header is valid, for older programs know the type as little', () => {
    for (const meta of [{}, { chosen: 7 }, { rule: ['x'], key: null }]) {
      const made = resolution(meta)
      expect(decodeHeader(encodeHeader(made))).toEqual(made)
    }
  })

  test('as many references as one entry takes fit into a header, with the longest names', () => {
    const name = '"'.repeat(128)
    const meta = resolutionMeta({
      rule: 'r'.repeat(64),
      key: { stream: name, type: name, issuer_oid: name, subject_oid: name, id: name },
      chosen: HASH,
      note: '"'.repeat(MAX_NOTE_BYTES)
    })
    const references = Array.from({ length: REFERENCES_PER_RESOLUTION }, () => ({
      ledgerId: A,
      entryId: name,
      entryHash: HASH,
      referenceType: 'derived'
    }))
    expect(encodeHeader(resolution({ ...meta, crossLedgerRefs: references })).length).toBeLessThan(MAX_HEADER_BYTES)
  })
})

describe('the base of a merge', () => {
  const claim = (ledger: string, seq: number): Claim => ({ ledger, seq, hash: sha256Text(`${ledger} ${seq}`) })
  const sees = (by: Claim, target: Claim): Sighting => ({
    target: target.hash,
    by: by.ledger,
    seq: by.seq,
    kind: 'claim'
  })
  const rule = readRule(INPUT)

  test('is the newest claim that all siblings see; there may be none, and two that are equally new are none', () => {
    const [a1, a2, a3, b1, b2] = [claim(A, 1), claim(A, 2), claim(A, 3), claim(B, 1), claim(B, 2)] as [
      Claim,
      Claim,
      Claim,
      Claim,
      Claim
    ]
    expect(baseOf(rule, [a2, b1], [a1, a2, b1], [sees(b1, a1)])).toEqual(a1)
    expect(baseOf(rule, [a2, b1], [a1, a2, b1], [])).toBeNull()
    expect(baseOf(rule, [a3, b2], [a1, a2, a3, b1, b2], [sees(b1, a1), sees(b2, a2)])).toEqual(a2)
    const [crossA, crossB] = [claim(A, 4), claim(B, 4)]
    expect(baseOf(rule, [crossA, crossB], [a1, b1, crossA, crossB], [sees(crossA, b1), sees(crossB, a1)])).toBeNull()
    expect(baseOf({ ...rule, writers: [] }, [a2, b1], [a1, a2, b1], [sees(b1, a1)])).toBeNull()
  })
})

test('a hash that is stated twice is seen once', () => {
  const twice = [0, 1].map((i) => ({ ledgerId: B, entryId: `e${i}`, entryHash: HASH, referenceType: 'derived' }))
  expect(claimOf(readRule(INPUT), A, header({ meta: { crossLedgerRefs: twice } }))!.seen).toEqual<Hash[]>([HASH])
})

test('whatever is given for a rule is one, or refused by name; whatever stands in a resolution is one, or none', () => {
  const anything = fc.jsonValue({ maxDepth: 3 })
  const member = fc.constantFrom(
    'name',
    'match',
    'key',
    'scope',
    'writers',
    'resolvers',
    'strategy',
    'priority',
    'otherwise',
    'whileOpen',
    'merge'
  )
  const value = fc.oneof(
    anything,
    fc.constantFrom<unknown>(
      ['id'],
      ['own'],
      [A],
      'held',
      'merge',
      'manual',
      { fields: { '*': 'union' } },
      { command: ['/bin/x'] },
      { streams: null }
    )
  )
  fc.assert(
    fc.property(fc.array(fc.tuple(member, value)), (members) => {
      let code: unknown = null
      try {
        readRule({ ...INPUT, ...(Object.fromEntries(members) as object) })
      } catch (error) {
        code = isCoded(error) ? error.code : error
      }
      expect([null, 'INVALID_PARAMS']).toContain(code)
    }),
    { seed: 20261127, numRuns: 1000 }
  )
  fc.assert(
    fc.property(fc.dictionary(fc.constantFrom('rule', 'key', 'chosen', 'note'), value), (meta) => {
      const read = resolutionOf(readRule(INPUT), header({ type: RESOLUTION_TYPE, meta: meta as JsonObject }))
      expect(read === null || isConflictId(read.id)).toBe(true)
    }),
    { seed: 20261127, numRuns: 1000 }
  )
})
