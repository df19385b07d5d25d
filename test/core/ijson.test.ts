import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseCarrier, parseIJson } from '../../src/core/ijson.js'
import { codeOf } from './author.js'

describe('I-JSON', () => {
  test('reads whatever JSON.stringify writes', () => {
    fc.assert(
      fc.property(fc.jsonValue({ stringUnit: 'grapheme' }), (value) => {
        const text = JSON.stringify(value)
        expect(parseIJson(text)).toEqual(JSON.parse(text))
        expect(parseIJson(Buffer.from(JSON.stringify(value, null, 2)))).toEqual(JSON.parse(text))
      })
    )
  })

  test.for([
    '{"a":1,"a":2}',
    '{"a":1,"\\u0061":2}',
    '{"x":{"a":1},"y":[{"b":1,"c":2,"b":3}]}',
    '{"":1,"":2}',
    '{"__proto__":1,"__proto__":2}',
    '{"a":{},"b":"\\"","a":0}',
    '1e999',
    '[-1e999]',
    '{"a":[{"b":1e400}]}',
    '"\\ud800"',
    '"\\uDC00"',
    '"\\ud800\\u0041"',
    '{"\\udfff":1}',
    '"\\ufdd0"',
    '"\\uFFFE"',
    '"\uffff"',
    '"\u{1fffe}"',
    '"\\ud83f\\udffe"',
    '"\ud800"',
    '{"a":"\udc00"}'
  ])('refuses %j', async (text) => {
    expect(await codeOf(() => parseIJson(text))).toBe('MALFORMED')
  })

  test.for([
    '{"a":{"a":1},"b":[{"a":1},{"a":2}]}',
    '{"a":"a","b":"a"}',
    '["a","a"]',
    '{"a":"\\"a\\":1,\\\\","b":":"}',
    '"\\\\ud800"',
    '"\\ud83d\\ude02"',
    '{"a\\\\":1,"a":2}',
    '{"a":"{\\"a\\":1,\\"a\\":2}"}',
    ' [ { } , { } ] '
  ])('takes %j', async (text) => {
    expect(parseIJson(text)).toEqual(JSON.parse(text))
  })

  test('finds any duplicate, wherever it stands', async () => {
    const key = fc.constantFrom('a', 'b', '"', '\\', ':', '{', 'é')
    await fc.assert(
      fc.asyncProperty(fc.array(key, { maxLength: 5 }), fc.integer({ min: 0, max: 3 }), async (keys, depth) => {
        const object = `{${keys.map((name) => `${JSON.stringify(name)}:[${JSON.stringify(name)},{}]`).join(' , ')}}`
        const text = '[{"x":'.repeat(depth) + object + '}]'.repeat(depth)
        expect(await codeOf(() => parseIJson(text))).toBe(new Set(keys).size === keys.length ? undefined : 'MALFORMED')
      })
    )
  })

  test('stands strings and nesting of megabytes', async () => {
    const long = 'x'.repeat(20_000_000)
    expect(parseIJson(JSON.stringify({ long }))).toEqual({ long })
    expect(parseIJson(JSON.stringify('\\"'.repeat(1_000_000)))).toBe('\\"'.repeat(1_000_000))
    expect(await codeOf(() => parseIJson('['.repeat(200_000) + ']'.repeat(200_000)))).toBeUndefined()
    expect(await codeOf(() => parseIJson(Buffer.of(0x22, 0xff, 0x22)))).toBe('MALFORMED')
  })

  test.for([
    '9007199254740993',
    '-9007199254740993',
    '[1,{"a":9007199254740993}]',
    '123456789012345678901234567890',
    '9007199254740993.0',
    '9007199254740992.5',
    '9.007199254740993e15',
    '1e-400',
    '-1e-400',
    '1E+400',
    `0.${'0'.repeat(400)}1`,
    `1${'0'.repeat(22)}1`,
    '{"a":0,"b":2e-324}'
  ])('a number that a double cannot hold is refused with its place: %j', (text) => {
    expect(() => parseIJson(text)).toThrow(
      /the number .* at character \d+ cannot be kept as it is: write it as a string/
    )
    expect(() => parseCarrier(text)).toThrow('write it as a string')
  })

  test.for([
    '0',
    '-0',
    '0e999',
    '0.000',
    '0e-400',
    '9007199254740992',
    '9007199254740994',
    '1e300',
    '1e23',
    '-1.5e10',
    '0.1',
    '0.1234567890123456789',
    '3.0',
    '5e-324',
    '123456789012345.678',
    '100000000000000000000000',
    '{"e-":0,"text":"9007199254740993 1e999 1e-400"}',
    '1.7976931348623157e308'
  ])('a number that a double holds is taken: %j', (text) => {
    expect(parseIJson(text)).toEqual(JSON.parse(text))
  })

  test('any integer is taken exactly when it comes out as it went in', async () => {
    const integers = fc.oneof(
      fc.bigInt({ min: -(2n ** 80n), max: 2n ** 80n }),
      fc.bigInt({ min: 2n ** 53n - 9n, max: 2n ** 53n + 9n })
    )
    await fc.assert(
      fc.asyncProperty(integers, async (integer) => {
        expect(await codeOf(() => parseIJson(`[${integer}]`))).toBe(
          shown(Number(integer)) === integer ? undefined : 'MALFORMED'
        )
      })
    )
  })

  test('files that carry the entries of others may have noncharacters, and nothing else that is refused', async () => {
    expect(parseCarrier('{"payload":"\uffff \\ufdd0"}')).toEqual({ payload: '\uffff \ufdd0' })
    for (const text of ['"\\ud800"', '"\ud800"', '{"a":1,"a":2}', '1e999'])
      expect(await codeOf(() => parseCarrier(text))).toBe('MALFORMED')
  })
})

/** The integer that JSON shows for a double. */
function shown(value: number): bigint {
  const [mantissa, exponent = '0'] = String(value).split('e') as [string, string?]
  const [whole, fraction = ''] = mantissa.split('.') as [string, string?]
  return BigInt(whole + fraction + '0'.repeat(Number(exponent) - fraction.length))
}
