/** Merges payloads field by field, three-way where there is a base. The order of the siblings makes no difference. */
import { canonicalize, type Json } from '../core/canonical.js'
import { isObject } from '../core/grammar.js'
import type { FieldMerge } from './merge-method.js'

/** A member that a payload has not. */
const ABSENT: unique symbol = Symbol('absent')
type Value = Json | typeof ABSENT

/** `at`: the JSON pointer of what these rules cannot merge. */
export type Merged = { payload: Json } | { at: string }

class NotMergeable extends Error {
  readonly at: string
  constructor(at: string) {
    super(at)
    this.at = at
  }
}

/** `base`: what all siblings were made from; undefined: nothing that is held. */
export function mergeFields(
  fields: Record<string, FieldMerge>,
  payloads: readonly Json[],
  base: Json | undefined
): Merged {
  try {
    const merged = mergeAt('', fields, payloads, base === undefined ? ABSENT : base)
    return { payload: merged === ABSENT ? null : merged }
  } catch (error) {
    if (error instanceof NotMergeable) return { at: error.at }
    throw error
  }
}

function mergeAt(pointer: string, fields: Record<string, FieldMerge>, values: readonly Value[], base: Value): Value {
  const distinct = [...new Map(values.map((value): [string, Value] => [textOf(value), value])).values()]
  if (distinct.length === 1) return distinct[0]!
  const how = Object.hasOwn(fields, pointer) ? fields[pointer] : undefined
  if (how === undefined && distinct.every((value) => value !== ABSENT && isObject(value)))
    return mergeMembers(pointer, fields, distinct as Record<string, Json>[], base)
  return mergeValue(pointer, how ?? (Object.hasOwn(fields, '*') ? fields['*']! : 'manual'), distinct, base)
}

function mergeMembers(
  pointer: string,
  fields: Record<string, FieldMerge>,
  values: Record<string, Json>[],
  base: Value
): Json {
  const before = base !== ABSENT && isObject(base) ? (base as Record<string, Json>) : {}
  const names = [...new Set(values.flatMap((value) => Object.keys(value)))].sort()
  const merged = names.map((name): [string, Value] => [
    name,
    mergeAt(
      `${pointer}/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`,
      fields,
      values.map((value) => member(value, name)),
      member(before, name)
    )
  ])
  return Object.fromEntries(merged.filter(([, value]) => value !== ABSENT)) as Json
}

function mergeValue(pointer: string, how: FieldMerge, values: Value[], base: Value): Value {
  switch (how) {
    case 'union':
      return union(pointer, values, base)
    case 'max':
    case 'min': {
      const numbers = values.filter((value) => value !== ABSENT)
      if (!numbers.every((value) => typeof value === 'number')) throw new NotMergeable(pointer)
      return how === 'max' ? Math.max(...numbers) : Math.min(...numbers)
    }
    case 'changed': {
      const changed =
        base === ABSENT
          ? values.filter((value) => value !== ABSENT)
          : values.filter((value) => textOf(value) !== textOf(base))
      if (changed.length !== 1) throw new NotMergeable(pointer)
      return changed[0]!
    }
    case 'manual':
      throw new NotMergeable(pointer)
  }
}

/**
 * What the base had and all kept, and what anybody added; by canonical text, so that the order is the same everywhere.
 */
function union(pointer: string, values: Value[], base: Value): Json {
  const lists = values.map((value) => (value === ABSENT ? [] : value))
  if (!lists.every((list) => Array.isArray(list))) throw new NotMergeable(pointer)
  const before = new Set(Array.isArray(base) ? base.map(textOf) : [])
  const all = new Map(lists.flat().map((item) => [textOf(item), item]))
  const kept = [...all].filter(
    ([text]) => !before.has(text) || lists.every((list) => list.some((item) => textOf(item) === text))
  )
  return kept.sort(([a], [b]) => (a < b ? -1 : 1)).map(([, item]) => item)
}

function member(value: Record<string, Json>, name: string): Value {
  return Object.hasOwn(value, name) ? value[name]! : ABSENT
}

function textOf(value: Value): string {
  return value === ABSENT ? '' : canonicalize(value)
}
