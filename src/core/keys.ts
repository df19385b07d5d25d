import { createPrivateKey, createPublicKey, sign as nativeSign } from 'node:crypto'
import { LedgermeshError } from './errors.js'
import { toHex } from './hash.js'
import { HASH_BYTES, SIGNATURE_BYTES } from './limits.js'
import { SECRET_KEY_BYTES, sodium, type Sodium } from './platform/sodium.js'

/** Signs for a ledger; the secret may live elsewhere (an HSM, an agent). Signatures are deterministic (RFC 8032). */
export interface SigningKey {
  /** 32 bytes, lower hex. */
  readonly publicKey: string
  sign: (message: Uint8Array) => Uint8Array | Promise<Uint8Array>
}

const PKCS8_PREFIX = Buffer.from('302e020100300506032b657004220420', 'hex')

/** A key from its 32-byte seed. It signs in libsodium where that is: the signatures are the same, in half the time. */
export function signingKeyFromSeed(seed: Uint8Array): SigningKey {
  if (seed.length !== HASH_BYTES)
    throw new LedgermeshError('BAD_KEY', `a signing key is ${HASH_BYTES} bytes, not ${seed.length}`)
  const library = sodium().sodium
  return library === null ? openSslKey(seed) : sodiumKey(library, seed)
}

/** The same without libsodium. */
export function openSslKey(seed: Uint8Array): SigningKey {
  const privateKey = createPrivateKey({ key: Buffer.concat([PKCS8_PREFIX, seed]), format: 'der', type: 'pkcs8' })
  const spki = createPublicKey(privateKey).export({ format: 'der', type: 'spki' })
  return {
    publicKey: toHex(spki.subarray(-HASH_BYTES)),
    sign: (message) => nativeSign(null, message, privateKey)
  }
}

function sodiumKey(library: Sodium, seed: Uint8Array): SigningKey {
  const [publicKey, secretKey] = [Buffer.alloc(HASH_BYTES), Buffer.alloc(SECRET_KEY_BYTES)]
  library.crypto_sign_seed_keypair(publicKey, secretKey, seed)
  return {
    publicKey: toHex(publicKey),
    sign: (message) => {
      const signature = Buffer.alloc(SIGNATURE_BYTES)
      library.crypto_sign_detached(signature, message, secretKey)
      return signature
    }
  }
}
