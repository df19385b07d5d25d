/** What a node record proves: by itself, by its key entries, and by the chains held here. */
import { verifyKeyEntries, type KeyHistory } from '../../core/chain.js'
import { decodeSigned, type SignedHeader } from '../../core/entry.js'
import { isCoded, LedgermeshError } from '../../core/errors.js'
import { sha256, type Hash } from '../../core/hash.js'
import { verifyNodeRecord, type NodeRecord, type SignedNodeRecord } from '../../core/node-record.js'
import type { Verify } from '../../core/signature.js'

export interface ShownRecord extends SignedNodeRecord {
  keyEntries: SignedHeader[]
}

/**
 * A record that is signed by its own `key`. Whether that key may represent the ledger: see `shownKey` and
 * NodeAuthority.
 */
export interface CheckedRecord {
  /** SHA-256 of its bytes. */
  hash: Hash
  record: NodeRecord
  /**
   * The newest key by the key entries, hex: the ledger's key, unless a later rotation was withheld. null: no key
   * entries were shown.
   */
  shownKey: string | null
  /** The ledger's name and access from its genesis; null: never shown. */
  name: string | null
  access: 'public' | 'private' | null
}

/** Most key entries of one ledger with a record: more would be an attempt to cause work. */
const MAX_KEY_ENTRIES = 256

/** A record from the future would supersede all later ones; clocks may differ by this many ms. */
const MAX_SKEW_MS = 10 * 60_000

/** Is the record in force at `now` (ms since the epoch)? */
export function isInForce({ issued, expires }: NodeRecord, now: number): boolean {
  return expires > now && issued <= now + MAX_SKEW_MS
}

/**
 * Checks signature, network and key entries; not the time, see `isInForce`.
 * Throws BAD_RECORD, WRONG_NETWORK, WRONG_LEDGER, BAD_SIGNATURE, KEY_NOT_IN_FORCE, MALFORMED, NOT_CANONICAL or
 * OVERLOADED.
 */
export async function checkRecord(
  shown: ShownRecord,
  { network, verify }: { network: string; verify: Verify }
): Promise<CheckedRecord> {
  const record = await verifyNodeRecord(shown, network, 0, verify)
  if (shown.keyEntries.length > MAX_KEY_ENTRIES) throw new LedgermeshError('BAD_RECORD', 'too many key entries')
  const history = shown.keyEntries.length === 0 ? null : await historyOf(record, shown.keyEntries, verify)
  if (history !== null && history.network !== network)
    throw new LedgermeshError('WRONG_NETWORK', `the ledger of this node belongs to network ${history.network}`)
  return {
    record,
    hash: sha256(shown.body),
    shownKey: history?.keys.at(-1)!.key ?? null,
    name: history?.name ?? null,
    access: history?.access ?? null
  }
}

/** null: the key entries need a newer version, and prove nothing here. */
async function historyOf(record: NodeRecord, keyEntries: SignedHeader[], verify: Verify): Promise<KeyHistory | null> {
  try {
    return await verifyKeyEntries(record.ledger, keyEntries.map(decodeSigned), verify)
  } catch (error) {
    if (isCoded(error, 'UPGRADE_NEEDED')) return null
    throw error
  }
}
