/** The params of a method as a query names them: each by its name, lists by repeating it. */
import { z } from 'zod'
import { LedgermeshError } from '../core/errors.js'
import { isObject } from '../core/is-object.js'
import type { Method, Param } from '../rpc/method.js'

/** Unknown names are left for `readParams` to refuse. Throws INVALID_PARAMS. */
export function paramsOfQuery({ params }: Pick<Method, 'params'>, query: URLSearchParams): Record<string, unknown> {
  const given: [string, unknown][] = []
  for (const name of new Set(query.keys())) {
    const texts = query.getAll(name)
    const param = params.find((one) => one.name === name)
    given.push([name, param === undefined ? texts[0] : valueOf(param, texts)])
  }
  return Object.fromEntries(given)
}

function valueOf(param: Param, texts: string[]): unknown {
  const types = typesOf(param)
  if (types.has('array')) return texts
  const [text, more] = texts as [string, ...string[]]
  if (more !== undefined) throw refused(param, 'is given more than once')
  if (types.has('string') || types.size === 0) return text
  if (types.has('boolean') && (text === 'true' || text === 'false')) return text === 'true'
  if ((types.has('integer') || types.has('number')) && /^-?\d+(?:\.\d+)?$/.test(text)) return Number(text)
  throw refused(param, `is ${[...types].join(' or ')}`)
}

function typesOf({ schema }: Param): Set<string> {
  const types = new Set<string>()
  const look = (json: unknown): void => {
    if (!isObject(json)) return
    if (typeof json.type === 'string') types.add(json.type)
    for (const one of Array.isArray(json.anyOf) ? json.anyOf : []) look(one)
  }
  look(z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }))
  return types
}

function refused({ name }: Param, why: string): LedgermeshError {
  return new LedgermeshError('INVALID_PARAMS', `${name} ${why}`, { param: name })
}
