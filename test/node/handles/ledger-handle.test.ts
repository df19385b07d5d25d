import { describe, expect, test } from 'vitest'
import { isCoded } from '../../../src/core/errors.js'
import { ledgerIdOf } from '../../../src/core/ledger-id.js'
import { sha256Text } from '../../../src/core/hash.js'
import { checkAlias } from '../../../src/node/handles/aliases.js'
import { resolveLedger, type LedgerBook } from '../../../src/node/handles/ledger-handle.js'
import { resolvePeer } from '../../../src/node/handles/peer-handle.js'

const idOf = (seed: string): string => ledgerIdOf(sha256Text(seed))
const FOLLOWED = idOf('followed')
const STRANGER = idOf('stranger')
/** Begins like FOLLOWED, as a stranger could arrange for a short beginning. */
const ALIKE = `${FOLLOWED.slice(0, 9)}${FOLLOWED[9] === 'a' ? 'b' : 'a'}${STRANGER.slice(10)}`

const one = (
  ledger: string,
  name: string | null,
  held: Partial<LedgerBook['known'][number]> = {}
): LedgerBook['known'][number] => ({ ledger, name, own: false, followed: false, size: null, ...held })

const BOOK: LedgerBook = {
  aliases: new Map([['partner', STRANGER]]),
  known: [
    one(idOf('own'), 'me', { own: true, size: 1 }),
    one(FOLLOWED, 'acme', { followed: true, size: 3 }),
    one(STRANGER, 'acme'),
    one(idOf('third'), 'only-theirs')
  ]
}

function outcome(text: string, binds: boolean, book = BOOK): string {
  try {
    return resolveLedger(text, book, { binds })
  } catch (error) {
    if (!isCoded(error)) throw error
    return error.code
  }
}

describe.each([false, true])('binds: %s', (binds) => {
  test.each<[what: string, text: string, expected: string]>([
    ['a whole id', STRANGER, STRANGER],
    ['the name of a followed ledger, though a stranger has the same', 'acme', FOLLOWED],
    ['the own name', 'me', idOf('own')],
    ['an alias', 'partner', STRANGER],
    ["a stranger's name", 'only-theirs', 'NO_SUCH_NAME'],
    ['what nobody is called', 'nobody', 'NO_SUCH_NAME'],
    ['a beginning too short to tell', FOLLOWED.slice(0, 7), 'NO_SUCH_NAME'],
    ['an id that nobody knows', idOf('unknown'), idOf('unknown')]
  ])('%s', (_what, text, expected) => expect(outcome(text, binds)).toBe(expected))

  test('two followed ledgers with one name: both are candidates', () => {
    const book = { ...BOOK, known: [...BOOK.known, one(idOf('second'), 'acme', { followed: true })] }
    const candidates = [FOLLOWED, idOf('second')].map((ledger) => ({
      ledger,
      name: 'acme',
      aliases: [],
      followed: true
    }))
    expect(() => resolveLedger('acme', book, { binds })).toThrow(
      expect.objectContaining({ code: 'AMBIGUOUS', details: { more: 0, candidates } })
    )
  })
  test('the beginning of an id', () => {
    expect(outcome(FOLLOWED.slice(0, 8), binds)).toBe(binds ? 'SHORT_FORM' : FOLLOWED)
    expect(outcome(`${FOLLOWED.slice(0, 12)}…`, binds)).toBe(binds ? 'SHORT_FORM' : FOLLOWED)
    expect(outcome(idOf('third').slice(0, 12), binds)).toBe(binds ? 'SHORT_FORM' : idOf('third'))
    // Of a ledger that is not held, eight characters could be arranged by a stranger.
    expect(outcome(idOf('third').slice(0, 11), binds)).toBe(binds ? 'SHORT_FORM' : 'NO_SUCH_NAME')
  })
  test('two ids that begin alike', () => {
    const book = { ...BOOK, known: [...BOOK.known, one(ALIKE, 'x', { size: 0 })] }
    expect(outcome(FOLLOWED.slice(0, 8), binds, book)).toBe(binds ? 'SHORT_FORM' : 'AMBIGUOUS')
    expect(outcome(FOLLOWED.slice(0, 10), binds, book)).toBe(binds ? 'SHORT_FORM' : FOLLOWED)
  })
  test("a followed ledger that calls itself like the beginning of another's id never passes for it", () => {
    const book = { ...BOOK, known: [...BOOK.known, one(idOf('impostor'), STRANGER.slice(0, 12), { followed: true })] }
    expect(outcome(STRANGER.slice(0, 12), binds, book)).toBe(binds ? 'SHORT_FORM' : 'AMBIGUOUS')
  })
  test('an alias goes before a name', () => {
    expect(outcome('acme', binds, { ...BOOK, aliases: new Map([['acme', STRANGER]]) })).toBe(STRANGER)
  })
  test('names that differ only in how an accent is encoded are two', () => {
    const book = {
      ...BOOK,
      known: [
        ...BOOK.known,
        one(idOf('nfc'), 'caf\u00e9', { followed: true }),
        one(idOf('nfd'), 'cafe\u0301', { followed: true })
      ]
    }
    expect(outcome('caf\u00e9', binds, book)).toBe(idOf('nfc'))
    expect(outcome('cafe\u0301', binds, book)).toBe(idOf('nfd'))
  })
})

test("a stranger's name is refused with the strangers as candidates", () => {
  expect(() => resolveLedger('only-theirs', BOOK, { binds: false })).toThrow(
    expect.objectContaining({
      code: 'NO_SUCH_NAME',
      details: { more: 0, candidates: [expect.objectContaining({ ledger: idOf('third'), followed: false })] }
    })
  )
})

test.each(['acme', 'a', 'acme-2.eu_x', 'bank', '7d', 'bavaria'])('%j can be an alias', (alias) =>
  expect(() => checkAlias(alias)).not.toThrow()
)

test.each([
  '',
  'Acme',
  'аcme',
  'acme\u202e',
  'a b',
  '*',
  '-x',
  'x'.repeat(65),
  FOLLOWED,
  FOLLOWED.slice(0, 12),
  FOLLOWED.slice(0, 8),
  `${FOLLOWED.slice(0, -1)}b`,
  'blockchain',
  '12d3koow',
  '12d3koowabc',
  'deadbeef',
  'ab'.repeat(32),
  '42'
])('%j cannot be an alias', (alias) =>
  expect(() => checkAlias(alias)).toThrow(expect.objectContaining({ code: 'INVALID_PARAMS' }))
)

test('peers', () => {
  const [a, b] = [
    '12D3KooWEmZn9hvUYcGLCkGRJSMjJWUmfBWXFNMaA2UoVLzEbLEb',
    '12D3KooWEmZn9hvUYcGLCkGRJSMjJWUmfBWXFNMaA2UoVLzEbLEc'
  ]
  expect(resolvePeer(a.slice(0, 12), [a], { binds: false })).toBe(a)
  expect(resolvePeer('/ip4/127.0.0.1/tcp/1', [a], { binds: false })).toBe('/ip4/127.0.0.1/tcp/1')
  for (const [given, known, binds, code] of [
    [a.slice(0, 12), [a, b], false, 'AMBIGUOUS'],
    [a.slice(0, 12), [], false, 'NO_SUCH_NAME'],
    [a.slice(0, 12), [a], true, 'SHORT_FORM']
  ] as const) {
    expect(() => resolvePeer(given, known, { binds })).toThrow(expect.objectContaining({ code }))
  }
  expect(resolvePeer(a.slice(0, 11), [a], { binds: false })).toBe(a.slice(0, 11))
})
