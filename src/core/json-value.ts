/**
 * JSON values of a program: a copy of exactly what JSON can say, or a refusal that names the place. What would be left
 * out or changed on the way (undefined, functions, NaN, BigInt, dates, maps, instances of classes, lists with holes) is
 * refused, for it would be signed for ever. Two things are as in JSON.stringify: a getter is read, once, and properties
 * that are symbols or not enumerable are not part of the value. The copy is what is checked and signed: neither a proxy
 * nor a caller that goes on changing its object can make the signed value differ from the checked one.
 */
import { LedgermeshError } from './errors.js'
import type { Json, JsonObject } from './parse-text.js'

export interface JsonLimits {
  /** Objects and lists inside each other; a lone scalar has depth 0. */
  maxDepth: number
  /**
   * A lower bound of the UTF-8 bytes of the JSON text. It stops a value that contains the same object many times over.
   */
  maxBytes: number
}

/** The place of a value; it is made into a text only for an error. */
interface Place {
  parent: Place | null
  key: string | number
}

/** Characters of a path that an error shows. */
const MAX_PATH_CHARS = 200

/** `name`: what the value is called in errors. Throws MALFORMED with `details.path`, or TOO_LARGE. */
export function copyJson(value: unknown, name: string, { maxDepth, maxBytes }: JsonLimits): Json {
  let left = maxBytes

  function copy(given: unknown, parent: Place | null, key: string | number, depth: number): Json {
    left-- // a value and its comma or bracket
    switch (typeof given) {
      case 'string':
        left -= given.length
        break
      case 'number':
        if (!Number.isFinite(given)) throw refusal(given, parent, key)
        return given
      case 'boolean':
        return given
      case 'object':
        break
      default:
        throw refusal(given, parent, key)
    }
    if (left < 0) throw new LedgermeshError('TOO_LARGE', `${name} has more than ${maxBytes} bytes`)
    if (typeof given === 'string' || given === null) return given
    if (depth === 0) throw malformed('nests too deep', parent, key)
    const place = { parent, key }
    return Array.isArray(given) ? copyList(given, place, depth - 1) : copyObject(given, place, depth - 1)
  }

  function copyList(given: unknown[], place: Place, depth: number): Json[] {
    if (!isPlain(given, 2)) throw refusal(given, place.parent, place.key)
    if (given.length > left) throw new LedgermeshError('TOO_LARGE', `${name} has more than ${maxBytes} bytes`)
    const { length } = given
    const list: Json[] = []
    for (let i = 0; i < length; i++) list.push(copy(given[i], place, i, depth))
    if (Object.keys(given).length !== length)
      throw malformed('is a list with holes, or with members that have names', place.parent, place.key)
    return list
  }

  function copyObject(given: object, place: Place, depth: number): JsonObject {
    if (!isPlain(given, 1)) throw refusal(given, place.parent, place.key)
    const object: JsonObject = {}
    for (const key of Object.keys(given)) {
      left -= key.length + 3
      const member = copy((given as Record<string, unknown>)[key], place, key, depth)
      if (key === '__proto__')
        Object.defineProperty(object, key, { value: member, enumerable: true, configurable: true, writable: true })
      else object[key] = member
    }
    return object
  }

  return copy(value, null, name, maxDepth)
}

/** Finds the string that has a lone surrogate or a noncharacter, for the error. */
export function findBadString(value: Json, name: string, isGood: (text: string) => boolean): string {
  const search = (given: Json, place: Place): Place | null => {
    if (typeof given === 'string') return isGood(given) ? null : place
    if (typeof given !== 'object' || given === null) return null
    for (const [key, member] of Object.entries(given)) {
      const found = isGood(key)
        ? search(member, { parent: place, key: Array.isArray(given) ? Number(key) : key })
        : place
      if (found !== null) return found
    }
    return null
  }
  const place = search(value, { parent: null, key: name })
  return place === null ? name : pathOf(place.parent, place.key)
}

/** Made by `{}` or `[]` in any realm: `levels` prototypes above it, or none for an object. */
function isPlain(value: object, levels: number): boolean {
  let prototype: unknown = Object.getPrototypeOf(value)
  if (prototype === null) return levels === 1
  if (prototype === Object.prototype || prototype === Array.prototype) return true
  if (!Object.hasOwn(prototype as object, 'constructor')) return false
  for (let level = 1; level < levels; level++) prototype = Object.getPrototypeOf(prototype)
  return (
    prototype !== null &&
    Object.getPrototypeOf(prototype) === null &&
    Object.hasOwn(prototype as object, 'isPrototypeOf')
  )
}

function refusal(value: unknown, parent: Place | null, key: string | number): LedgermeshError {
  return malformed(`is ${describe(value)}, which JSON cannot say${hint(value)}`, parent, key)
}

function describe(value: unknown): string {
  if (typeof value === 'number') return String(value)
  if (typeof value !== 'object' || value === null) return typeof value
  const { constructor } = value as { constructor?: unknown }
  return typeof constructor === 'function' && constructor.name !== '' && constructor.name !== 'Object'
    ? `an instance of ${constructor.name.slice(0, 40)}`
    : 'no plain object'
}

function hint(value: unknown): string {
  if (value === undefined) return ': leave it out, or write null'
  return typeof value === 'bigint' ? ': write it as a string' : ''
}

function malformed(what: string, parent: Place | null, key: string | number): LedgermeshError {
  const path = pathOf(parent, key)
  return new LedgermeshError('MALFORMED', `${path} ${what}`, { path })
}

function pathOf(parent: Place | null, key: string | number): string {
  let path = ''
  for (let place: Place | null = { parent, key }; place !== null; place = place.parent) {
    const { key: step } = place
    path = `${place.parent === null ? String(step) : typeof step === 'number' ? `[${step}]` : /^[A-Za-z_$][\w$]*$/.test(step) ? `.${step}` : `[${JSON.stringify(step)}]`}${path}`
  }
  return path.length > MAX_PATH_CHARS ? `${path.slice(0, MAX_PATH_CHARS)}…` : path
}
