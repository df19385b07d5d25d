import { runInNewContext } from 'node:vm'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { copyJson } from '../../src/core/json-value.js'

const LIMITS = { maxDepth: 8, maxBytes: 10_000 }
const copy = (value: unknown): unknown => copyJson(value, 'payload', LIMITS)

class Money {
  constructor(readonly amount: number) {}
}
class MoreItems extends Array {}
const cycle: Record<string, unknown> = {}
cycle.self = cycle
const named = Object.assign([1], { note: 'lost' })

describe('JSON values of a program', () => {
  test('a copy says what the value says', () => {
    fc.assert(
      fc.property(fc.jsonValue({ stringUnit: 'binary', maxDepth: 6 }), (value) => {
        expect(JSON.stringify(copyJson(value, 'payload', { maxDepth: 8, maxBytes: 1_000_000 }))).toBe(
          JSON.stringify(value)
        )
      })
    )
  })

  test.for<[string, unknown, string]>([
    ['undefined', { a: undefined }, 'payload.a'],
    ['undefined in a list', [1, undefined], 'payload[1]'],
    ['a function', { a: { b: () => 1 } }, 'payload.a.b'],
    ['a symbol', [Symbol('s')], 'payload[0]'],
    ['NaN', { 'a b': NaN }, 'payload["a b"]'],
    ['Infinity', [[-Infinity]], 'payload[0][0]'],
    ['BigInt', { id: 10n }, 'payload.id'],
    ['a Date', { at: new Date(0) }, 'payload.at'],
    ['a Map', new Map([[1, 2]]), 'payload'],
    ['a Set', [new Set()], 'payload[0]'],
    ['an instance', { price: new Money(5) }, 'payload.price'],
    ['bytes', { key: Buffer.from('x') }, 'payload.key'],
    ['a wrapped number', [Object(5)], 'payload[0]'],
    ['a wrapped string', [Object('5')], 'payload[0]'],
    ['a regular expression', { a: /x/ }, 'payload.a'],
    ['a promise', { a: Promise.resolve(1) }, 'payload.a'],
    ['an heir of another object', Object.create({ a: 1 }), 'payload'],
    ['a list with a hole', { a: Object.assign(new Array(3), { 0: 1, 2: 2 }) }, 'payload.a[1]'],
    ['a list with a name', { a: named }, 'payload.a'],
    ['an heir of a list', { a: MoreItems.from([1]) }, 'payload.a'],
    ['a toJSON', { toJSON: () => 1 }, 'payload.toJSON'],
    ['an Error', { a: new Error('x') }, 'payload.a']
  ])('%s is refused with its path', ([, value, path]) => {
    expect(() => copy(value)).toThrow(expect.objectContaining({ code: 'MALFORMED', details: { path } }))
  })

  test('a cycle, and what contains itself many times over, end', () => {
    expect(() => copy(cycle)).toThrow(expect.objectContaining({ code: 'MALFORMED' }))
    let wide: unknown = 'x'
    for (let i = 0; i < 60; i++) wide = [wide, wide]
    expect(() => copyJson(wide, 'payload', { maxDepth: 64, maxBytes: 1_000_000 })).toThrow(
      expect.objectContaining({ code: 'TOO_LARGE' })
    )
    expect(() => copy(Array.from({ length: 20_000 }, () => 0))).toThrow(expect.objectContaining({ code: 'TOO_LARGE' }))
    expect(() => copy(new Array(4_000_000_000))).toThrow(expect.objectContaining({ code: 'TOO_LARGE' }))
  })

  test("__proto__ is a member like any other, and nobody's prototype", () => {
    const given = JSON.parse('{"__proto__":{"polluted":true},"a":{"__proto__":1}}') as object
    const copied = copy(given) as object
    expect(JSON.stringify(copied)).toBe(JSON.stringify(given))
    expect(Object.getPrototypeOf(copied)).toBe(Object.prototype)
    expect('polluted' in copied).toBe(false)
  })

  test('plain objects of another realm, and those without a prototype, are plain', () => {
    expect(copy(runInNewContext('({ a: [1, { b: null }] })'))).toEqual({ a: [1, { b: null }] })
    expect(copy(Object.assign(Object.create(null), { a: 1 }))).toEqual({ a: 1 })
  })

  test('a getter is read once; what changes later is not what was given', () => {
    let reads = 0
    const value = {
      get a() {
        return ++reads
      },
      list: [1]
    }
    const copied = copy(value)
    value.list.push(2)
    expect([copied, reads]).toEqual([{ a: 1, list: [1] }, 1])
  })
})
