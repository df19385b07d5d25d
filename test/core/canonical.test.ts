import canonicalizeValue from 'canonicalize'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { canonicalize, checkDepth, parseCanonical, parseText } from '../../src/core/canonical.js'
import { codeOf } from './author.js'

const bytes = (text: string): Uint8Array => Buffer.from(text)
const parse = (text: string): Promise<string | undefined> => codeOf(() => parseCanonical(bytes(text), 16))

/** Keys of every sort that engines reorder or treat specially. */
const keys = fc.oneof(
  fc.constantFrom(
    '0',
    '1',
    '10',
    '2',
    '00',
    '-1',
    '4294967294',
    '4294967295',
    '9007199254740993',
    '__proto__',
    'constructor',
    'toJSON',
    'é',
    '\u20ac',
    '\u{1f602}',
    '\ufb33',
    '',
    '"',
    '\\',
    '\\ud800',
    '\n'
  ),
  fc.string({ unit: 'grapheme', maxLength: 5 })
)
const json = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    fc.constant(null),
    fc.boolean(),
    fc.integer(),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.string({ unit: 'grapheme' }),
    keys,
    tie('list'),
    tie('object')
  ),
  list: fc.array(tie('value'), { maxLength: 4 }),
  object: fc.array(fc.tuple(keys, tie('value')), { maxLength: 5 }).map((members) => {
    const object = {}
    for (const [key, value] of members)
      Object.defineProperty(object, key, { value, enumerable: true, configurable: true, writable: true })
    return object
  })
})).value

