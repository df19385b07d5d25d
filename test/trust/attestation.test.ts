import { describe, expect, test } from 'vitest'
import { sha256Text } from '../../src/core/hash.js'
import { isTrustMeta, readTrust } from '../../src/trust/attestation.js'
import type { Json, JsonObject } from '../../src/core/canonical.js'
import { header, id, NOW } from './ledgers.js'

const HASH = sha256Text('attestation')
const ENTRY = sha256Text('entry')
const GOOD: Record<string, JsonObject> = {
  'trust.attestation': { subject: id('b'), level_milli: 700, kind: 'full', depth: 2, expires: NOW },
  'trust.revocation': { attestation: HASH },
  'trust.acceptance': { ledger: id('b'), attestation: HASH },
  'trust.verification': { ledger: id('b'), attestation: HASH, confirmed: false }
}

test('what the four types say', () => {
  for (const [type, meta] of Object.entries(GOOD)) {
    expect(readTrust(header(id('a'), 7, type, meta), ENTRY)).toEqual({
      ...meta,
      type,
      issuer: id('a'),
      seq: 7,
      hash: ENTRY,
      timestamp: NOW
    })
    expect(isTrustMeta(type, meta)).toBe(true)
  }
})

const BAD: Record<string, Json[]> = {
  level_milli: [-1, 1001, 0.5, 999.5, '700', null, NaN, Infinity, 2 ** 53, true],
  kind: ['Full', 'none', '', null, 0, ['full']],
  depth: [-1, 4, 1.5, '1', null],
  expires: [-1, 0.5, 253_402_300_800_000, '0', true],
  subject: [null, '', 'b', id('b').toUpperCase(), id('b').slice(0, -1), `${id('b')}a`, id('b').slice(0, -1) + 'b', 3],
  attestation: [null, '', HASH.toUpperCase(), HASH.slice(1), `${HASH}0`, 0],
  ledger: [null, 'x', id('b').toUpperCase()],
  confirmed: [null, 0, 1, 'true']
}

describe('malformed says nothing', () => {
  for (const [type, meta] of Object.entries(GOOD)) {
    for (const member of Object.keys(meta)) {
      test(`${type}: ${member}`, () => {
        expect(BAD[member]!.length).toBeGreaterThan(2)
        for (const value of BAD[member]!)
          expect(readTrust(header(id('a'), 7, type, { ...meta, [member]: value }), ENTRY)).toBeNull()
        const { [member]: _, ...less } = meta
        expect(readTrust(header(id('a'), 7, type, less), ENTRY)).toBeNull()
      })
    }
    test(`${type}: one member more, another stream, a payload, no ledger`, () => {
      expect(readTrust(header(id('a'), 7, type, { ...meta, note: 'x' }), ENTRY)).toBeNull()
      expect(readTrust(header(id('a'), 7, type, meta, { stream: 'main' }), ENTRY)).toBeNull()
      expect(readTrust(header(id('a'), 7, type, meta, { payload_hash: HASH, payload_size: 2 }), ENTRY)).toBeNull()
      expect(readTrust(header(id('a'), 0, type, meta, { ledger: null }), ENTRY)).toBeNull()
    })
    test(`${type}: about oneself`, () => {
      expect(type === 'trust.revocation' || readTrust(header(id('b'), 7, type, meta), ENTRY) === null).toBe(true)
    })
  }
})

test('other types say nothing, also those that objects inherit', () => {
  for (const type of [
    'trust',
    'trust.',
    'trust.attest',
    'trust.unknown',
    'Trust.attestation',
    'ledger.access',
    'toString',
    '__proto__',
    'constructor'
  ]) {
    for (const meta of [{}, ...Object.values(GOOD)]) expect(readTrust(header(id('a'), 7, type, meta), ENTRY)).toBeNull()
  }
})

test('the bounds are inside', () => {
  for (const level_milli of [0, 1, 1000])
    for (const depth of [0, 3])
      for (const expires of [null, 0, 253_402_300_799_999]) {
        expect(
          readTrust(
            header(id('a'), 7, 'trust.attestation', { ...GOOD['trust.attestation'], level_milli, depth, expires }),
            ENTRY
          )
        ).toMatchObject({ level_milli, depth, expires })
      }
})
