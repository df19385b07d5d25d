import { createHash } from 'node:crypto'
import { signingKeyFromSeed, type SigningKey } from '../../src/core/keys.js'

/** The signing key with this number; always the same. */
export function keyAt(number: number): SigningKey {
  return signingKeyFromSeed(createHash('sha256').update(`key ${number}`).digest())
}
