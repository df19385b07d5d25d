/** A proof whose entry has a signature that ZIP 215 accepts and RFC 8032's stricter readers do not. */
import { createHash } from 'node:crypto'
import * as ed25519 from '@noble/ed25519'
import { decodeEntry, type Entry } from '../../src/core/entry.js'
import { encodeHeader } from '../../src/core/header.js'
import { signingInput, verifyNative, verifySignature } from '../../src/core/signature.js'
import type { JsonObject } from '../../src/core/canonical.js'
import { Author } from '../core/author.js'
import { proofOf } from '../vectors/make-files.js'

const GROUP_ORDER = 2n ** 252n + 27742317777372353535851937790883648493n
/** A point of order 8, encoded. */
const TORSION = '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05'

function littleEndian(bytes: Uint8Array): bigint {
  return BigInt(`0x${Buffer.from(bytes).reverse().toString('hex')}`)
}

/** R with a part of order 8: it vanishes only when the equation is multiplied by 8. */
function sign(author: Author, seed: Uint8Array, message: Uint8Array): Uint8Array {
  const { head, scalar, pointBytes } = expand(seed)
  if (Buffer.from(pointBytes).toString('hex') !== author.signer.publicKey) throw new Error('not the key of that seed')
  const nonce = littleEndian(createHash('sha512').update(head).update(message).digest()) % GROUP_ORDER
  const commitment = ed25519.Point.BASE.multiply(nonce).add(ed25519.Point.fromHex(TORSION, true)).toBytes()
  const challenge =
    littleEndian(createHash('sha512').update(commitment).update(pointBytes).update(message).digest()) % GROUP_ORDER
  const answer = Buffer.from(
    ((nonce + challenge * scalar) % GROUP_ORDER).toString(16).padStart(64, '0'),
    'hex'
  ).reverse()
  return Buffer.concat([commitment, answer])
}

function expand(seed: Uint8Array): { head: Uint8Array; scalar: bigint; pointBytes: Uint8Array } {
  const digest = createHash('sha512').update(seed).digest()
  const low = Buffer.from(digest.subarray(0, 32))
  low[0]! &= 248
  low[31] = (low[31]! & 127) | 64
  const scalar = littleEndian(low) % GROUP_ORDER
  return { head: digest.subarray(32), scalar, pointBytes: ed25519.Point.BASE.multiply(scalar).toBytes() }
}

export async function torsionSigned(): Promise<{ proof: JsonObject; forged: JsonObject }> {
  const author = await Author.create(1)
  const header = encodeHeader(author.header({ id: 'torsion' }))
  const message = signingInput('entry', header)
  const signature = sign(author, Buffer.alloc(32, 1), message)
  const key = Buffer.from(author.signer.publicKey, 'hex')
  if (verifyNative(key, message, signature) || !verifySignature(key, message, signature))
    throw new Error('not a signature that only ZIP 215 accepts')
  const entry: Entry = decodeEntry({ header, signature, payload: null })
  author.entries.push(entry)
  const proof = proofOf(author, 1, await author.checkpoint())
  const forged = structuredClone(proof)
  const text = (forged.entry as { signature: string }).signature
  ;(forged.entry as { signature: string }).signature =
    `${text.slice(0, -3)}${text.at(-3) === '0' ? '1' : '0'}${text.slice(-2)}`
  return { proof, forged }
}
