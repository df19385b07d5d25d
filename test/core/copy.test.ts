import { expect, test } from 'vitest'
import { differsFromOriginal } from '../../src/core/copy.js'
import type { JsonObject } from '../../src/core/canonical.js'
import type { Entry } from '../../src/core/entry.js'
import { encodePayload, payloadHash } from '../../src/core/payload.js'
import type { Header } from '../../src/core/header.js'

const HASH = 'ab'.repeat(32)
const SOURCE = `b${'s'.repeat(52)}`

function entry(header: Partial<Header>, payload: Uint8Array | null, hash = HASH): Entry {
  return {
    hash,
    header: {
      id: 'one',
      stream: 's',
      type: 't',
      issuer_oid: null,
      subject_oid: null,
      timestamp: 1,
      meta: {},
      payload_hash: payload === null ? null : payloadHash(payload),
      ...header
    } as Header,
    raw: { header: new Uint8Array(), signature: new Uint8Array(64), payload }
  }
}
const mark = { source: SOURCE, originalId: 'one', originalHash: HASH }
const copy = (header: Partial<Header> = {}, payload: Uint8Array | null = null): Entry =>
  entry({ id: HASH, meta: { sync: mark, ...header.meta } as JsonObject, ...header }, payload, 'cd'.repeat(32))
const salted = (payload: number, salt: string): Uint8Array => encodePayload(payload, salt.repeat(32))

test('each member that differs is named', () => {
  expect(differsFromOriginal(copy(), entry({}, null))).toEqual([])
  expect(differsFromOriginal(copy({ timestamp: 2, type: 'x' }), entry({}, null))).toEqual(['type', 'timestamp'])
  expect(differsFromOriginal(copy(), entry({ id: 'two' }, null))).toEqual(['originalId'])
  expect(differsFromOriginal(copy({ id: 'mine' }), entry({}, null))).toEqual(['id'])
  expect(differsFromOriginal(copy(), entry({ meta: { lang: 'nl' } }, null))).toEqual(['meta'])
})

test('an empty list of references is none', () => {
  expect(differsFromOriginal(copy(), entry({ meta: { crossLedgerRefs: [] } }, null))).toEqual([])
})

test('payloads are compared by what they say, where both are held', () => {
  expect(differsFromOriginal(copy({}, salted(1, '1')), entry({}, salted(1, '2')))).toEqual([])
  expect(differsFromOriginal(copy({}, salted(1, '1')), entry({}, salted(2, '1')))).toEqual(['payload'])
  const erased = entry({ payload_hash: HASH }, null)
  expect(differsFromOriginal(copy({}, salted(1, '1')), erased)).toEqual([])
  expect(differsFromOriginal(copy({}, salted(1, '1')), entry({}, null))).toEqual(['payload'])
  expect(differsFromOriginal(copy(), entry({}, salted(null as never, '1')))).toEqual([])
  expect(differsFromOriginal(copy(), entry({}, new Uint8Array([1])))).toEqual(['payload'])
})
