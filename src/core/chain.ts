/**
 * The chain rule: from the bytes of the entries alone follows which key is in force at every seq, and whether an entry
 * continues the ledger.
 */
import { LedgermeshError } from './errors.js'
import { ledgerOf, verifyEntrySignature, type Entry } from './entry.js'
import { sha256, fromHex, type Hash } from './hash.js'
import { genesisHashOf, type LedgerId } from './ledger-id.js'
import { isOfType, setsKey } from './ledger-types.js'
import type { Verify } from './signature.js'

/** What a ledger's first `size` entries say about the next one. */
export interface ChainState {
  ledger: LedgerId
  network: string
  name: string
  access: 'public' | 'private'
  /** Entries so far; the next entry has this seq. */
  size: number
  headHash: Hash
  /** The key in force after `size` entries, hex. */
  key: string
  /** SHA-256 of the only key that may rotate; null: never rotates. */
  nextKeyHash: Hash | null
}

/** The state after genesis. Throws WRONG_LEDGER unless the entry is the genesis that the id names. */
export function startChain(ledger: LedgerId, genesis: Entry): ChainState {
  const { header } = genesis
  if (header.seq !== 0 || genesis.hash !== genesisHashOf(ledger) || !isOfType(header, 'ledger.genesis'))
    throw new LedgermeshError('WRONG_LEDGER', `entry 0 is not the genesis of ${ledger}`)
  const { meta } = header
  return {
    ledger,
    network: meta.network,
    name: meta.name,
    access: meta.access,
    size: 1,
    headHash: genesis.hash,
    key: header.key,
    nextKeyHash: meta.next_key_hash
  }
}

/**
 * The state after one more entry. Throws WRONG_LEDGER, BROKEN_LINK (seq or prev_hash) or KEY_NOT_IN_FORCE. The caller
 * checks the signature: one valid signature authenticates every byte before it.
 */
export function extendChain(state: ChainState, entry: Entry): ChainState {
  const { header } = entry
  if (header.ledger !== state.ledger)
    throw new LedgermeshError('WRONG_LEDGER', `entry ${header.seq} belongs to ${String(header.ledger)}`)
  if (header.seq !== state.size)
    throw new LedgermeshError('BROKEN_LINK', `entry ${header.seq} where ${state.size} follows`)
  if (header.prev_hash !== state.headHash)
    throw new LedgermeshError('BROKEN_LINK', `entry ${header.seq} does not link to entry ${state.size - 1}`)
  const rotates = isOfType(header, 'ledger.rotate-key')
  if (rotates ? keyHash(header.key) !== state.nextKeyHash : header.key !== state.key) {
    throw new LedgermeshError(
      'KEY_NOT_IN_FORCE',
      `entry ${header.seq} is not signed by ${rotates ? 'the committed next key' : 'the key in force'}`
    )
  }
  return {
    ...state,
    size: state.size + 1,
    headHash: entry.hash,
    ...(rotates ? { key: header.key, nextKeyHash: header.meta.next_key_hash } : {})
  }
}

/** What a genesis or a rotation commits to: SHA-256 of the next public key's 32 bytes. */
export function keyHash(publicKeyHex: string): Hash {
  return sha256(fromHex(publicKeyHex))
}

/**
 * A range that chains and ends in a valid signature is wholly its author's (DESIGN §2), whichever peer sent it. Throws
 * MALFORMED when empty, WRONG_LEDGER, BROKEN_LINK, or BAD_SIGNATURE (of the last entry under its own `key`).
 * `extendChain` decides whether the range continues a held chain and its keys are in force.
 */
export async function verifyRange(ledger: LedgerId, entries: Entry[], verify: Verify): Promise<void> {
  const last = entries.at(-1)
  if (last === undefined) throw new LedgermeshError('MALFORMED', 'an empty range')
  let previous: Entry | undefined
  for (const entry of entries) {
    if (ledgerOf(entry) !== ledger)
      throw new LedgermeshError('WRONG_LEDGER', `entry ${entry.header.seq} belongs to another ledger`)
    if (
      previous !== undefined &&
      (entry.header.seq !== previous.header.seq + 1 || entry.header.prev_hash !== previous.hash)
    ) {
      throw new LedgermeshError('BROKEN_LINK', `entry ${entry.header.seq} does not link to the one before it`)
    }
    previous = entry
  }
  if (!(await verifyEntrySignature(last, verify)))
    throw new LedgermeshError('BAD_SIGNATURE', `entry ${last.header.seq}`)
}

/**
 * The chain state's keys from key entries alone (genesis and every rotation up to some seq), for receivers that hold no
 * entry of the ledger. Throws WRONG_LEDGER, KEY_NOT_IN_FORCE, BAD_SIGNATURE or MALFORMED.
 */
export async function verifyKeyEntries(ledger: LedgerId, entries: Entry[], verify: Verify): Promise<KeyHistory> {
  const genesis = entries[0]
  if (genesis === undefined) throw new LedgermeshError('MALFORMED', 'key entries start with the genesis')
  const { network, name, access } = startChain(ledger, genesis)
  const keys: KeyEpoch[] = []
  let next: Hash | null = null
  for (const entry of entries) {
    const { header } = entry
    const first = keys.length === 0
    if (!setsKey(header) || (!first && (header.ledger !== ledger || header.seq <= keys.at(-1)!.from)))
      throw new LedgermeshError('MALFORMED', 'not the key entries of one ledger, in order')
    if (!first && keyHash(header.key) !== next)
      throw new LedgermeshError('KEY_NOT_IN_FORCE', `rotation at entry ${header.seq}`)
    if (!(await verifyEntrySignature(entry, verify)))
      throw new LedgermeshError('BAD_SIGNATURE', `key entry ${header.seq}`)
    next = header.meta.next_key_hash as Hash | null
    keys.push(keyEpoch(entry))
  }
  return { ledger, network, name, access, keys }
}

/**
 * A ledger's keys in the order in which they were in force, from its genesis and its rotations, and the contents of the
 * genesis.
 */
export interface KeyHistory {
  ledger: LedgerId
  network: string
  name: string
  access: 'public' | 'private'
  /** Ascending. */
  keys: KeyEpoch[]
}

/**
 * `key` is in force from entry `from` on, whose hash is `hash`; the only key that may follow it has the SHA-256
 * `nextKeyHash`.
 */
export interface KeyEpoch {
  from: number
  key: string
  hash: Hash
  nextKeyHash: Hash | null
}

/** The contents of a genesis or a rotation. */
export function keyEpoch({ header, hash }: Entry): KeyEpoch {
  return { from: header.seq, key: header.key, hash, nextKeyHash: header.meta.next_key_hash as Hash | null }
}

/** The key in force for entry `seq` of the history. */
export function keyInForce(history: { keys: readonly Pick<KeyEpoch, 'from' | 'key'>[] }, seq: number): string {
  let key = history.keys[0]!.key
  for (const epoch of history.keys) if (epoch.from <= seq) key = epoch.key
  return key
}
