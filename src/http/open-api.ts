/** The OpenAPI document, made from the table of methods and the routes: what it says is what validates. */
import type { Json, JsonObject } from '../core/canonical.js'
import { VERSION } from '../node/runtime/version.js'
import { errorsOf } from '../rpc/handle-places.js'
import { ACCESS_MEANING, type Method, type Param } from '../rpc/method.js'
import { METHODS, type MethodName } from '../rpc/methods/index.js'
import { NamedSchemas } from '../rpc/named-schemas.js'
import { NEEDS } from '../rpc/principal.js'
import { statusOf } from './refusal.js'
import { ROUTES, type Route } from './routes.js'

/** https://spec.openapis.org/oas/v3.1.1 */
export interface OpenApiDocument {
  openapi: string
  info: JsonObject
  servers: JsonObject[]
  security: JsonObject[]
  tags: JsonObject[]
  paths: Record<string, Record<string, JsonObject>>
  components: { securitySchemes: JsonObject; responses: JsonObject; schemas: JsonObject }
}

let text: string | undefined

/** Made once. */
export function openApiText(): string {
  text ??= JSON.stringify(openApiDocument(VERSION))
  return text
}

export function openApiDocument(version: string): OpenApiDocument {
  const schemas = new NamedSchemas('draft-2020-12')
  const paths: OpenApiDocument['paths'] = { ...FIXED }
  const add = (verb: string, path: string, operation: JsonObject): void => {
    paths[path] = { ...paths[path], [verb.toLowerCase()]: operation }
  }
  for (const route of ROUTES) add(route.verb, route.path, describe(route, schemas))
  for (const method of Object.keys(METHODS) as MethodName[])
    add('POST', `/rpc/${method}`, describe({ verb: 'POST', path: `/rpc/${method}`, method }, schemas))
  return {
    openapi: '3.1.1',
    info: {
      title: 'Ledgermesh',
      version,
      summary: 'A node in a network of signed, append-only ledgers.',
      description:
        'Every path is one method of the node, also callable as JSON-RPC 2.0 at POST /rpc. x-needs: the scopes that a token must have. Unknown members are refused; answers may get new ones.',
      license: { name: 'MIT OR Apache-2.0', identifier: 'MIT OR Apache-2.0' }
    },
    servers: [{ url: '/' }],
    security: [{ token: [] }],
    tags: [...new Set(Object.keys(METHODS).map(groupOf))].map((name) => ({ name })),
    paths,
    components: {
      securitySchemes: {
        token: {
          type: 'http',
          scheme: 'bearer',
          description: `An access token (\`ledgermesh token create\`). Scopes: ${Object.entries(ACCESS_MEANING)
            .filter(([scope]) => scope !== 'socket-only')
            .map(([scope, meaning]) => `${scope}: ${meaning}`)
            .join(' ')}`
        }
      },
      responses: {
        Error: { description: 'A refusal: data.kind is its code in the error table.', content: json(ERROR) }
      },
      schemas: schemas.components()
    }
  }
}

function describe({ verb, path, method: name, as }: Route, schemas: NamedSchemas): JsonObject {
  const method: Method = METHODS[name]
  const result = as === undefined ? schemas.result(name, method.result) : schemas.schema(as.result, 'output')
  const isOwn = path.startsWith('/rpc/')
  return {
    operationId: isOwn ? camel(name) : camel(`${verb.toLowerCase()}.${path.slice(1).replaceAll('/', '.')}`),
    summary: as?.summary ?? method.summary,
    tags: [groupOf(name)],
    'x-method': name,
    'x-access': method.access,
    'x-needs': [...NEEDS[method.access]],
    ...(verb === 'GET'
      ? { parameters: method.params.map((param) => inQuery(param, schemas)) }
      : { requestBody: { required: true, content: json(bodyOf(method, schemas), method.example.params) } }),
    responses: {
      '200': {
        description: 'The answer.',
        content: json(result, as === undefined ? method.example.result : undefined)
      },
      ...Object.fromEntries(errorsOf(method).map((code) => [String(statusOf(code)), ERROR_RESPONSE] as const)),
      default: ERROR_RESPONSE
    }
  }
}

