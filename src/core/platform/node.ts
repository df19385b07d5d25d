/**
 * The platform functions that core needs, for Node. `web.ts` has the same for browsers; the package's `imports` choose.
 */
import { createHash, createPublicKey, hash as nodeHash, verify as nativeVerify, type KeyObject } from 'node:crypto'
import { sodium } from './sodium.js'

/** Lower hex of the SHA-256 of bytes, or of a text's UTF-8 bytes. */
export function sha256Hex(data: Uint8Array | string): string {
  return nodeHash('sha256', data, 'hex')
}

export function sha512(message: Uint8Array): Uint8Array<ArrayBuffer> {
  return createHash('sha512').update(message).digest()
}

/** Lower hex. */
export function toHex(bytes: Uint8Array): string {
  return view(bytes).toString('hex')
}

/** The bytes of a hex text that is known to be hex. */
export function fromHex(hex: string): Uint8Array {
  return Buffer.from(hex, 'hex')
}

/** UTF-8 bytes of a text that is well-formed. */
export function toUtf8(text: string): Uint8Array {
  return Buffer.from(text)
}

/** The text of bytes that are known to be UTF-8. */
export function fromUtf8(bytes: Uint8Array): string {
  return view(bytes).toString()
}

/** How many bytes the text has in UTF-8. */
export function utf8Length(text: string): number {
  return Buffer.byteLength(text)
}

/** Standard base64 with padding (RFC 4648 §4). */
export function toBase64(bytes: Uint8Array): string {
  return view(bytes).toString('base64')
}

/** Strict: null for anything that `toBase64` does not write. */
export function fromBase64(text: string): Uint8Array | null {
  const bytes = Buffer.from(text, 'base64')
  return bytes.toString('base64') === text ? bytes : null
}

export function concat(...parts: Uint8Array[]): Uint8Array {
  return Buffer.concat(parts)
}

/** Ed25519 by native crypto, libsodium's where it is: true is final, false decides nothing. */
export function verifyEd25519(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  const library = sodium().sodium
  return library === null
    ? verifyByOpenSsl(publicKey, message, signature)
    : library.crypto_sign_verify_detached(signature, message, publicKey)
}

/** The same without libsodium. */
export function verifyByOpenSsl(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  try {
    return nativeVerify(null, message, keyObject(publicKey), signature)
  } catch {
    return false // OpenSSL refuses to load the key
  }
}

const SPKI_PREFIX = Buffer.from('302a300506032b6570032100', 'hex')
const MAX_CACHED_KEYS = 1024
const keyObjects = new Map<string, KeyObject>()

/** Making a KeyObject costs three times as much as a verification saves: keep the newest ones. */
function keyObject(publicKey: Uint8Array): KeyObject {
  const id = toHex(publicKey)
  let key = keyObjects.get(id)
  if (key === undefined) {
    key = createPublicKey({ key: Buffer.concat([SPKI_PREFIX, publicKey]), format: 'der', type: 'spki' })
    if (keyObjects.size >= MAX_CACHED_KEYS) keyObjects.delete(keyObjects.keys().next().value!)
    keyObjects.set(id, key)
  }
  return key
}

function view(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}
