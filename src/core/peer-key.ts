import { base58btc } from 'multiformats/bases/base58'
import { fromHex, toHex } from './hash.js'
import { HASH_BYTES } from './limits.js'
import { isPeerIdText } from './ledger-types.js'

/** An Ed25519 peer id is an identity multihash (0x00, 36 bytes) of a libp2p public key (type 1, 32 bytes). */
const PREFIX = Buffer.from('002408011220', 'hex')

/** The Ed25519 key that a peer id is made of, hex; null: not such a peer id. */
export function peerKeyOf (peerId: string): string | null {
  if (!isPeerIdText(peerId)) return null
  const bytes = Buffer.from(base58btc.baseDecode(peerId))
  return bytes.length === PREFIX.length + HASH_BYTES && bytes.subarray(0, PREFIX.length).equals(PREFIX) ? toHex(bytes.subarray(PREFIX.length)) : null
}

/** The peer id of an Ed25519 key, given in hex. */
export function peerIdOf (key: string): string {
  return base58btc.baseEncode(Buffer.concat([PREFIX, fromHex(key)]))
}
