/**
 * JSON.parse that can be trusted with keys. V8 (Node 24 and 26; nodejs/node#63785) may read an escaped key as another
 * key that it met before in an object of the same shape: after `{"x":0,"\\":1}`, the text `{"x":0,"\"":1}` has the key
 * `\`. Validity would then depend on what a process has read before. A wrong key always has a backslash, so only a
 * value with such a key is read a second time.
 */
import { LedgermeshError } from './errors.js'

/** A JSON value (RFC 8259), as I-JSON allows it: numbers are doubles. */
export type Json = null | boolean | number | string | Json[] | { [key: string]: Json }
/** A JSON object. */
export type JsonObject = { [key: string]: Json }

/**
 * Throws MALFORMED unless the text is JSON. Duplicate keys pass here: use `parseIJson`, or compare the canonical form.
 */
export function parseText(text: string): Json {
  let value: Json
  try {
    value = JSON.parse(text) as Json
  } catch (error) {
    throw new LedgermeshError('MALFORMED', `not JSON: ${(error as Error).message}`, undefined, { cause: error })
  }
  return text.includes('\\') && hasBackslashInKey(value) ? parseSlowly(text) : value
}

/** Where the string that opens at `start` closes, in a text that is JSON. */
export function endOfString(text: string, start: number): number {
  for (let at = text.indexOf('"', start + 1); ; at = text.indexOf('"', at + 1)) {
    let backslashes = 0
    while (text[at - 1 - backslashes] === '\\') backslashes++
    if (backslashes % 2 === 0) return at
  }
}

/** Without recursion: how deep a text nests is checked later. */
function hasBackslashInKey(value: Json): boolean {
  const open = [value]
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (typeof next !== 'object' || next === null) continue
    if (!Array.isArray(next) && Object.keys(next).some((key) => key.includes('\\'))) return true
    for (const member of Object.values(next)) if (typeof member === 'object' && member !== null) open.push(member)
  }
  return false
}

/** Reads a text that is known to be JSON; only its strings and other scalars go to JSON.parse, one by one. */
function parseSlowly(text: string): Json {
  const open: (Json[] | JsonObject)[] = []
  let root: Json = null
  let key: string | undefined
  const add = (value: Json): void => {
    const parent = open.at(-1)
    if (parent === undefined) root = value
    else if (Array.isArray(parent)) parent.push(value)
    else {
      // also for __proto__
      Object.defineProperty(parent, key!, { value, enumerable: true, configurable: true, writable: true })
      key = undefined
    }
  }
  for (let index = 0; index < text.length; index++) {
    const character = text[index]!
    if (character === '{' || character === '[') {
      const value = character === '{' ? {} : []
      add(value)
      open.push(value)
    } else if (character === '}' || character === ']') open.pop()
    else if (!' \t\n\r,:'.includes(character)) {
      const start = index
      if (character === '"') index = endOfString(text, index)
      else while (index + 1 < text.length && !' \t\n\r,]}'.includes(text[index + 1]!)) index++
      const scalar = JSON.parse(text.slice(start, index + 1)) as Json
      const parent = open.at(-1)
      if (key === undefined && parent !== undefined && !Array.isArray(parent)) key = scalar as string
      else add(scalar)
    }
  }
  return root
}
