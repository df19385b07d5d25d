import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { ERRORS } from '../../src/core/errors.js'
import { METHODS } from '../../src/rpc/methods/index.js'
import { referencePage } from '../../src/rpc/reference-page.js'

const page = readFileSync('REFERENCE.md', 'utf8')

test('REFERENCE.md is what the tables say (else: npm run reference)', () => {
  expect(page).toBe(referencePage())
})

test('it names every method and every error, and nothing else', () => {
  expect([...page.matchAll(/^### (.*)$/gm)].map(([, name]) => name)).toEqual(Object.keys(METHODS).toSorted())
  expect([...page.matchAll(/^\| `([A-Z_]+)` \| -?\d+ \| (?:yes|no) \|/gm)].map(([, kind]) => kind)).toEqual(Object.keys(ERRORS))
})
