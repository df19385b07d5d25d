import { toUtf8 } from '#platform'
import { decodeEntry, verifyEntrySignature } from './entry.js'
import { LedgermeshError } from './errors.js'
import { fromHex, type Hash } from './hash.js'
import type { Header } from './header.js'
import type { LedgerEntry } from './view.js'
import { verifySignature } from './signature.js'

const SIGNATURE = /^[0-9a-f]{128}$/

/**
 * Checks an entry from the `raw` member of its view alone: grammar, signature under its own `key`, payload against its
 * hash. It does not show that the key was the ledger's, or that the entry is part of the ledger: the chain, proofs and
 * checkpoints show that. Throws MALFORMED, NOT_CANONICAL, TOO_LARGE, UPGRADE_NEEDED, PAYLOAD_MISMATCH or BAD_SIGNATURE.
 */
export function verifyEntry({ header, payload, signature }: LedgerEntry['raw']): { hash: Hash; header: Header } {
  if (!SIGNATURE.test(signature)) throw new LedgermeshError('MALFORMED', 'a signature is 64 bytes, as hex')
  const entry = decodeEntry({
    header: toUtf8(header),
    signature: fromHex(signature),
    payload: payload === null ? null : toUtf8(payload)
  })
  if (!verifyEntrySignature(entry, verifySignature))
    throw new LedgermeshError('BAD_SIGNATURE', 'the entry is not signed by its key')
  return { hash: entry.hash, header: entry.header }
}
