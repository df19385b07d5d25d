/** Resolves a prefix of an entry's id or hash. Only visible entries count (I4). */
import { LedgermeshError } from '../../core/errors.js'
import { isHash, type Hash } from '../../core/hash.js'
import type { LedgerId } from '../../core/ledger-id.js'
import type { Ledger } from '../../ledger/ledger.js'
import { MAX_CANDIDATES } from './ledger-handle.js'

/** Least hex digits of a hash prefix. */
export const MIN_HASH_PREFIX_DIGITS = 8

const HASH_PREFIX = new RegExp(`^[0-9a-f]{${MIN_HASH_PREFIX_DIGITS},64}$`)

interface Candidate {
  ledger: LedgerId
  seq: number
  id: string
  hash: Hash
}

/**
 * The id as given, when an entry has it or no id has this prefix (then the caller reports that it is not found).
 * Otherwise the hash. Throws AMBIGUOUS.
 */
export async function resolveEntry(given: string, ledgers: Ledger[]): Promise<{ id: string } | { hash: Hash }> {
  const text = given.replace(/…$/, '')
  const hashes = await byHash(text, ledgers)
  // An adopted entry has the hash of its original as its id: where both match, the original is meant.
  if (isHash(given) && hashes.length > 0) return { hash: given }
  for (const ledger of ledgers) if ((await ledger.reader.seqOfId(given, ledger.visible)) !== null) return { id: given }
  const ids = await beginning(ledgers, (ledger, limit) => ledger.reader.seqsOfIdPrefix(text, ledger.visible, limit))
  const found = [...ids.filter(({ id }) => !hashes.some(({ hash }) => hash === id)), ...hashes]
  return found.length === 0 ? { id: given } : { hash: only(given, found) }
}

/** Throws AMBIGUOUS; NOT_FOUND when no entry has the prefix. */
export async function resolveHash(given: string, ledgers: Ledger[]): Promise<Hash> {
  const whole: boolean = isHash(given)
  if (whole) return given
  const text = given.replace(/…$/, '')
  if (!HASH_PREFIX.test(text))
    throw new LedgermeshError(
      'INVALID_PARAMS',
      `${JSON.stringify(given.slice(0, 80))} is neither 64 lower-case hex digits nor the first ${MIN_HASH_PREFIX_DIGITS} or more of them`
    )
  const found = await byHash(text, ledgers)
  if (found.length === 0) throw new LedgermeshError('NOT_FOUND', `no entry whose hash begins with ${text}`)
  return only(given, found)
}

async function byHash(text: string, ledgers: Ledger[]): Promise<Candidate[]> {
  return HASH_PREFIX.test(text)
    ? await beginning(ledgers, (ledger, limit) => ledger.reader.seqsOfHashPrefix(text, ledger.visible, limit))
    : []
}

/** One more than are shown, to know whether there are more. */
async function beginning(
  ledgers: Ledger[],
  seqsIn: (ledger: Ledger, limit: number) => Promise<number[]>
): Promise<Candidate[]> {
  const found: Candidate[] = []
  for (const ledger of ledgers) {
    const left = MAX_CANDIDATES + 1 - found.length
    if (left <= 0) break
    for (const entry of await ledger.reader.many(await seqsIn(ledger, left))) {
      if (entry !== null)
        found.push({ ledger: ledger.id, seq: entry.header.seq, id: entry.header.id, hash: entry.hash })
    }
  }
  return found
}

function only(given: string, found: Candidate[]): Hash {
  const hashes = new Set(found.map(({ hash }) => hash))
  if (hashes.size === 1) return found[0]!.hash
  const more = hashes.size > MAX_CANDIDATES ? `more than ${MAX_CANDIDATES}` : String(hashes.size)
  throw new LedgermeshError('AMBIGUOUS', `${JSON.stringify(given.slice(0, 80))} is the beginning of ${more} entries`, {
    candidates: found.slice(0, MAX_CANDIDATES),
    more: Math.max(0, found.length - MAX_CANDIDATES)
  })
}
