import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ERRORS } from '../../src/core/errors.js'
import { isName } from '../../src/core/grammar.js'
import { isHash, sha256, sha256Text, toHex } from '../../src/core/hash.js'
import { genesisHashOf, isLedgerId, ledgerIdOf } from '../../src/core/ledger-id.js'

const hash = fc.uint8Array({ minLength: 32, maxLength: 32 }).map(toHex)

test('a ledger id names one genesis hash, in one spelling', () => {
  fc.assert(
    fc.property(
      hash,
      fc.nat(52),
      fc.constantFrom(...Array.from('abcdefghijklmnopqrstuvwxyz234567AZ01-_=. ')),
      (genesis, place, character) => {
        const id = ledgerIdOf(genesis)
        expect(id).toMatch(/^b[a-z2-7]{52}$/)
        expect(isLedgerId(id)).toBe(true)
        expect(genesisHashOf(id)).toBe(genesis)
        const other = id.slice(0, place) + character + id.slice(place + 1)
        const named = isLedgerId(other) ? genesisHashOf(other) : null
        expect(named === null || ledgerIdOf(named) === other).toBe(true)
        expect(named === genesis).toBe(other === id)
      }
    )
  )
})

test('whatever else is no ledger id', () => {
  const id = ledgerIdOf('00'.repeat(32))
  for (const value of [
    '',
    'b',
    id.slice(0, -1),
    `${id}a`,
    id.toUpperCase(),
    `${id}\n`,
    `z${id.slice(1)}`,
    `${id.slice(0, -1)}b`,
    null,
    1,
    {},
    [id]
  ])
    expect(isLedgerId(value)).toBe(false)
})

test('a hash is 64 lower-case hex digits', () => {
  for (const value of [
    '',
    'a'.repeat(63),
    'a'.repeat(65),
    'A'.repeat(64),
    'g'.repeat(64),
    `${'a'.repeat(64)}\n`,
    1,
    null,
    ['a'.repeat(64)]
  ])
    expect(isHash(value)).toBe(false)
  expect(isHash('a'.repeat(64))).toBe(true)
  expect(sha256(Buffer.from('ab'), Buffer.from('c'))).toBe(sha256Text('abc'))
  expect(sha256Text('abc')).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad')
})

test('a name is what its rule says', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string({ unit: 'binary', maxLength: 140 }), fc.string({ maxLength: 140 })), (text) => {
      const forbidden = Array.from(text).some((character) => {
        const code = character.codePointAt(0)!
        return (
          code < 0x20 ||
          (code >= 0x7f && code <= 0x9f) ||
          (code >= 0xfdd0 && code <= 0xfdef) ||
          (code & 0xfffe) === 0xfffe ||
          (code >= 0xd800 && code <= 0xdfff)
        )
      })
      const size = Buffer.byteLength(text)
      expect(isName(text)).toBe(size >= 1 && size <= 128 && !forbidden)
    }),
    { numRuns: 1000 }
  )
})

test('every error has its own number, and says what to do next', () => {
  const numbers = Object.values(ERRORS).map(({ rpc }) => rpc)
  expect(new Set(numbers).size).toBe(numbers.length)
  for (const { next } of Object.values(ERRORS))
    for (const step of typeof next === 'string' ? [next] : Object.values(next)) expect(step).toMatch(/^[A-Z`].*\.$/s)
})
