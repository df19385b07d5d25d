/**
 * Where the next page of a question across ledgers starts: of each ledger that has more, the place, and the tree that
 * its pages are of. It belongs to the question that it came from.
 */
import { LedgermeshError } from '../core/errors.js'
import { hasExactly, isInteger } from '../core/grammar.js'
import { isHash, sha256Text, type Hash } from '../core/hash.js'
import { isLedgerId, type LedgerId } from '../core/ledger-id.js'
import { MAX_ANSWER_SOURCES } from '../core/limits.js'
import { parseText } from '../core/parse-text.js'

export interface CursorPlace {
  ledger: LedgerId
  /** The next page's `from`, or descending its `to`. */
  seq: number
  size: number
  root: Hash
  /** Was the tree vouched for by its owner, or by two? */
  vouched: boolean
}

/** Hex digits of the check that ties a cursor to its question. */
const CHECK_DIGITS = 32
/** Characters of a cursor: 256 places. */
const MAX_CHARS = 128 * 1024

/** `question`: whatever must be the same for the next page. */
export function encodeCrossCursor(places: readonly CursorPlace[], question: string): string {
  const body = JSON.stringify(
    places.map(({ ledger, seq, size, root, vouched }) => ({ ledger, seq, size, root, vouched }))
  )
  return toBase64Url(`${checkOf(body, question)}${body}`)
}

/** Ascending by ledger. Throws CURSOR_INVALID. */
export function decodeCrossCursor(cursor: string, question: string): CursorPlace[] {
  if (typeof cursor !== 'string' || cursor.length > MAX_CHARS || !/^[\w-]+$/.test(cursor)) throw invalid('not a cursor')
  const text = fromBase64Url(cursor)
  const body = text.slice(CHECK_DIGITS)
  if (text.slice(0, CHECK_DIGITS) !== checkOf(body, question))
    throw invalid('the cursor belongs to another question, or is none')
  const places: unknown = parseText(body)
  if (!Array.isArray(places) || places.length === 0 || places.length > MAX_ANSWER_SOURCES || !places.every(isPlace))
    throw invalid('not a cursor')
  return places
}

function isPlace(value: unknown): value is CursorPlace {
  return (
    hasExactly(value, ['ledger', 'seq', 'size', 'root', 'vouched']) &&
    isLedgerId(value.ledger) &&
    isInteger(value.seq, Number.MAX_SAFE_INTEGER) &&
    isInteger(value.size, Number.MAX_SAFE_INTEGER) &&
    value.size > 0 &&
    isHash(value.root) &&
    typeof value.vouched === 'boolean'
  )
}

function checkOf(body: string, question: string): string {
  return sha256Text(`${question}\n${body}`).slice(0, CHECK_DIGITS)
}

/** ASCII on both sides. */
function toBase64Url(text: string): string {
  return btoa(text).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')
}

function fromBase64Url(text: string): string {
  try {
    return atob(text.replaceAll('-', '+').replaceAll('_', '/'))
  } catch (error) {
    throw new LedgermeshError('CURSOR_INVALID', 'not a cursor', undefined, { cause: error })
  }
}

function invalid(what: string): LedgermeshError {
  return new LedgermeshError('CURSOR_INVALID', what)
}
