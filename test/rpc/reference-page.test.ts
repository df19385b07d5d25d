import { readdirSync, readFileSync } from 'node:fs'
import { pathToFileURL } from 'node:url'
import { expect, test } from 'vitest'
import { ERRORS } from '../../src/core/errors.js'
import { METHODS } from '../../src/rpc/methods/index.js'
import { referencePage } from '../../src/rpc/reference-page.js'
import { PYTHON_CLIENT, pythonClient } from '../../scripts/python-client.js'

const page = readFileSync('REFERENCE.md', 'utf8')

test('REFERENCE.md is what the tables say (else: npm run reference)', () => {
  expect(page).toBe(referencePage())
})

test('it names every method and every error, and nothing else', () => {
  expect([...page.matchAll(/^### (.*)$/gm)].map(([, name]) => name)).toEqual(Object.keys(METHODS).toSorted())
  expect([...page.matchAll(/^\| `([A-Z_]+)` \| -?\d+ \| (?:yes|no) \|/gm)].map(([, kind]) => kind)).toEqual(
    Object.keys(ERRORS)
  )
})

test('it names every limit of core, of the socket, and of every protocol', async () => {
  const limitsIn = async (path: string): Promise<string[]> =>
    Object.keys((await import(pathToFileURL(`dist/${path}/limits.js`).href)) as object).toSorted()
  expect([...page.matchAll(/^\| `([A-Z0-9_]+)` \| [\d,]+ \|$/gm)].map(([, name]) => name)).toEqual(
    [...new Set([...(await limitsIn('src/core')), ...(await limitsIn('src/rpc'))])].toSorted()
  )
  const protocols = readdirSync('protocols', { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name)
    .toSorted()
  expect(protocols).not.toEqual([])
  for (const name of protocols) {
    expect(
      [
        ...page.matchAll(
          new RegExp(`^\\| \\[${name}\\]\\(protocols/${name}/SPEC.md\\) \\| \`([A-Z0-9_]+)\` \\| [\\d,]+ \\|$`, 'gm')
        )
      ].map(([, limit]) => limit)
    ).toEqual(await limitsIn(`protocols/${name}`))
  }
})

test('the Python client has the methods of the table, and its params in their order: `npm run reference` makes them', () => {
  const text = readFileSync(PYTHON_CLIENT, 'utf8')
  expect(pythonClient(text)).toBe(text)
})
