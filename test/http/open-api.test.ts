/** What /openapi.json says: all that there is, and nothing that the server does not take. */
import { Ajv2020 } from 'ajv/dist/2020.js'
import { expect, test } from 'vitest'
import { openApiDocument } from '../../src/http/open-api.js'
import { ROUTES } from '../../src/http/routes.js'
import { METHODS, type MethodName } from '../../src/rpc/methods/index.js'

const document = openApiDocument('0.1.0')
const NAMES = Object.keys(METHODS) as MethodName[]

function refs(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, member]) => (key === '$ref' ? [member as string] : refs(member)))
}

test('it is JSON, every method and route is in it once, and every reference leads somewhere', () => {
  expect(JSON.parse(JSON.stringify(document))).toEqual(document)
  const operations = Object.entries(document.paths).flatMap(([path, verbs]) =>
    Object.entries(verbs).map(([verb, operation]) => ({ path, verb, operation }))
  )
  expect(operations.map(({ verb, path }) => `${verb.toUpperCase()} ${path}`).toSorted()).toEqual(
    [
      'GET /feed',
      'GET /livez',
      'GET /metrics',
      'GET /openapi.json',
      'GET /readyz',
      'POST /rpc',
      ...ROUTES.map(({ verb, path }) => `${verb} ${path}`),
      ...NAMES.map((name) => `POST /rpc/${name}`)
    ].toSorted()
  )
  const ids = operations.map(({ operation }) => operation.operationId)
  expect(new Set(ids).size).toBe(ids.length)
  for (const ref of refs(document)) {
    const [, ...path] = ref.split('/')
    const found = path.reduce<unknown>(
      (inside, name) => (inside as Record<string, unknown> | undefined)?.[name],
      document
    )
    expect([ref, typeof found]).toEqual([ref, 'object'])
  }
})

test('its schemas are JSON Schema 2020-12, and take the examples of the table', () => {
  const ajv = new Ajv2020({ strict: false, validateFormats: false })
  ajv.addSchema({ $id: 'api', ...document })
  const at = (path: string, ...inside: string[]): string =>
    `api#/${['paths', path.replaceAll('/', '~1'), 'post', ...inside].join('/')}`
  // one in four: a compiler of schemas takes its time
  for (const name of NAMES.filter((_name, at) => at % 4 === 0)) {
    const { params, result } = METHODS[name].example
    const body = at(`/rpc/${name}`, 'requestBody', 'content', 'application~1json', 'schema')
    const answer = at(`/rpc/${name}`, 'responses', '200', 'content', 'application~1json', 'schema')
    expect([name, ajv.validate(body, params), ajv.errorsText()]).toEqual([name, true, 'No errors'])
    expect([name, ajv.validate(answer, result), ajv.errorsText()]).toEqual([name, true, 'No errors'])
    expect(ajv.validate(body, { ...params, bogus: 1 })).toBe(false)
  }
})
