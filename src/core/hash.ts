import { concat, fromHex, sha256Hex, toHex } from '#platform'

export { fromHex, toHex }

/** A SHA-256 hash as 64 lower-case hex digits: the form in which hashes travel in JSON and between our modules. */
export type Hash = string

/** Hex digits of a hash. */
const DIGITS = 64

/** 1 for each UTF-16 code unit that is no lower-case hex digit. */
const NO_DIGIT = new Uint8Array(2 ** 16).fill(1)
for (const digit of '0123456789abcdef') NO_DIGIT[digit.charCodeAt(0)] = 0

/**
 * Called a dozen times for every entry that is received; comparing each character takes three times as long, a regular
 * expression four times.
 */
export function isHash(value: unknown): value is Hash {
  if (typeof value !== 'string' || value.length !== DIGITS) return false
  let wrong = 0
  for (let i = 0; i < DIGITS; i++) wrong |= NO_DIGIT[value.charCodeAt(i)]!
  return wrong === 0
}

/** SHA-256 over the parts, one after the other. */
export function sha256(...parts: Uint8Array[]): Hash {
  return sha256Hex(parts.length === 1 ? parts[0]! : concat(...parts))
}

/** SHA-256 of a text's UTF-8 bytes. */
export function sha256Text(text: string): Hash {
  return sha256Hex(text)
}
