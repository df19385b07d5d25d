import fc from 'fast-check'
import { expect, test } from 'vitest'
import { canonicalize, type Json } from '../../src/core/canonical.js'
import { mergeFields } from '../../src/conflict/merge-fields.js'
import type { FieldMerge } from '../../src/conflict/merge-method.js'

const FIELDS: Record<string, FieldMerge> = {
  '/tags': 'union',
  '/count': 'max',
  '/low': 'min',
  '/name': 'manual',
  '*': 'changed'
}

test('each field by its rule, three-way with the base', () => {
  const base = { tags: ['a', 'b'], count: 1, low: 5, name: 'n', inner: { x: 1, y: 1 }, gone: true }
  const one = { tags: ['b', 'c'], count: 3, low: 4, name: 'n', inner: { x: 2, y: 1 }, gone: true }
  const two = { tags: ['a', 'b', 'd'], count: 2, low: 6, name: 'n', inner: { x: 1, y: 7 } }
  expect(mergeFields(FIELDS, [one, two], base)).toEqual({
    payload: { tags: ['b', 'c', 'd'], count: 3, low: 4, name: 'n', inner: { x: 2, y: 7 } }
  })
  expect(mergeFields(FIELDS, [one, { ...one, name: 'm' }], base)).toEqual({ at: '/name' })
  expect(mergeFields(FIELDS, [one, { ...one, inner: { x: 3, y: 1 } }], base)).toEqual({ at: '/inner/x' })
  expect(mergeFields(FIELDS, [{ a: 1 }, { b: 2 }], undefined)).toEqual({ payload: { a: 1, b: 2 } })
  expect(mergeFields(FIELDS, [{ count: 1 }, { count: 'many' }], undefined)).toEqual({ at: '/count' })
  expect(mergeFields(FIELDS, ['x', 'y'], 'x')).toEqual({ payload: 'y' })
  expect(mergeFields({}, [1, 2], undefined)).toEqual({ at: '' })
})

test('names from a payload are names, whatever they are called', () => {
  const one = JSON.parse('{"__proto__":{"x":1},"a/b":1,"constructor":[1]}') as Json
  const two = JSON.parse('{"__proto__":{"y":2},"a/b":2}') as Json
  const merged = mergeFields({ '/a~1b': 'max', '*': 'changed' }, [one, two], undefined)
  expect(JSON.stringify(merged)).toBe('{"payload":{"__proto__":{"x":1,"y":2},"a/b":2,"constructor":[1]}}')
  expect(({} as { x?: number }).x).toBeUndefined()
})

test('the order of the siblings makes no difference, and equal ones change nothing', () => {
  const payload = fc.record(
    {
      tags: fc.uniqueArray(fc.constantFrom('a', 'b', 'c')),
      count: fc.nat(5),
      inner: fc.record({ x: fc.nat(2), y: fc.nat(2) }, { requiredKeys: [] })
    },
    { requiredKeys: [] }
  )
  fc.assert(
    fc.property(
      fc.array(payload, { minLength: 1, maxLength: 4 }),
      fc.option(payload, { nil: undefined }),
      (all, base) => {
        const merged = canonicalize(mergeFields(FIELDS, all as Json[], base as Json))
        expect(canonicalize(mergeFields(FIELDS, all.toReversed() as Json[], base as Json))).toBe(merged)
        expect(canonicalize(mergeFields(FIELDS, [...all, ...all] as Json[], base as Json))).toBe(merged)
        expect(mergeFields(FIELDS, [all[0]!, all[0]!] as Json[], base as Json)).toEqual({ payload: all[0] })
      }
    ),
    { seed: 20261127, numRuns: 500 }
  )
})
