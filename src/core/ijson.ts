/**
 * Strict reading of JSON that people wrote (RFC 7493, I-JSON): no duplicate keys, no lone surrogates, no noncharacters, no numbers beyond a double.
 * `JSON.parse` keeps the last of duplicate keys, and makes infinity of 1e999 (which is written as null), so what was checked and what was meant could differ.
 */
import { decodeUtf8 } from './canonical.js'
import { LedgermeshError } from './errors.js'
import { endOfString, parseText, type Json } from './parse-text.js'

/** Throws MALFORMED for text that is not I-JSON. */
export function parseIJson (input: Uint8Array | string): Json {
  const text = typeof input === 'string' ? input : decodeUtf8(input)
  const value = parseText(text)
  checkCharacters(text)
  checkStrings(text)
  checkNumbers(value)
  return value
}

/** The text is known to be JSON, so a string in an object that stands before a colon is a key. Not a regular expression: those overflow on strings of megabytes. */
function checkStrings (text: string): void {
  const open: (Set<string> | null)[] = []
  let start = 0
  let end = 0
  for (let at = 0; at < text.length; at++) {
    const character = text[at]
    if (character === '"') {
      start = at
      at = end = endOfString(text, at)
      if (text.slice(start, end).includes('\\u')) checkCharacters(JSON.parse(text.slice(start, end + 1)) as string)
    } else if (character === '{') open.push(new Set())
    else if (character === '[') open.push(null)
    else if (character === '}' || character === ']') open.pop()
    else if (character === ':') {
      const keys = open.at(-1)
      const key = JSON.parse(text.slice(start, end + 1)) as string
      if (keys?.has(key) === true) throw new LedgermeshError('MALFORMED', `duplicate key ${JSON.stringify(key)}`)
      keys?.add(key)
    }
  }
}

/** RFC 7493 §2.2. Without recursion: how deep a text nests is checked later. */
function checkNumbers (value: Json): void {
  const open = [value]
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (typeof next === 'number' && !Number.isFinite(next)) throw new LedgermeshError('MALFORMED', 'a number beyond those of IEEE 754')
    if (typeof next === 'object' && next !== null) for (const member of Object.values(next)) if (typeof member === 'object' || typeof member === 'number') open.push(member)
  }
}

/** RFC 7493 §2.1: neither surrogates nor noncharacters, written out or escaped. */
function checkCharacters (text: string): void {
  if (!text.isWellFormed() || /\p{Noncharacter_Code_Point}/u.test(text)) throw new LedgermeshError('MALFORMED', 'a string has a lone surrogate or a noncharacter')
}
