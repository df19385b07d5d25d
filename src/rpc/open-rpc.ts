/** The OpenRPC document, made from the table: what it says is what validates. */
import { z } from 'zod'
import type { Json, JsonObject } from '../core/canonical.js'
import { ERRORS, nextStep, type ErrorCode } from '../core/errors.js'
import { errorsOf } from './handle-places.js'
import type { Method, Param } from './method.js'
import { METHODS } from './methods/index.js'
import { NEEDS } from './principal.js'

/** `openrpc`, `info`, `methods`: https://spec.open-rpc.org, version 1.3.2. */
export function openRpcDocument(version: string): { openrpc: string; info: JsonObject; methods: JsonObject[] } {
  return {
    openrpc: '1.3.2',
    info: {
      title: 'Ledgermesh',
      version,
      description:
        'JSON-RPC 2.0 over a unix socket; params by position or by name; a message ends where its brackets close. x-needs: the rights that a call takes, else NOT_PERMITTED (READING_ONLY on the socket for reading).'
    },
    methods: Object.entries(METHODS).map(([name, method]) => describeMethod(name, method))
  }
}

function describeMethod(name: string, method: Method): JsonObject {
  return {
    name,
    summary: method.summary,
    'x-access': method.access,
    'x-needs': [...NEEDS[method.access]],
    paramStructure: 'either',
    params: method.params.map(describeParam),
    result: { name: 'result', schema: jsonSchema(method.result, 'output') },
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

function describeParam(param: Param): JsonObject {
  return {
    name: param.name,
    summary: param.summary,
    required: param.required,
    ...(param.needs !== undefined && { 'x-needs': [param.needs] }),
    schema: jsonSchema(param.schema, 'input')
  }
}

function describeError(code: ErrorCode): JsonObject {
  const { rpc, retryable } = ERRORS[code]
  return { code: rpc, message: code, data: { kind: code, retryable, next: nextStep(code, 'socket') } }
}

function jsonSchema(schema: z.ZodType, io: 'input' | 'output'): Json {
  return z.toJSONSchema(schema, { unrepresentable: 'any', target: 'draft-7', io }) as Json
}