function inQuery(param: Param, schemas: NamedSchemas): JsonObject {
  return {
    name: param.name,
    in: 'query',
    required: param.required,
    description: param.summary,
    ...(param.needs !== undefined && { 'x-needs': [param.needs] }),
    schema: schemas.schema(param.schema, 'input')
  }
}

function bodyOf({ params }: Method, schemas: NamedSchemas): JsonObject {
  return {
    type: 'object',
    properties: Object.fromEntries(params.map(({ name, schema }) => [name, schemas.schema(schema, 'input')] as const)),
    required: params.filter(({ required }) => required).map(({ name }) => name),
    additionalProperties: false
  }
}

const ERROR_RESPONSE: JsonObject = { $ref: '#/components/responses/Error' }
const ERROR: JsonObject = {
  type: 'object',
  required: ['error'],
  properties: {
    error: {
      type: 'object',
      required: ['code', 'message', 'data'],
      properties: {
        code: { type: 'integer' },
        message: { type: 'string' },
        data: {
          type: 'object',
          required: ['kind', 'retryable', 'next'],
          properties: {
            kind: { type: 'string' },
            retryable: { type: 'boolean' },
            next: { type: 'string' },
            details: { type: 'object' }
          }
        }
      }
    }
  }
}

function json(schema: Json, example?: Json): JsonObject {
  return { 'application/json': { schema, ...(example !== undefined && { example }) } }
}

const WORD: JsonObject = { description: 'ok', content: { 'text/plain': { schema: { type: 'string' } } } }
const NO_WORD: JsonObject = { description: 'no', content: { 'text/plain': { schema: { type: 'string' } } } }

function plain(operationId: string, summary: string, access: string, responses: JsonObject): JsonObject {
  return { operationId, summary, 'x-access': access, responses: { ...responses, default: ERROR_RESPONSE } }
}

/** What is no method's answer as it is. */
const FIXED: OpenApiDocument['paths'] = {
  '/livez': {
    get: { ...plain('livez', 'Does the process answer? Needs no token.', 'none', { '200': WORD }), security: [] }
  },
  '/readyz': {
    get: {
      ...plain('readyz', 'Is everything well, as node.health says? Needs no token.', 'none', {
        '200': WORD,
        '503': NO_WORD
      }),
      security: []
    }
  },
  '/metrics': {
    get: plain('metrics', 'Figures in the text format of Prometheus.', 'read', {
      '200': { description: 'The figures.', content: { 'text/plain': { schema: { type: 'string' } } } }
    })
  },
  '/openapi.json': {
    get: plain('openApi', 'This document.', 'read', {
      '200': { description: 'OpenAPI 3.1.', content: json({ type: 'object' }) }
    })
  },
  '/feed': {
    get: {
      ...plain(
        'feed',
        'What came after a position of the feed, then what comes, as server-sent events: `events`, whose id is the position to go on from, and `ended`. 410 FEED_RESET: begin again with feed.snapshot.',
        'read',
        {
          '200': { description: 'Events.', content: { 'text/event-stream': { schema: { type: 'string' } } } },
          '410': ERROR_RESPONSE
        }
      ),
      parameters: [
        { name: 'Last-Event-ID', in: 'header', schema: { type: 'string' }, description: 'Goes before `after`.' },
        { name: 'after', in: 'query', schema: { type: 'string' }, description: 'The position of a snapshot.' },
        ...(['ledgers', 'streams'] as const).map((name) => ({
          name,
          in: 'query',
          schema: { type: 'array', items: { type: 'string' } },
          description: 'Only these; repeated for each.'
        }))
      ]
    }
  },
  '/rpc': {
    post: {
      ...plain(
        'rpc',
        'A message or a batch of JSON-RPC 2.0, answered with 200 also where its answer is an error.',
        'each',
        {
          '200': { description: 'The answers.', content: json({ type: ['object', 'array'] }) },
          '204': { description: 'Notifications alone have no answer.' }
        }
      ),
      requestBody: { required: true, content: json({ type: ['object', 'array'] }) }
    }
  }
}

function groupOf(name: string): string {
  return name.split('.')[0]!
}

function camel(name: string): string {
  return name.replace(/\.(\w)/g, (_dot, letter: string) => letter.toUpperCase())
}
