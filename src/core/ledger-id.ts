import { base32 } from 'multiformats/bases/base32'
import { fromHex, toHex, type Hash } from './hash.js'

/**
 * "b" + base32-lower(genesis hash): 53 characters, a valid DNS label. It names a genesis, not a key, so that keys can
 * rotate.
 */
export type LedgerId = string

// 52 characters are 260 bits, of which the last four are unused: the last character is a or q; any other would be a
// second spelling.
const LEDGER_ID = /^b[a-z2-7]{51}[aq]$/

export function ledgerIdOf(genesisHash: Hash): LedgerId {
  return base32.encode(fromHex(genesisHash))
}

/** Never throws. A second spelling of the same 32 bytes is no ledger id. */
export function isLedgerId(value: unknown): value is LedgerId {
  return typeof value === 'string' && LEDGER_ID.test(value)
}

/** The genesis hash that a ledger id names. */
export function genesisHashOf(id: LedgerId): Hash {
  return toHex(base32.decode(id))
}
