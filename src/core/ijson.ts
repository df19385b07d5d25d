/**
 * Strict reading of JSON texts (RFC 7493, I-JSON): no duplicate keys, no lone surrogates, no noncharacters, and no
 * numbers that a double cannot hold. `JSON.parse` keeps the last of duplicate keys, makes infinity of 1e999 (which is
 * written as null), 0 of 1e-400 and another integer of 9007199254740993, so what was checked and what was meant could
 * differ.
 */
import { decodeUtf8 } from './canonical.js'
import { LedgermeshError } from './errors.js'
import { endOfString, parseText, type Json } from './parse-text.js'

/** RFC 7493 §2.1. */
const NONCHARACTER = /\p{Noncharacter_Code_Point}/u
/** Above it whole numbers are not all doubles. */
const FIRST_INEXACT = 2 ** 53
/** Zeros after a decimal point, or a negative exponent, can turn a number that is not 0 into 0. */
const TINY = /[eE]-|0{20}/
/** Characters of a number that an error shows. */
const MAX_SHOWN = 40

/** Reads JSON from people and programs. Throws MALFORMED for text that is not I-JSON. */
export function parseIJson(input: Uint8Array | string): Json {
  const text = textOf(input)
  const value = parseText(text)
  checkIJson(text, value)
  return value
}

/**
 * Reads files with entries of others (exports, proofs): such an entry may have noncharacters, which another
 * implementation signed.
 */
export function parseCarrier(input: Uint8Array | string): Json {
  const text = textOf(input)
  const value = parseText(text)
  checkStrings(text, isWellFormed)
  checkNumbers(text, value)
  return value
}

/** Throws MALFORMED unless the text, from which the value was parsed, is I-JSON. */
export function checkIJson(text: string, value: Json): void {
  if (!isIString(text)) throw badString()
  checkStrings(text, isIString)
  checkNumbers(text, value)
}

/** RFC 7493 §2.1: neither surrogates nor noncharacters. */
export function isIString(text: string): boolean {
  return text.isWellFormed() && !NONCHARACTER.test(text)
}

/**
 * A number is kept as a double (RFC 7493 §2.2): fractions become the nearest one, but a whole part that would change, 0
 * for what is not 0, and infinity are refused. Throws MALFORMED with the position. `value` is the parsed text: the text
 * is searched only when the value has such a number.
 */
export function checkNumbers(text: string, value: Json): void {
  if (mayLose(text, value))
    eachScalar(text, (start, end) => {
      const number = text.slice(start, end)
      if (!isKept(number)) throw unkept(number, start)
    })
}

/** Without recursion: how deep a text nests is checked later. */
function mayLose(text: string, value: Json): boolean {
  let zero = false
  const open = [value]
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (typeof next === 'number') {
      if (!(Math.abs(next) < FIRST_INEXACT)) return true
      if (next === 0) zero = true
    } else if (typeof next === 'object' && next !== null)
      for (const member of Object.values(next))
        if (typeof member === 'object' || typeof member === 'number') open.push(member)
  }
  return zero && TINY.test(text)
}

/** Calls back with each number (and true, false, null) of a text that is known to be JSON. */
function eachScalar(text: string, onScalar: (start: number, end: number) => void): void {
  for (let index = 0; index < text.length; index++) {
    const character = text[index]!
    if (character === '"') index = endOfString(text, index)
    else if (!' \t\n\r,:{}[]'.includes(character)) {
      const start = index
      while (index + 1 < text.length && !' \t\n\r,]}'.includes(text[index + 1]!)) index++
      onScalar(start, index + 1)
    }
  }
}

function isKept(token: string): boolean {
  const value = Number(token)
  if (Number.isNaN(value)) return true // true, false, null
  if (!Number.isFinite(value)) return false
  if (value === 0) return digitsOf(token) === ''
  return Math.abs(value) < FIRST_INEXACT || isSameDecimal(token, String(value))
}

function isSameDecimal(a: string, b: string): boolean {
  const [one, other] = [decimalOf(a), decimalOf(b)]
  return one.digits === other.digits && one.exponent === other.exponent
}

/** The number is 0.digits × 10^exponent; its sign is never lost. */
function decimalOf(token: string): { digits: string; exponent: number } {
  const [mantissa, power = '0'] = token.toLowerCase().split('e') as [string, string?]
  const [whole, fraction = ''] = mantissa.replace('-', '').split('.') as [string, string?]
  const all = whole + fraction
  let zeros = 0
  while (all[zeros] === '0') zeros++
  return { digits: digitsOf(token), exponent: whole.length - zeros + Number(power) }
}

/** The significant ones. */
function digitsOf(token: string): string {
  const digits = token.split(/[eE]/, 1)[0]!.replace(/[-.]/g, '')
  let [start, end] = [0, digits.length]
  while (digits[start] === '0') start++
  while (end > start && digits[end - 1] === '0') end--
  return digits.slice(start, end)
}

/**
 * The text is known to be JSON, so a string in an object that stands before a colon is a key. Not a regular expression:
 * those overflow on strings of megabytes.
 */
function checkStrings(text: string, isGood: (text: string) => boolean): void {
  const open: (Set<string> | null)[] = []
  let start = 0
  let end = 0
  for (let index = 0; index < text.length; index++) {
    const character = text[index]
    if (character === '"') {
      start = index
      index = end = endOfString(text, index)
      if (text.slice(start, end).includes('\\u') && !isGood(JSON.parse(text.slice(start, end + 1)) as string))
        throw badString()
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

function isWellFormed(text: string): boolean {
  return text.isWellFormed()
}

function textOf(input: Uint8Array | string): string {
  if (typeof input !== 'string') return decodeUtf8(input)
  if (!input.isWellFormed()) throw badString()
  return input
}

function badString(): LedgermeshError {
  return new LedgermeshError('MALFORMED', 'a string has a lone surrogate or a noncharacter')
}

function unkept(number: string, at: number): LedgermeshError {
  const shown = number.length > MAX_SHOWN ? `${number.slice(0, MAX_SHOWN)}…` : number
  return new LedgermeshError(
    'MALFORMED',
    `the number ${shown} at character ${at} cannot be kept as it is: write it as a string`,
    { at, number: shown }
  )
}
