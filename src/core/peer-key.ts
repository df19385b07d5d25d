import { base58btc } from 'multiformats/bases/base58'
import { fromHex, toHex } from './hash.js'
import { HASH_BYTES } from './limits.js'
import { isPeerIdText } from './ledger-types.js'

/** An Ed25519 peer id is an identity multihash (0x00, 36 bytes) of a libp2p public key (type 1, 32 bytes); hex. */
const PREFIX = '002408011220'

/** The Ed25519 key that a peer id is made of, hex; null: not such a peer id. */
export function peerKeyOf(peerId: string): string | null {
  if (!isPeerIdText(peerId)) return null
  const hex = toHex(base58btc.baseDecode(peerId))
  return hex.length === PREFIX.length + 2 * HASH_BYTES && hex.startsWith(PREFIX) ? hex.slice(PREFIX.length) : null
}

/** The peer id of an Ed25519 key, given in hex. */
export function peerIdOf(key: string): string {
  return base58btc.baseEncode(fromHex(`${PREFIX}${key}`))
}
