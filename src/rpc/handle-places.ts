/** Where the table says that a method takes a short name of an id (`x-handle` in the schema of a param). */
import { z } from 'zod'
import type { ErrorCode } from '../core/errors.js'
import type { Method } from './method.js'

export type HandleKind = 'ledger' | 'ledger-or-all' | 'entry' | 'hash' | 'peer'

/** Where a handle may be: the names of members from the params on, `[]` for each member of a list. */
export interface HandlePlace {
  path: string[]
  kind: HandleKind
}

const places = new WeakMap<Method, HandlePlace[]>()

/** Ledgers first: entries are looked up in them. */
export function handlesOf(method: Method): HandlePlace[] {
  let found = places.get(method)
  if (found === undefined) {
    found = method.params.flatMap(({ name, schema }) =>
      placesIn(z.toJSONSchema(schema, { unrepresentable: 'any', io: 'input' }), [name])
    )
    found.sort(
      (a, b) => Number(a.kind === 'entry' || a.kind === 'hash') - Number(b.kind === 'entry' || b.kind === 'hash')
    )
    places.set(method, found)
  }
  return found
}

interface Schema {
  'x-handle'?: HandleKind
  items?: Schema
  properties?: Record<string, Schema>
  anyOf?: Schema[]
}

function placesIn(json: object, path: string[]): HandlePlace[] {
  const schema = json as Schema
  if (schema['x-handle'] !== undefined) return [{ path, kind: schema['x-handle'] }]
  return [
    ...(schema.items === undefined ? [] : placesIn(schema.items, [...path, '[]'])),
    ...Object.entries(schema.properties ?? {}).flatMap(([name, member]) => placesIn(member, [...path, name])),
    ...(schema.anyOf ?? []).flatMap((one) => placesIn(one, path))
  ]
}

/** Refusals of the method, and those of every method that takes handles. */
export function errorsOf(method: Method): ErrorCode[] {
  const ofHandles: ErrorCode[] =
    handlesOf(method).length === 0
      ? []
      : ['AMBIGUOUS', 'NO_SUCH_NAME', ...(method.binds === true ? ['SHORT_FORM' as const] : [])]
  return [...new Set([...method.errors, ...ofHandles])]
}
