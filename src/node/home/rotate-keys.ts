/**
 * Replaces the ledger key by the next key. Nothing is ever signed with a key that is not in a file, and no key leaves
 * its file before
 * the one that follows it is on the disk, so a crash at any step loses nothing:
 *   1. ledger.key.rotating (the next key) and next.key.rotating (a fresh one) are written
 *   2. ledger.rotate-key is appended: signed by the one, committing to the other
 *   3. ledger.key becomes ledger.key.retired-<start of its public key>, which no node reads
 * 4. ledger.key.rotating becomes ledger.key 5. next.key.rotating becomes next.key The next opening of the home repeats
 *   steps 3 to 5 (`finishRotation`): the chain decides.
 */
import { existsSync, linkSync, renameSync } from 'node:fs'
import { ensureKeyFile, readKeyFile } from '../../config/key-file.js'
import { paths as pathsOf, type Paths } from '../../config/paths.js'
import { keyHash, type ChainState } from '../../core/chain.js'
import { LedgermeshError } from '../../core/errors.js'
import { signingKeyFromSeed, type SigningKey } from '../../core/keys.js'
import { HASH_BYTES } from '../../core/limits.js'
import { verifySignature, type Verify } from '../../core/signature.js'
import { wayOut } from '../../ledger/signer/way-out.js'
import { openLedgers } from '../../ledger/ledgers.js'
import { lastKeyEntry, ownChain } from '../../ledger/own-chain.js'
import type { OwnLedger } from '../../ledger/own-ledger.js'
import type { Clock, Log, Random } from '../../ports.js'
import { syncFolderNow } from '../../store/durable-file.js'
import { openStore } from '../../store/store.js'
import type { Rotated } from '../api/node.js'
import { readMemory } from './signer-memory.js'

export const ROTATION_STEPS = ['keys-written', 'committed', 'retired', 'ledger-key', 'next-key'] as const
export type RotationStep = (typeof ROTATION_STEPS)[number]

/**
 * Rotates without a running node, so no peer is asked whether this home is older than its ledger: see `rotateRunning`.
 * For an owner who lost ledger.key, or has no peers.
 */
export interface RotateOptions {
  home: string
  /** The file of the next key. Default: next.key in the home. It is read, never changed. */
  nextKeyFile?: string | undefined
  clock: Clock
  random: Random
  log: Log
  /** For tests: called after each step. */
  onStep?: (step: RotationStep) => void
}

/** Digits of a public key in the name of its retired file. */
const NAME_DIGITS = 16

/** The node must be stopped. Throws ALREADY_RUNNING, BAD_FILE, BAD_KEY, KEY_NOT_IN_FORCE, RESTORING, TWIN. */
export async function rotateKeys({
  home,
  nextKeyFile,
  clock,
  random,
  log,
  onStep = () => undefined
}: RotateOptions): Promise<Rotated> {
  const files = pathsOf(home)
  if (!existsSync(files.db)) throw new LedgermeshError('NO_LEDGER', `there is no ledger in ${home}`)
  const store = await openStore(files.db, { log })
  try {
    const before = await ownChain(store)
    if (before === null) throw new LedgermeshError('NO_LEDGER', `there is no ledger in ${home}`)
    const interrupted = finishRotation(files, before, onStep)
    // the rotation had been made, only its files were not moved: one rotation is enough
    if (interrupted !== null && before.nextKeyHash !== null)
      return {
        ledger: before.ledger,
        seq: await lastKeyEntry(store),
        key: before.key,
        nextKeyHash: before.nextKeyHash,
        retired: interrupted.retired
      }
    if ((await readMemory(files.witnesses)).twin !== null)
      throw new LedgermeshError('TWIN', 'another node signed with the keys of this home')
    const { signer, next } = await writeKeys(files, before, nextKeyFile, random)
    onStep('keys-written')
    const ledgers = await openLedgers({
      store,
      clock,
      random,
      log,
      network: before.network,
      verify: verifySignature,
      markFile: files.signer,
      signingKey: signer
    })
    let seq: number
    try {
      seq = (
        await ledgers.own.rotateKey(
          signer,
          keyHash(next.publicKey),
          await wayOut(ledgers.own, signer.publicKey, verifySignature)
        )
      ).entry.seq
    } finally {
      await ledgers.close()
    }
    onStep('committed')
    const finished = finishRotation(files, (await ownChain(store))!, onStep)
    return {
      ledger: before.ledger,
      seq,
      key: signer.publicKey,
      nextKeyHash: keyHash(next.publicKey),
      retired: finished?.retired ?? null
    }
  } finally {
    await store.close()
  }
}

export interface RunningRotation {
  paths: Paths
  own: OwnLedger
  random: Random
  verify: Verify
  nextKeyFile?: string | undefined
}

