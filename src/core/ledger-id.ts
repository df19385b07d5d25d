import { base32 } from 'multiformats/bases/base32'
import { fromHex, toHex, type Hash } from './hash.js'

/**
 * "b" + base32-lower(genesis hash): 53 characters, a valid DNS label. It names a genesis, not a key, so that keys can rotate.
 */
export type LedgerId = string

const LEDGER_ID = /^b[a-z2-7]{52}$/

export function ledgerIdOf (genesisHash: Hash): LedgerId {
  return base32.encode(fromHex(genesisHash))
}

/** Also refuses a second spelling of the same 32 bytes (unused bits of the last character set). */
export function isLedgerId (value: unknown): value is LedgerId {
  return typeof value === 'string' && LEDGER_ID.test(value) && base32.encode(base32.decode(value)) === value
}

/** The genesis hash that a ledger id names. */
export function genesisHashOf (id: LedgerId): Hash {
  return toHex(base32.decode(id))
}
