/**
 * Payload bytes: the canonical form of {"payload": …, "salt": "<16 random bytes, hex>"}. The salt makes the hash
 * unguessable, so that an erased payload stays secret.
 */
import { toUtf8 } from '#platform'
import { canonicalize, checkDepth, parseCanonical, type Json } from './canonical.js'
import { LedgermeshError } from './errors.js'
import { sha256, type Hash } from './hash.js'
import { hasExactly } from './grammar.js'
import type { Header } from './header.js'
import { MAX_PAYLOAD_BYTES, MAX_PAYLOAD_DEPTH, SALT_BYTES } from './limits.js'

export interface Payload {
  payload: Json
  salt: string
}

const SALT = new RegExp(`^[0-9a-f]{${2 * SALT_BYTES}}$`)

/** Throws MALFORMED for values that JSON cannot express or that nest too deep, TOO_LARGE above 1 MiB. */
export function encodePayload(payload: Json, salt: string): Uint8Array {
  checkDepth(payload, MAX_PAYLOAD_DEPTH - 1)
  return payloadBytes(canonicalize(payload), salt)
}

/** `canonical`: the canonical text of a checked payload. Throws TOO_LARGE. */
export function payloadBytes(canonical: string, salt: string): Uint8Array {
  const bytes = toUtf8(`{"payload":${canonical},"salt":"${salt}"}`) // its keys are in order
  if (bytes.length > MAX_PAYLOAD_BYTES)
    throw new LedgermeshError('TOO_LARGE', `the payload has ${bytes.length} bytes; the limit is ${MAX_PAYLOAD_BYTES}`)
  return bytes
}

/** Throws MALFORMED or NOT_CANONICAL: such a payload is kept as bytes and shown as `malformed`. */
export function decodePayload(bytes: Uint8Array): Payload {
  if (bytes.length > MAX_PAYLOAD_BYTES) throw new LedgermeshError('TOO_LARGE', 'payload')
  const value = parseCanonical(bytes, MAX_PAYLOAD_DEPTH)
  if (!hasExactly(value, ['payload', 'salt']) || typeof value.salt !== 'string' || !SALT.test(value.salt))
    throw new LedgermeshError('MALFORMED', 'payload')
  return { payload: value.payload!, salt: value.salt }
}

/** Throws PAYLOAD_MISMATCH unless these are the bytes that the header commits to. */
export function checkPayload(header: Header, bytes: Uint8Array): void {
  if (header.payload_size !== bytes.length || header.payload_hash !== payloadHash(bytes)) {
    throw new LedgermeshError(
      'PAYLOAD_MISMATCH',
      `the payload of entry ${header.seq} is not the one its header commits to`
    )
  }
}

export function payloadHash(bytes: Uint8Array): Hash {
  return sha256(bytes)
}
