/**
 * The hashes and refs of an index fault as its file has them: the bytes of each list one after the other, as base64. As
 * hex in quotes they would be twice as long, and a file shall be short in the largest ledger, too.
 */
import { concat, fromBase64, toBase64 } from '#platform'
import type { Json, JsonObject } from '../canonical.js'
import { isObject } from '../grammar.js'
import { fromHex, toHex } from '../hash.js'
import { HASH_BYTES } from '../limits.js'
import { bad } from './fold.js'
import { REF_DIGITS, type ListRef } from './list.js'

const REF_BYTES = REF_DIGITS / 2

/** Lists of hex texts of one length, wherever they are in the file: `pairs` has two in each. */
const LISTS: readonly { at: readonly string[]; bytes: number; pairs?: true }[] = [
  { at: ['tree'], bytes: HASH_BYTES },
  { at: ['map', 'siblings'], bytes: HASH_BYTES },
  { at: ['run', 'outside'], bytes: REF_BYTES },
  { at: ['way', 'pairs'], bytes: REF_BYTES, pairs: true }
]

/** As the file has it. */
export function packFault(fault: object): JsonObject {
  return LISTS.reduce<JsonObject>(
    (file, { at }) =>
      changed(file, at, (list) => toBase64(concat(...(list as Json[]).flat().map((hex) => fromHex(hex as string))))),
    fault as JsonObject
  )
}

/** Whatever it is, with lists where the file has base64. Throws BAD_PROOF for what is not base64 of that many bytes. */
export function unpackFault(file: unknown): unknown {
  if (!isObject(file)) return file
  return LISTS.reduce<JsonObject>(
    (fault, { at, bytes, pairs }) =>
      changed(fault, at, (packed) => {
        const list = split(packed, bytes * (pairs === true ? 2 : 1))
        return pairs === true
          ? list.map((both) => [both.slice(0, REF_DIGITS), both.slice(REF_DIGITS)] satisfies ListRef[])
          : list
      }),
    file as JsonObject
  )
}

function split(packed: Json, bytes: number): string[] {
  const all = typeof packed === 'string' ? fromBase64(packed) : null
  if (all === null || all.length % bytes !== 0) throw bad(`not base64 of pieces of ${bytes} bytes`)
  return Array.from({ length: all.length / bytes }, (_, at) => toHex(all.subarray(at * bytes, (at + 1) * bytes)))
}

/** A copy with one member changed, if it is there. */
function changed(object: JsonObject, [name, ...below]: readonly string[], change: (value: Json) => Json): JsonObject {
  const value = object[name!]
  if (value === undefined || (below.length > 0 && !isObject(value))) return object
  return { ...object, [name!]: below.length === 0 ? change(value) : changed(value as JsonObject, below, change) }
}
