import { existsSync } from 'node:fs'
import { ensureKeyFile, readKeyFile } from '../../config/key-file.js'
import { paths, type Paths } from '../../config/paths.js'
import { keyHash } from '../../core/chain.js'
import { LedgermeshError } from '../../core/errors.js'
import type { Hash } from '../../core/hash.js'
import { signingKeyFromSeed, type SigningKey } from '../../core/keys.js'
import { HASH_BYTES } from '../../core/limits.js'
import type { Random } from '../../ports.js'
import { makeOwnFolder } from '../../store/make-folder.js'

export interface Home {
  paths: Paths
  signingKey: SigningKey
  /** SHA-256 of the next public key, for the genesis; null: next.key is kept elsewhere already. */
  nextKeyHash: Hash | null
  peerKey: Uint8Array
}

/**
 * Opens the home folder; missing keys are created, the ledger's only when none is given. Throws BAD_FILE,
 * NOT_PERMITTED.
 */
export async function openHome(home: string, random: Random, given?: SigningKey): Promise<Home> {
  const files = paths(home)
  makeOwnFolder(home)
  const peerKey = await ensureKeyFile(files.peerKey, () => random.bytes(HASH_BYTES))
  if (given !== undefined) return { paths: files, signingKey: given, nextKeyHash: null, peerKey }
  const fresh = !existsSync(files.ledgerKey)
  // A database or a mark without its key is not a new home: a new key could not continue that ledger.
  if (fresh && (existsSync(files.signer) || existsSync(files.db))) {
    throw new LedgermeshError(
      'BAD_FILE',
      `${files.ledgerKey} is missing, but ${home} holds a ledger: put the key back, or choose another home`
    )
  }
  // next.key first, so that a home with a ledger.key always has a next.key, even after a crash in between.
  if (fresh) await ensureKeyFile(files.nextKey, () => random.bytes(HASH_BYTES))
  const signingKey = signingKeyFromSeed(await ensureKeyFile(files.ledgerKey, () => random.bytes(HASH_BYTES)))
  const nextKeyHash = existsSync(files.nextKey)
    ? keyHash(signingKeyFromSeed(readKeyFile(files.nextKey)).publicKey)
    : null
  return { paths: files, signingKey, nextKeyHash, peerKey }
}
