/**
 * Ed25519. What is valid is decided by ZIP 215 (@noble/ed25519). Native crypto may say yes first: its yes implies ZIP 215's yes,
 * its no decides nothing.
 */
import { createPublicKey, verify as nativeVerify, type KeyObject } from 'node:crypto'
import * as ed25519 from '@noble/ed25519'
import { createHash } from 'node:crypto'
import { toHex } from './hash.js'
import { HASH_BYTES, SIGNATURE_BYTES } from './limits.js'

ed25519.hashes.sha512 = (message) => createHash('sha512').update(message).digest()

/** Everything we ever sign starts with one of these lines, so that no signature can be shown for something else. */
export const DOMAINS = {
  entry: 'ledgermesh/entry/1\n',
  nodeRecord: 'ledgermesh/node-record/1\n',
  // A checkpoint is a C2SP note; the first line of its signed text, the origin, is `ledgermesh/<network>/<ledger>`.
  checkpoint: 'ledgermesh/'
} as const

/** The bytes that are signed for `body` in a domain. */
export function signingInput (domain: Exclude<keyof typeof DOMAINS, 'checkpoint'>, body: Uint8Array): Uint8Array {
  return Buffer.concat([Buffer.from(DOMAINS[domain]), body])
}

/** Decides a signature; asynchronous where a native no has to be settled off the main thread. */
export type Verify = (publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array) => boolean | Promise<boolean>

/** ZIP 215, in full, on this thread: up to 2 ms when native crypto says no. Never throws. */
export function verifySignature (publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  return verifyNative(publicKey, message, signature) || verifyZip215(publicKey, message, signature)
}

/** True is final. False only means: ask `verifyZip215`. */
export function verifyNative (publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  if (publicKey.length !== HASH_BYTES || signature.length !== SIGNATURE_BYTES) return false
  try {
    return nativeVerify(null, message, keyObject(publicKey), signature)
  } catch {
    return false // OpenSSL refuses to load the key; noble decides
  }
}

export function verifyZip215 (publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  if (publicKey.length !== HASH_BYTES || signature.length !== SIGNATURE_BYTES) return false
  try {
    return ed25519.verify(signature, message, publicKey, { zip215: true })
  } catch {
    return false // not a point, or s is not below the group order
  }
}

/** A ledger key is the canonical encoding of a point that is not of small order (checked at genesis and at rotation). */
export function isLedgerKey (publicKey: Uint8Array): boolean {
  if (publicKey.length !== HASH_BYTES) return false
  try {
    return !ed25519.Point.fromBytes(publicKey, false).isSmallOrder()
  } catch {
    return false // not a canonical encoding
  }
}

const SPKI_PREFIX = Buffer.from('302a300506032b6570032100', 'hex')
const MAX_CACHED_KEYS = 1024
const keyObjects = new Map<string, KeyObject>()

/** Making a KeyObject costs three times as much as a verification saves: keep the newest ones. */
function keyObject (publicKey: Uint8Array): KeyObject {
  const id = toHex(publicKey)
  let key = keyObjects.get(id)
  if (key === undefined) {
    key = createPublicKey({ key: Buffer.concat([SPKI_PREFIX, publicKey]), format: 'der', type: 'spki' })
    if (keyObjects.size >= MAX_CACHED_KEYS) keyObjects.delete(keyObjects.keys().next().value!)
    keyObjects.set(id, key)
  }
  return key
}
