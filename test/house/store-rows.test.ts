/** FORMATS §10 has every family of the store, and a reader of it knows what each row looks like. */
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { FAMILY } from '../../src/store/keys.js'
import { ROWS, tableOf } from '../e2e/store-rows.js'

test('every family of the store is in docs/FORMATS.md §10, with its byte', () => {
  expect(tableOf(readFileSync('docs/FORMATS.md', 'utf8'))).toEqual(FAMILY)
  expect(Object.keys(ROWS).toSorted()).toEqual(Object.keys(FAMILY).toSorted())
})
