/**
 * Ed25519. What is valid is decided by ZIP 215 (@noble/ed25519). Native crypto may say yes first: its yes implies ZIP
 * 215's yes, its no decides nothing.
 */
import * as ed25519 from '@noble/ed25519'
import { concat, sha512, toUtf8, verifyEd25519 } from '#platform'
import { HASH_BYTES, SIGNATURE_BYTES } from './limits.js'

ed25519.hashes.sha512 = sha512

/**
 * Everything that is signed starts with one of these lines, so that a signature for one purpose is never valid for
 * another.
 */
export const DOMAINS = {
  entry: 'ledgermesh/entry/1\n',
  nodeRecord: 'ledgermesh/node-record/1\n',
  // A checkpoint is a C2SP note; the first line of its signed text, the origin, is `ledgermesh/<network>/<ledger>`.
  checkpoint: 'ledgermesh/'
} as const

const DOMAIN_BYTES = { entry: toUtf8(DOMAINS.entry), nodeRecord: toUtf8(DOMAINS.nodeRecord) }

/** The bytes that are signed for `body` in a domain. */
export function signingInput(domain: keyof typeof DOMAIN_BYTES, body: Uint8Array): Uint8Array {
  return concat(DOMAIN_BYTES[domain], body)
}

/** Verifies a signature; asynchronous where a native no has to be confirmed off the main thread. */
export type Verify = (publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array) => boolean | Promise<boolean>

/** ZIP 215, in full, on this thread: up to 2 ms when native crypto says no. Never throws. */
export function verifySignature(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  return verifyNative(publicKey, message, signature) || verifyZip215(publicKey, message, signature)
}

/** True is final. False only means: ask `verifyZip215`. */
export function verifyNative(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  return (
    publicKey.length === HASH_BYTES &&
    signature.length === SIGNATURE_BYTES &&
    verifyEd25519(publicKey, message, signature)
  )
}

export function verifyZip215(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  if (publicKey.length !== HASH_BYTES || signature.length !== SIGNATURE_BYTES) return false
  try {
    return ed25519.verify(signature, message, publicKey, { zip215: true })
  } catch {
    return false // not a point, or s is not below the group order
  }
}

/**
 * A ledger key is the canonical encoding of a point that is not of small order (checked at genesis and at rotation).
 */
export function isLedgerKey(publicKey: Uint8Array): boolean {
  if (publicKey.length !== HASH_BYTES) return false
  try {
    return !ed25519.Point.fromBytes(publicKey, false).isSmallOrder()
  } catch {
    return false // not a canonical encoding
  }
}
