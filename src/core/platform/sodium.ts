/**
 * Ed25519 by libsodium, twice as fast as OpenSSL. Optional: where the package is not installed, has no prebuilt file for
 * the machine, or does not pass a known-answer test, node:crypto does the same. It is loaded when the first signature is
 * made or checked, in each thread for itself: importing the library costs nothing.
 */
import { createRequire } from 'node:module'

/** What is used of `sodium-native`. Wrong lengths throw. */
export interface Sodium {
  crypto_sign_seed_keypair: (publicKey: Uint8Array, secretKey: Uint8Array, seed: Uint8Array) => void
  crypto_sign_detached: (signature: Uint8Array, message: Uint8Array, secretKey: Uint8Array) => void
  crypto_sign_verify_detached: (signature: Uint8Array, message: Uint8Array, publicKey: Uint8Array) => boolean
}

/** `fault`: why the library is not used. */
export type Loaded = { sodium: Sodium } | { sodium: null; fault: string }

/** Seed and public key; always derived from the seed: with another public key in it, a signature gives the key away. */
export const SECRET_KEY_BYTES = 64
const PUBLIC_KEY_BYTES = 32
const SIGNATURE_BYTES = 64

/** RFC 8032 §7.1, test 2. */
const SEED = '4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb'
const PUBLIC_KEY = '3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c'
const MESSAGE = '72'
const SIGNATURE =
  '92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00'

/** `load` gives the module, or throws. */
export function loadSodium(load: () => unknown): Loaded {
  let sodium: Sodium
  try {
    sodium = load() as Sodium
    return isSound(sodium) ? { sodium } : { sodium: null, fault: 'it fails a test with a known answer' }
  } catch (error) {
    // whatever it is: a machine without a prebuilt file, a C library that is too old, a broken installation
    return { sodium: null, fault: (error as Error).message }
  }
}

let loaded: Loaded | undefined

export function sodium(): Loaded {
  loaded ??= loadSodium(() => createRequire(import.meta.url)('sodium-native'))
  return loaded
}

function isSound(sodium: Sodium): boolean {
  const [publicKey, secretKey] = [new Uint8Array(PUBLIC_KEY_BYTES), new Uint8Array(SECRET_KEY_BYTES)]
  const [made, message] = [new Uint8Array(SIGNATURE_BYTES), Buffer.from(MESSAGE, 'hex')]
  sodium.crypto_sign_seed_keypair(publicKey, secretKey, Buffer.from(SEED, 'hex'))
  sodium.crypto_sign_detached(made, message, secretKey)
  const wrong = made.slice()
  wrong[0]! ^= 1
  return (
    Buffer.from(publicKey).toString('hex') === PUBLIC_KEY &&
    Buffer.from(secretKey).toString('hex') === SEED + PUBLIC_KEY &&
    Buffer.from(made).toString('hex') === SIGNATURE &&
    sodium.crypto_sign_verify_detached(made, message, publicKey) === true &&
    sodium.crypto_sign_verify_detached(wrong, message, publicKey) === false &&
    sodium.crypto_sign_verify_detached(made, Buffer.from('73', 'hex'), publicKey) === false
  )
}
