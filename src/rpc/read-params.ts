/** From the params of a request, by position or by name, to checked params by name. */
import { LedgermeshError } from '../core/errors.js'
import type { Method, Param } from './method.js'

/** Absent and null params are the same. Throws INVALID_PARAMS that names the param. */
export function readParams(method: Method, given: unknown): Record<string, unknown> {
  const params: Record<string, unknown> = {}
  const values = Array.isArray(given) ? byPosition(method, given) : byName(method, given ?? {})
  for (const param of method.params) {
    const value = values.get(param.name)
    if (value !== undefined && value !== null) params[param.name] = check(param, value)
    else if (param.required)
      throw new LedgermeshError('INVALID_PARAMS', `the param ${param.name} is missing`, { param: param.name })
  }
  return params
}

function byPosition(method: Method, given: unknown[]): Map<string, unknown> {
  if (given.length > method.params.length) {
    throw new LedgermeshError('INVALID_PARAMS', `${given.length} params given; the method has ${method.params.length}`)
  }
  return new Map(given.map((value, index) => [method.params[index]!.name, value]))
}

function byName(method: Method, given: object): Map<string, unknown> {
  const values = new Map<string, unknown>(Object.entries(given))
  for (const name of values.keys()) {
    if (!method.params.some((param) => param.name === name)) {
      throw new LedgermeshError('INVALID_PARAMS', `there is no param ${JSON.stringify(name.slice(0, 64))}`, {
        params: method.params.map((param) => param.name)
      })
    }
  }
  return values
}

function check(param: Param, value: unknown): unknown {
  const checked = param.schema.safeParse(value)
  if (checked.success) return checked.data
  const issue = checked.error.issues[0]!
  const where = [param.name, ...issue.path].join('.')
  throw new LedgermeshError('INVALID_PARAMS', `${where}: ${issue.message}`, { param: where })
}
