/**
 * Changes inside JSON, also inside JSON that stands in its strings or on its lines (headers in proofs, exports). What
 * is no JSON is left as it is.
 */
import type { Mutation, Roll } from './mutation.js'
import { canonicalize } from '../../src/core/canonical.js'

type Value = null | boolean | number | string | Value[] | { [key: string]: Value }

/** A text in place of a value, as it is written: JSON.stringify could not say all of these. */
const RAW = [
  'null',
  'true',
  '0',
  '-0',
  '-1',
  '1.5',
  '1e999',
  '-1e999',
  '1e21',
  '9007199254740991',
  '9007199254740992',
  '9007199254740993',
  '18446744073709551616',
  '1e-7',
  '2',
  '""',
  '"x"',
  '"\\ud800"',
  '"\\udfff"',
  '"\\ud83d\\ude00"',
  '"\\u0000"',
  '"\\ufffe"',
  '"\\u0061"',
  '"\\/"',
  '"é"',
  '"e\\u0301"',
  '"__proto__"',
  '"constructor"',
  '[]',
  '{}',
  '[null]',
  '[[]]',
  '{"__proto__":1}',
  '{"constructor":1}',
  '{"a":1,"a":2}',
  '{"1":1,"0":2}',
  '{"toJSON":1}',
  '{"length":-1}',
  `"${'x'.repeat(129)}"`,
  `"${'ä'.repeat(64)}"`,
  `"${'a'.repeat(64)}"`,
  `"${'0'.repeat(128)}"`,
  `${'['.repeat(70)}${']'.repeat(70)}`,
  `${'{"a":'.repeat(100)}1${'}'.repeat(100)}`,
  '"b' + 'a'.repeat(52) + '"',
  '"/ip4/127.0.0.1/tcp/0"',
  '"*"',
  '"../../x"'
]
const KEYS = [
  '__proto__',
  'constructor',
  'toString',
  'toJSON',
  'hasOwnProperty',
  '',
  '0',
  '\\',
  '"',
  '\u2028',
  'kind',
  'v',
  'x'.repeat(300)
]
const MARK = '\u0001raw:'

export const mutateJson: Mutation = (bytes, roll) => {
  const source = bytes.toString()
  const lines = source.split('\n')
  const at = lines.length > 1 ? roll[2] % lines.length : 0
  const value = parse(lines.length > 1 ? lines[at]! : source)
  if (value === undefined || typeof value !== 'object' || value === null) return bytes
  let changed
  try {
    changed = write(change(value, roll, 0), roll)
  } catch (error) {
    if (error instanceof RangeError) return bytes // an earlier change nested it deeper than can be written
    throw error
  }
  return Buffer.from(lines.length > 1 ? lines.with(at, changed).join('\n') : changed)
}

function parse(text: string): Value | undefined {
  try {
    return JSON.parse(text) as Value
  } catch {
    return undefined // not JSON: there is nothing to do here
  }
}

/** Walks down to a place that the roll names, and changes it there. */
function change(value: Value, [kind, x, y, z]: Roll, depth: number): Value {
  const deeper: Roll = [kind, Math.floor(x / 7), y, z]
  if (typeof value === 'string') {
    const inner = value.startsWith('{') && depth < 20 ? parse(value) : undefined
    if (inner !== undefined && z % 4 !== 0) return write(change(inner, deeper, depth + 1), [kind, x, y, z])
  }
  if (typeof value !== 'object' || value === null || depth >= 20) return raw(z)
  const keys = Object.keys(value)
  if (keys.length === 0) return raw(z)
  const key = keys[x % keys.length]!
  const member = (value as { [key: string]: Value })[key]!
  if ((typeof member === 'object' && member !== null) || (typeof member === 'string' && member.startsWith('{'))) {
    if ((x >>> 3) % 3 !== 0) return put(value, key, change(member, deeper, depth + 1))
  }
  switch (y % 8) {
    case 0:
      return remove(value, key)
    case 1:
      return Array.isArray(value)
        ? [...value, ...Array.from({ length: [1, 2, 65, 300][z % 4]! }, () => member)]
        : put(value, KEYS[z % KEYS.length]!, member)
    case 2:
      return put(value, keys[z % keys.length]!, member)
    case 3:
      return put(value, key, [member])
    case 4:
      return typeof member === 'string' ? put(value, key, textChange(member, z)) : put(value, key, raw(z))
    case 5:
      return typeof member === 'number'
        ? put(value, key, member + [1, -1, 0.5, 256, 2 ** 32][z % 5]!)
        : put(value, key, raw(z))
    default:
      return put(value, key, raw(z))
  }
}

function textChange(text: string, z: number): string {
  const at = z % (text.length + 1)
  switch (z % 5) {
    case 0:
      return text.slice(0, at)
    case 1:
      return text + text
    case 2:
      return text.slice(0, at) + (text[at] === 'a' ? 'b' : 'a') + text.slice(at + 1)
    case 3:
      return text.toUpperCase()
    default:
      return `${text.slice(0, at)}\n${text.slice(at)}`
  }
}

function put(value: Value[] | { [key: string]: Value }, key: string, member: Value): Value {
  if (Array.isArray(value)) return value.map((item, at) => (String(at) === key ? member : item))
  return Object.fromEntries([...Object.entries(value).filter(([name]) => name !== key), [key, member]])
}

function remove(value: Value[] | { [key: string]: Value }, key: string): Value {
  if (Array.isArray(value)) return value.filter((_, at) => String(at) !== key)
  return Object.fromEntries(Object.entries(value).filter(([name]) => name !== key))
}

function raw(z: number): string {
  return `${MARK}${z % RAW.length}:`
}

/** Canonical where that is possible and the roll says so, so that changes get past the check of the spelling. */
function write(value: Value, [, x]: Roll): string {
  let text
  try {
    text = x % 5 === 0 ? JSON.stringify(value) : canonicalize(value)
  } catch {
    text = JSON.stringify(value) // what has no canonical form is written anyhow
  }
  return text.replace(/"\\u0001raw:(\d+):"/g, (_, at: string) => RAW[Number(at)]!)
}