describe('canonical JSON', () => {
  test('the quick check agrees with the library on every text, integer-like keys included', async () => {
    await fc.assert(
      fc.asyncProperty(json, async (value) => {
        const canonical = canonicalizeValue(value)!
        for (const text of [canonical, JSON.stringify(value), JSON.stringify(value, null, 1), ` ${canonical}`]) {
          const expected = canonical === text ? undefined : 'NOT_CANONICAL'
          expect(await codeOf(() => parseCanonical(bytes(text), 100))).toBe(expected)
        }
        expect(canonicalize(value)).toBe(canonical)
        expect(canonicalize(parseText(canonical))).toBe(canonical)
      }),
      { numRuns: 500 }
    )
  })

  test('does not depend on what was read before (nodejs/node#63785)', async () => {
    for (const [poison, text] of [
      ['{"!":0,"\\\\":1}', '{"!":0,"\\"":1}'],
      ['{"A":0,"a\\\\":1}', '{"A":0,"a\\n":[{"z":"\\\\"},{},[],-1.5,true,null]}'],
      ['{"x":0,"é\\\\":1}', '{"x":0,"é\\"":1}']
    ] as const) {
      for (let times = 0; times < 5; times++) parseText(poison)
      expect(canonicalize(parseText(text))).toBe(text)
      expect(await parse(text)).toBeUndefined()
      expect(await codeOf(() => parseText(`${text}}`))).toBe('MALFORMED')
    }
    const both = '{"\\\\":{"__proto__":[1,{"\\\\\\"":"\\\\"}]},"__proto__":2}'
    expect(canonicalize(parseText(` ${both.replaceAll(':', ' : ')} `))).toBe(canonicalize(parseText(both)))
    expect(JSON.stringify(parseText(both))).toBe(both)
  })

  test('keys are read right, whatever was read before', () => {
    const key = fc.string({ unit: fc.constantFrom('"', '\\', '\n', '\u0001', 'a', 'é'), maxLength: 3 })
    fc.assert(
      fc.property(
        fc.array(fc.uniqueArray(key, { minLength: 1, maxLength: 3 }), { minLength: 1, maxLength: 6 }),
        (objects) => {
          for (const keys of objects) {
            const text = `{"${'x'.repeat(keys.length)}":0,${keys.map((name) => `${JSON.stringify(name)}:{${JSON.stringify(name)}:0}`).join()}}`
            expect(JSON.stringify(parseText(text))).toBe(text)
          }
        }
      ),
      { numRuns: 2000 }
    )
  })

  test.for([
    '{"b":1,"a":2}',
    '{"2":1,"10":1}',
    '{"a":1,"a":1}',
    '{"a":1,"a":2}',
    '{"a": 1}',
    ' {}',
    '{}\n',
    '-0',
    '[-0]',
    '1.0',
    '1e2',
    '1E2',
    '100e-2',
    '1e999',
    '-1e999',
    '1e-400',
    '"\\u0061"',
    '"\\/"',
    '"\\u000A"',
    '"\\uD834\\uDD1E"',
    '"\\ud834\\udd1e"',
    '"\\ud800"',
    '"\\uD800"',
    '["\\udc00"]',
    '{"\\ud800":1}',
    '9007199254740993'
  ])('refuses %s', async (text) => {
    expect(await parse(text)).toBe('NOT_CANONICAL')
  })

  test.for([
    '{"10":1,"2":1}',
    '{"":1,"__proto__":2,"a":{"1":0,"a":0}}',
    '"\\u0000\\b\\t\\n\\f\\r\\u001f\u007f"',
    '"\\\\ud800"',
    '"\\\\\\\\udfff"',
    '1e+21',
    '1e-7',
    '100000000000000000000',
    '5e-324',
    '[]',
    'null',
    '"\ufeff"',
    '{"\u20ac":1,"\u{1f602}":2,"\ufb33":3}'
  ])('takes %s', async (text) => {
    expect(await parse(text)).toBeUndefined()
  })

  test.for([
    '',
    ' ',
    '{',
    '{}x',
    '{}{}',
    '[1,]',
    '{"a":1,}',
    "{'a':1}",
    '{a:1}',
    '01',
    '+1',
    '.5',
    '1.',
    '0x1',
    'NaN',
    'Infinity',
    'undefined',
    'tru',
    '"\n"',
    '"\\x41"',
    '/**/1',
    '\ufeff1'
  ])('is not JSON: %j', async (text) => {
    expect(await parse(text)).toBe('MALFORMED')
  })

  test('is UTF-8', async () => {
    for (const hex of ['22ff22', '22c080' + '22', '22eda08022', '22f490808022', '22c3', 'efbbbf31'])
      expect(await codeOf(() => parseCanonical(Buffer.from(hex, 'hex'), 8))).toBe('MALFORMED')
  })

  test('nests as deep as is asked, and not one deeper', async () => {
    for (const depth of [1, 8, 64]) {
      const list = '['.repeat(depth) + ']'.repeat(depth)
      expect(await codeOf(() => parseCanonical(bytes(list), depth))).toBeUndefined()
      expect(await codeOf(() => parseCanonical(bytes(list), depth - 1))).toBe('MALFORMED')
      const object = '{"a":'.repeat(depth) + '1' + '}'.repeat(depth)
      expect(await codeOf(() => parseCanonical(bytes(object), depth))).toBeUndefined()
      expect(await codeOf(() => parseCanonical(bytes(object), depth - 1))).toBe('MALFORMED')
    }
    expect(await codeOf(() => parseCanonical(bytes('['.repeat(500_000) + ']'.repeat(500_000)), 64))).toBe('MALFORMED')
    expect(
      await codeOf(() => {
        checkDepth(1, 0)
      })
    ).toBeUndefined()
  })

  test('is not made of what JSON cannot say', async () => {
    const cycle: unknown[] = []
    cycle.push(cycle)
    for (const value of [
      undefined,
      Number.NaN,
      Infinity,
      1n,
      cycle,
      '\ud800',
      { '\udc00': 1 },
      ['a\ud800b'],
      () => 1,
      Symbol('x')
    ]) {
      expect(await codeOf(() => canonicalize(value))).toBe('MALFORMED')
    }
    expect(canonicalize(-0)).toBe('0')
  })

  test('random bytes get a coded answer', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 64 }), async (input) => {
        expect([undefined, 'MALFORMED', 'NOT_CANONICAL']).toContain(await codeOf(() => parseCanonical(input, 8)))
      })
    )
  })
})
