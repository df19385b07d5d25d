import { hash as nodeHash } from 'node:crypto'

/** A SHA-256 hash as 64 lower-case hex digits: the form in which hashes travel in JSON and between our modules. */
export type Hash = string

/** Hex digits of a hash. */
const DIGITS = 64

/** Called a dozen times for every entry that is received; a regular expression takes three times as long. */
export function isHash (value: unknown): value is Hash {
  if (typeof value !== 'string' || value.length !== DIGITS) return false
  for (let i = 0; i < DIGITS; i++) {
    const code = value.charCodeAt(i)
    if (code < 0x30 || code > 0x66 || (code > 0x39 && code < 0x61)) return false
  }
  return true
}

/** SHA-256 over the parts, one after the other. */
export function sha256 (...parts: Uint8Array[]): Hash {
  return nodeHash('sha256', parts.length === 1 ? parts[0]! : Buffer.concat(parts), 'hex')
}

/** SHA-256 of a text's UTF-8 bytes. */
export function sha256Text (text: string): Hash {
  return nodeHash('sha256', text, 'hex')
}

export function toHex (bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('hex')
}

/** The bytes of a hex text that is known to be hex. */
export function fromHex (hex: string): Uint8Array {
  return Buffer.from(hex, 'hex')
}
