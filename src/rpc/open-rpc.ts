/** The OpenRPC document, made from the table: what it says is what validates. */
import type { JsonObject } from '../core/canonical.js'
import { ERRORS, nextStep, type ErrorCode } from '../core/errors.js'
import { errorsOf } from './handle-places.js'
import type { Method, Notifies, Param } from './method.js'
import { METHODS } from './methods/index.js'
import { NamedSchemas } from './named-schemas.js'
import { NEEDS } from './principal.js'

/** https://spec.open-rpc.org, version 1.3.2. */
export interface OpenRpcDocument {
  openrpc: string
  info: JsonObject
  methods: JsonObject[]
  components: { schemas: JsonObject }
}

export function openRpcDocument(version: string): OpenRpcDocument {
  const schemas = new NamedSchemas()
  const methods = Object.entries(METHODS).map(([name, method]) => describeMethod(name, method, schemas))
  return {
    openrpc: '1.3.2',
    info: {
      title: 'Ledgermesh',
      version,
      description:
        'JSON-RPC 2.0 over a unix socket; params by position or by name; a message ends where its brackets close. x-needs: the rights that a call takes, else NOT_PERMITTED (READING_ONLY on the socket for reading). x-notification: what a subscription sends on its connection.'
    },
    methods,
    components: { schemas: schemas.components() }
  }
}

function describeMethod(name: string, method: Method, schemas: NamedSchemas): JsonObject {
  return {
    name,
    summary: method.summary,
    tags: [{ name: name.split('.')[0]! }],
    'x-access': method.access,
    'x-needs': [...NEEDS[method.access]],
    paramStructure: 'either',
    params: method.params.map((param) => describeParam(param, schemas)),
    result: { name: 'result', schema: schemas.result(name, method.result) },
    ...(method.notifies !== undefined && { 'x-notification': describeNotification(method.notifies, schemas) }),
    errors: errorsOf(method).map(describeError),
    examples: [
      {
        name: 'example',
        params: Object.entries(method.example.params).map(([param, value]) => ({ name: param, value })),
        result: { name: 'result', value: method.example.result }
      }
    ]
  }
}

/** The specification knows no notifications of a server. */
function describeNotification({ method, result }: Notifies, schemas: NamedSchemas): JsonObject {
  return {
    method,
    params: {
      type: 'object',
      required: ['subscription', 'result'],
      properties: { subscription: { type: 'string' }, result: schemas.schema(result, 'output') }
    }
  }
}

function describeParam(param: Param, schemas: NamedSchemas): JsonObject {
  return {
    name: param.name,
    summary: param.summary,
    required: param.required,
    ...(param.needs !== undefined && { 'x-needs': [param.needs] }),
    schema: schemas.schema(param.schema, 'input')
  }
}

function describeError(code: ErrorCode): JsonObject {
  const { rpc, retryable } = ERRORS[code]
  return { code: rpc, message: code, data: { kind: code, retryable, next: nextStep(code, 'socket') } }
}
