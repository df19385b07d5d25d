/** The small shapes that the grammars of headers, metas and records share. */
import { utf8Length } from '#platform'
import type { JsonObject } from './canonical.js'
import { isObject } from './is-object.js'
import { MAX_NAME_BYTES } from './limits.js'

export { isObject }

const PLAIN_NAME = /^[\x20-\x7e]{1,128}$/
const FORBIDDEN = /[\p{Cc}\p{Noncharacter_Code_Point}]/u

/** DESIGN §2: "1–128 UTF-8 bytes without control characters or Unicode noncharacters". */
export function isName(value: unknown): value is string {
  if (typeof value !== 'string') return false
  if (PLAIN_NAME.test(value)) return true
  return value.length > 0 && value.isWellFormed() && utf8Length(value) <= MAX_NAME_BYTES && !FORBIDDEN.test(value)
}

export function isInteger(value: unknown, max: number): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0 && (value as number) <= max
}

/** An object with exactly these members. */
export function hasExactly(value: unknown, members: string[]): value is JsonObject {
  if (!isObject(value)) return false
  let count = 0
  for (const key in value) {
    if (!members.includes(key) || !Object.hasOwn(value, key)) return false
    count++
  }
  return count === members.length
}
