/** Fetches a range from a peer, and verifies it. */
import { verifyRange } from '../../core/chain.js'
import type { Entry, RawEntry, SignedHeader } from '../../core/entry.js'
import { isCoded, LedgermeshError } from '../../core/errors.js'
import type { LedgerId } from '../../core/ledger-id.js'
import type { Verify } from '../../core/signature.js'
import type { Wanted } from '../../core/payload-filter.js'
import { failureOf } from '../sessions/peer-fault.js'
import type { PeerRequests } from '../sessions/peer-requests.js'

/** Entries requested after a range whose last entry is not signed by its key. */
const LOOK_BEHIND = 64

/** Throws the errors of the entry grammar. */
export type Decode = (raw: RawEntry) => Entry

/**
 * Distinguishes entries that an author signed against the rules (then there is evidence now) from entries that a peer
 * made up.
 */
export interface AuthorsFault {
  header: (raw: SignedHeader) => Promise<boolean>
  /** How many entries precede the one that broke a rule; null: it is not the author's fault. */
  range: (entries: Entry[]) => Promise<number | null>
}

export interface FetchInit {
  peerNetwork: Pick<PeerRequests, 'fetchRange'>
  decode: Decode
}

/**
 * At least one entry, at most `count`; they chain, and a valid signature authenticates them: that of the last one, or
 * of a later one. An author may have left an entry unsigned, and a peer that sends it in good faith cannot know. Throws
 * an error that proves that the peer made it up, FROZEN for the author's fault, or the reason of the failure.
 */
export async function fetchVerified(
  { peerNetwork, decode }: FetchInit,
  peer: string,
  request: { ledger: LedgerId; from: number; count: number; filters: Wanted },
  verify: Verify,
  fault: AuthorsFault,
  signal: AbortSignal
): Promise<Entry[]> {
  const { ledger, from } = request
  const entries = await decodeGood(await peerNetwork.fetchRange(peer, request, signal), decode, fault)
  if (entries[0]?.header.seq !== from)
    throw new LedgermeshError('MALFORMED', 'the range does not start where it was asked to')
  try {
    await verifyRange(ledger, entries, verify)
  } catch (error) {
    const good = isCoded(error, 'BROKEN_LINK') ? await fault.range(entries) : null
    if (good !== null) return await verified(ledger, entries.slice(0, good), verify, error)
    if (!isCoded(error, 'BAD_SIGNATURE')) throw error
    const behind = await fetchBehind({ peerNetwork, decode }, peer, ledger, from + entries.length, fault, signal)
    if (!(await isAuthenticatedBehind(ledger, entries, behind, verify))) throw error
  }
  return entries
}

/** The entries before the author's fault, if a signature authenticates them. */
async function verified(ledger: LedgerId, entries: Entry[], verify: Verify, fault: unknown): Promise<Entry[]> {
  try {
    await verifyRange(ledger, entries, verify)
    return entries
  } catch (error) {
    if (isCoded(error, 'BAD_SIGNATURE')) throw authorsFault(fault)
    throw error
  }
}

/** None: the peer has no more, whatever its head claims. */
async function fetchBehind(
  { peerNetwork, decode }: FetchInit,
  peer: string,
  ledger: LedgerId,
  from: number,
  fault: AuthorsFault,
  signal: AbortSignal
): Promise<Entry[]> {
  try {
    return await decodeGood(
      await peerNetwork.fetchRange(peer, { ledger, from, count: LOOK_BEHIND, filters: null }, signal),
      decode,
      fault
    )
  } catch (error) {
    if (failureOf(error).code === 'NOT_FOUND') return []
    throw error
  }
}

async function isAuthenticatedBehind(
  ledger: LedgerId,
  entries: Entry[],
  behind: Entry[],
  verify: Verify
): Promise<boolean> {
  for (let end = behind.length, step = 1; end > 0; end -= step, step *= 2) {
    try {
      await verifyRange(ledger, [...entries, ...behind.slice(0, end)], verify)
      return true
    } catch (error) {
      if (!isCoded(error, 'BAD_SIGNATURE')) throw error
    }
  }
  return false
}

/**
 * The entries, if any, before the first one that needs a newer version or that breaks a rule: these are valid by
 * themselves.
 */
async function decodeGood(raw: RawEntry[], decode: Decode, fault: AuthorsFault): Promise<Entry[]> {
  const entries: Entry[] = []
  for (const one of raw) {
    try {
      entries.push(decode(one))
    } catch (error) {
      const isNewer = isCoded(error, 'UPGRADE_NEEDED')
      if (!isNewer && (!isCoded(error) || !(await fault.header(one)))) throw error
      if (entries.length > 0) break
      throw isNewer ? error : authorsFault(error)
    }
  }
  return entries
}

function authorsFault(cause: unknown): LedgermeshError {
  return new LedgermeshError('FROZEN', 'the author signed what breaks a rule', undefined, { cause })
}
