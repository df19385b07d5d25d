/**
 * RFC 8785 (JCS) canonical JSON: made by a library, checked here.
 *
 * The check runs once for every header that is received, so it has a fast path: a text that
 * `JSON.stringify(JSON.parse(text))` gives back unchanged, with sorted keys, is canonical. V8 moves integer-like keys
 * to the front, so such texts fail the fast path and go to the library; a property test holds that both agree.
 */
import canonicalizeValue from 'canonicalize'
import { LedgermeshError } from './errors.js'
import { parseText, type Json } from './parse-text.js'

export { parseText, type Json, type JsonObject } from './parse-text.js'

/** Deeper values, and cycles, are left to the library. */
const MAX_SORTED_DEPTH = 64
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/**
 * The canonical text of a JSON value. Throws MALFORMED for what JSON cannot say (undefined, NaN, lone surrogates,
 * cycles).
 */
export function canonicalize(value: unknown): string {
  let text: string | undefined
  try {
    text = isSortedJson(value) ? JSON.stringify(value) : canonicalizeValue(value)
  } catch (error) {
    throw new LedgermeshError('MALFORMED', 'not a JSON value', undefined, { cause: error })
  }
  if (text === undefined) throw new LedgermeshError('MALFORMED', 'not a JSON value')
  if (!text.isWellFormed() || escapesSurrogate(text))
    throw new LedgermeshError('MALFORMED', 'a string has a lone surrogate')
  return text
}

/**
 * Reads canonical JSON bytes, nested at most `maxDepth` deep. Throws MALFORMED, or NOT_CANONICAL for any other spelling
 * of the same value.
 */
export function parseCanonical(bytes: Uint8Array, maxDepth: number): Json {
  const text = decodeUtf8(bytes)
  const value = parseText(text)
  const sorted = walk(value, maxDepth)
  if (!isCanonicalText(text, value, sorted))
    throw new LedgermeshError('NOT_CANONICAL', 'the bytes are not canonical JSON (RFC 8785)')
  return value
}

/** Throws MALFORMED unless the bytes are well-formed UTF-8. */
export function decodeUtf8(bytes: Uint8Array): string {
  try {
    return decoder.decode(bytes)
  } catch (error) {
    throw new LedgermeshError('MALFORMED', 'not UTF-8', undefined, { cause: error })
  }
}

/** Throws MALFORMED when objects and arrays nest deeper than `maxDepth`; a lone scalar has depth 0. */
export function checkDepth(value: unknown, maxDepth: number): void {
  walk(value, maxDepth)
}

/**
 * Are all keys in order? In a single walk, because it runs for every header that is received. RFC 8785 §3.2.3: keys
 * sort by UTF-16 code units, which is how JavaScript compares strings.
 */
function walk(value: unknown, maxDepth: number): boolean {
  if (typeof value !== 'object' || value === null) return true
  if (maxDepth === 0) throw new LedgermeshError('MALFORMED', 'nested too deep')
  let sorted = true
  if (Array.isArray(value)) {
    for (const member of value) if (typeof member === 'object' && !walk(member, maxDepth - 1)) sorted = false
    return sorted
  }
  let previous = ''
  for (const key in value) {
    if (previous > key) sorted = false
    previous = key
    const member = (value as Record<string, unknown>)[key]
    if (typeof member === 'object' && !walk(member, maxDepth - 1)) sorted = false
  }
  return sorted
}

function isCanonicalText(text: string, value: Json, sorted: boolean): boolean {
  if (escapesSurrogate(text)) return false
  if (sorted && JSON.stringify(value) === text) return true
  try {
    return canonicalizeValue(value) === text
  } catch {
    return false // a number that JSON cannot say (1e999), or an escaped lone surrogate
  }
}

/**
 * RFC 8785 §3.2.2.2: an unpaired surrogate is an error. In UTF-8 text one can only stand as an escape, and a canonical
 * text never escapes a pair.
 */
function escapesSurrogate(text: string): boolean {
  if (!text.includes('\\ud')) return false
  return /(?:^|[^\\])(?:\\\\)*\\ud[89a-f]/.test(text)
}

/**
 * Plain JSON whose keys stand in order already: `JSON.stringify` then gives the canonical form, in a third of the time.
 */
function isSortedJson(value: unknown, depth = MAX_SORTED_DEPTH): boolean {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return true
  if (typeof value === 'number') return Number.isFinite(value)
  if (typeof value !== 'object' || depth === 0) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  if (Array.isArray(value))
    return (
      prototype === Array.prototype &&
      value.every((member) => isSortedJson(member, depth - 1)) &&
      Object.keys(value).length === value.length
    )
  if (prototype !== Object.prototype) return false
  let previous: string | undefined
  for (const key in value) {
    if (previous !== undefined && previous >= key) return false
    if (!isSortedJson((value as Record<string, unknown>)[key], depth - 1)) return false
    previous = key
  }
  return !('toJSON' in value)
}