/**
 * R2: rotates in the running node, which has asked other nodes first: in a home restored from before a rotation the
 * next key would sign a second one, and the ledger would be forked for good. The node continues with the new key. One
 * call at a time. Throws BAD_FILE, BAD_KEY, KEY_NOT_IN_FORCE, CONFIRMING, RESTORING, TWIN, FROZEN, STORE_FAILED.
 */
export async function rotateRunning({ paths, own, random, verify, nextKeyFile }: RunningRotation): Promise<Rotated> {
  const { chain } = own
  if (chain === null) throw new LedgermeshError('RESTORING', 'nothing of the own ledger is here yet')
  const ends = await wayOut(own, committedKey(paths, chain, nextKeyFile), verify)
  const { signer, next } = await writeKeys(paths, chain, nextKeyFile, random)
  const {
    entry: { seq }
  } = await own.rotateKey(signer, keyHash(next.publicKey), ends)
  const finished = finishRotation(paths, own.chain!)
  return {
    ledger: own.id,
    seq,
    key: signer.publicKey,
    nextKeyHash: keyHash(next.publicKey),
    retired: finished?.retired ?? null
  }
}

/** Its public key, hex. */
function committedKey(files: Paths, chain: ChainState, nextKeyFile: string | undefined): string {
  return signingKeyFromSeed(nextKeyOf(files, chain, nextKeyFile).seed).publicKey
}

/** Step 1. Files of an earlier attempt are used again. */
async function writeKeys(
  files: Paths,
  chain: ChainState,
  nextKeyFile: string | undefined,
  random: Random
): Promise<{ signer: SigningKey; next: SigningKey }> {
  const key = nextKeyOf(files, chain, nextKeyFile)
  await ensureKeyFile(files.rotatingLedgerKey, () => key.seed)
  const next = signingKeyFromSeed(await ensureKeyFile(files.rotatingNextKey, () => random.bytes(HASH_BYTES)))
  return { signer: signingKeyFromSeed(readKeyFile(files.rotatingLedgerKey)), next }
}

/**
 * Moves the files of a rotation that is in the chain to their places; `retired`: the new place of the old key. Null
 * when no rotation is unfinished.
 */
export function finishRotation(
  files: Paths,
  { key, nextKeyHash }: Pick<ChainState, 'key' | 'nextKeyHash'>,
  onStep: (step: RotationStep) => void = () => undefined
): { retired: string | null } | null {
  let retired: string | null = null
  let finished = false
  if (existsSync(files.rotatingLedgerKey) && publicKeyIn(files.rotatingLedgerKey) === key) {
    if (existsSync(files.ledgerKey) && publicKeyIn(files.ledgerKey) !== key) {
      retired = `${files.ledgerKey}.retired-${publicKeyIn(files.ledgerKey).slice(0, NAME_DIGITS)}`
      if (!existsSync(retired)) linkSync(files.ledgerKey, retired)
      syncFolderNow(files.home)
      onStep('retired')
    }
    finished = true
    renameSync(files.rotatingLedgerKey, files.ledgerKey)
    syncFolderNow(files.home)
    onStep('ledger-key')
  }
  if (
    nextKeyHash !== null &&
    existsSync(files.rotatingNextKey) &&
    keyHash(publicKeyIn(files.rotatingNextKey)) === nextKeyHash
  ) {
    finished = true
    renameSync(files.rotatingNextKey, files.nextKey)
    syncFolderNow(files.home)
    onStep('next-key')
  }
  return finished ? { retired } : null
}

/** The seed of the committed key, from the file that is named, else from next.key. */
function nextKeyOf(files: Paths, { nextKeyHash }: ChainState, given: string | undefined): { seed: Uint8Array } {
  if (nextKeyHash === null)
    throw new LedgermeshError('KEY_NOT_IN_FORCE', 'this ledger was made without a next key: it never rotates')
  const file = given ?? files.nextKey
  if (!existsSync(file))
    throw new LedgermeshError(
      'BAD_FILE',
      given === undefined
        ? `${file} is not here: name the file that you moved it to with --next-key`
        : `there is no file ${file}`
    )
  const committed = (path: string): boolean => keyHash(publicKeyIn(path)) === nextKeyHash
  if (!committed(file))
    throw new LedgermeshError('BAD_KEY', `${file} is not the next key that the ledger has committed to`)
  // step 5 puts the fresh one in its place
  if (existsSync(files.nextKey) && !committed(files.nextKey))
    throw new LedgermeshError('BAD_FILE', `${files.nextKey} is not the ledger's next key: move it away first`)
  if (existsSync(files.rotatingLedgerKey) && !committed(files.rotatingLedgerKey))
    throw new LedgermeshError('BAD_FILE', `${files.rotatingLedgerKey} belongs to another rotation: move it away first`)
  return { seed: readKeyFile(file) }
}

function publicKeyIn(file: string): string {
  return signingKeyFromSeed(readKeyFile(file)).publicKey
}
