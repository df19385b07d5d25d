import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseIJson } from '../../src/core/ijson.js'
import { codeOf } from './author.js'

describe('I-JSON', () => {
  test('reads whatever JSON.stringify writes', () => {
    fc.assert(fc.property(fc.jsonValue({ stringUnit: 'grapheme' }), (value) => {
      const text = JSON.stringify(value)
      expect(parseIJson(text)).toEqual(JSON.parse(text))
      expect(parseIJson(Buffer.from(JSON.stringify(value, null, 2)))).toEqual(JSON.parse(text))
    }))
  })

  test.for([
    '{"a":1,"a":2}', '{"a":1,"\\u0061":2}', '{"x":{"a":1},"y":[{"b":1,"c":2,"b":3}]}', '{"":1,"":2}', '{"__proto__":1,"__proto__":2}', '{"a":{},"b":"\\"","a":0}',
    '1e999', '[-1e999]', '{"a":[{"b":1e400}]}', '"\\ud800"', '"\\uDC00"', '"\\ud800\\u0041"', '{"\\udfff":1}', '"\\ufdd0"', '"\\uFFFE"', '"\uffff"', '"\u{1fffe}"', '"\\ud83f\\udffe"', '"\ud800"', '{"a":"\udc00"}'
  ])('refuses %j', async (text) => {
    expect(await codeOf(() => parseIJson(text))).toBe('MALFORMED')
  })

  test.for([
    '{"a":{"a":1},"b":[{"a":1},{"a":2}]}', '{"a":"a","b":"a"}', '["a","a"]', '{"a":"\\"a\\":1,\\\\","b":":"}', '"\\\\ud800"', '"\\ud83d\\ude02"', '{"a\\\\":1,"a":2}', '{"a":"{\\"a\\":1,\\"a\\":2}"}', ' [ { } , { } ] '
  ])('takes %j', async (text) => {
    expect(parseIJson(text)).toEqual(JSON.parse(text))
  })

  test('finds any duplicate, wherever it stands', async () => {
    const key = fc.constantFrom('a', 'b', '"', '\\', ':', '{', 'é')
    await fc.assert(fc.asyncProperty(fc.array(key, { maxLength: 5 }), fc.integer({ min: 0, max: 3 }), async (keys, depth) => {
      const object = `{${keys.map((name) => `${JSON.stringify(name)}:[${JSON.stringify(name)},{}]`).join(' , ')}}`
      const text = '[{"x":'.repeat(depth) + object + '}]'.repeat(depth)
      expect(await codeOf(() => parseIJson(text))).toBe(new Set(keys).size === keys.length ? undefined : 'MALFORMED')
    }))
  })

  test('stands strings and nesting of megabytes', async () => {
    const long = 'x'.repeat(20_000_000)
    expect(parseIJson(JSON.stringify({ long }))).toEqual({ long })
    expect(parseIJson(JSON.stringify('\\"'.repeat(1_000_000)))).toBe('\\"'.repeat(1_000_000))
    expect(await codeOf(() => parseIJson('['.repeat(200_000) + ']'.repeat(200_000)))).toBeUndefined()
    expect(await codeOf(() => parseIJson(Buffer.of(0x22, 0xff, 0x22)))).toBe('MALFORMED')
  })
})
