/**
 * From the short names of ids in the params of a call to whole ids, for every method, as the table marks them
 * (`x-handle`): handlers, and what they store or sign, see whole ids alone.
 */
import { isHash } from '../core/hash.js'
import { isLedgerId } from '../core/ledger-id.js'
import type { HandleApi } from '../node/api/handles.js'
import { handlesOf, type HandleKind } from './handle-places.js'
import type { Method } from './method.js'

/** Stands for all ledgers: none of them. */
const ALL = '*'

/** Changes `params`, which `readParams` made. Throws AMBIGUOUS, NO_SUCH_NAME or SHORT_FORM with `candidates`. */
export async function resolveHandles(
  method: Method,
  params: Record<string, unknown>,
  handles: HandleApi
): Promise<void> {
  for (const { path, kind } of handlesOf(method))
    await resolveAt(params, path, async (text) => await wholeId(kind, text, method, params, handles))
  // the beginning of a hash, given where an id is asked for
  if (params.id instanceof FoundByHash) {
    params.hash = params.id.hash
    delete params.id
  }
}

/**
 * Is there anything to look up? Where not, a call goes on in the same turn, so that calls are begun in the order in
 * which they came.
 */
export function hasShortForms(method: Method, params: Record<string, unknown>): boolean {
  return handlesOf(method).some(({ path, kind }) =>
    valuesAt(params, path).some((value) => typeof value === 'string' && !isWhole(kind, value))
  )
}

function valuesAt(value: unknown, [name, ...rest]: string[]): unknown[] {
  if (value === undefined || value === null) return []
  if (name === undefined) return [value]
  return name === '[]'
    ? (value as unknown[]).flatMap((member) => valuesAt(member, rest))
    : valuesAt((value as Record<string, unknown>)[name], rest)
}

function isWhole(kind: HandleKind, text: string): boolean {
  return (
    (kind === 'ledger-or-all' && text === ALL) ||
    (kind.startsWith('ledger') && isLedgerId(text)) ||
    (kind === 'hash' && isHash(text))
  )
}

class FoundByHash {
  constructor(readonly hash: string) {}
}

async function resolveAt(parent: object, path: string[], resolve: (text: string) => Promise<unknown>): Promise<void> {
  const [name, ...rest] = path as [string, ...string[]]
  const value: unknown = Reflect.get(parent, name)
  if (value === undefined || value === null) return
  if (rest.length === 0) {
    if (typeof value === 'string') Reflect.set(parent, name, await resolve(value))
  } else if (rest[0] !== '[]') await resolveAt(value, rest, resolve)
  else {
    const list = value as unknown[]
    // the list itself as the parent of its members
    for (const at of list.keys()) await resolveAt(list, [String(at), ...rest.slice(1)], resolve)
  }
}

async function wholeId(
  kind: HandleKind,
  text: string,
  { binds = false }: Method,
  params: Record<string, unknown>,
  handles: HandleApi
): Promise<unknown> {
  switch (kind) {
    case 'ledger-or-all':
      return text === ALL || isLedgerId(text) ? text : await handles.ledger(text, { binds })
    case 'ledger':
      return isLedgerId(text) ? text : await handles.ledger(text, { binds })
    case 'peer':
      return await handles.peer(text, { binds })
    case 'hash':
      return isHash(text) ? text : await handles.hash(text, { binds }, ledgerOf(params))
    case 'entry': {
      // refused by whoever asked: exactly one is meant
      if (params.hash !== undefined || params.seq !== undefined) return text
      const found = await handles.entry(text, ledgerOf(params))
      return 'id' in found ? found.id : new FoundByHash(found.hash)
    }
  }
}

function ledgerOf({ ledger }: Record<string, unknown>): string | undefined {
  return ledger as string | undefined
}
