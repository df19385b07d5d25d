/**
 * Strict reading of JSON that people wrote (RFC 7493, I-JSON): no duplicate keys, no lone surrogates.
 * `JSON.parse` keeps the last of duplicate keys, so what was checked and what was meant could differ.
 */
import { decodeUtf8, parseText, type Json } from './canonical.js'
import { LedgermeshError } from './errors.js'

const TOKEN = /"(?:[^"\\]|\\.)*"|[{}[\]:,]/g

/** Throws MALFORMED for text that is not I-JSON. */
export function parseIJson (input: Uint8Array | string): Json {
  const text = typeof input === 'string' ? input : decodeUtf8(input)
  const value = parseText(text)
  refuseDuplicateKeys(text)
  refuseLoneSurrogates(text)
  return value
}

/** The text is known to be JSON, so a string in an object that stands before a colon is a key. */
function refuseDuplicateKeys (text: string): void {
  const open: (Set<string> | null)[] = []
  let candidate: string | null = null
  for (const [token] of text.matchAll(TOKEN)) {
    if (token === '{') open.push(new Set())
    else if (token === '[') open.push(null)
    else if (token === '}' || token === ']') open.pop()
    else if (token === ':') {
      const keys = open.at(-1)!
      const key = JSON.parse(candidate!) as string
      if (keys!.has(key)) throw new LedgermeshError('MALFORMED', `duplicate key ${JSON.stringify(key)}`)
      keys!.add(key)
    } else if (token !== ',') candidate = token
  }
}

function refuseLoneSurrogates (text: string): void {
  if (!/\\u[dD]/.test(text)) return
  for (const [token] of text.matchAll(TOKEN)) {
    if (token.startsWith('"') && !(JSON.parse(token) as string).isWellFormed()) {
      throw new LedgermeshError('MALFORMED', 'a string has a lone surrogate')
    }
  }
}
