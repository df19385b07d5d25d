/** A range from a peer, as its author signed it. */
import { verifyRange } from '../core/chain.js'
import { decodeEntry, type Entry, type RawEntry } from '../core/entry.js'
import { isCoded, LedgermeshError } from '../core/errors.js'
import type { LedgerId } from '../core/ledger-id.js'
import type { Verify } from '../core/signature.js'
import type { Wanted } from './filters.js'
import { failureOf } from './failure.js'
import type { Mesh } from './mesh.js'

/** Entries asked for behind a range whose last entry is not signed by its key. */
const LOOK_BEHIND = 64

/**
 * At least one entry, at most `count`; they chain, and a valid signature authenticates them: that of the last one, or of one behind it. An author may
 * have left an entry unsigned, and whoever hands it over in good faith cannot know where a range ends. Throws what proves the peer's lie, or why it failed.
 */
export async function fetchVerified (mesh: Mesh, peer: string, request: { ledger: LedgerId, from: number, count: number, filters: Wanted }, verify: Verify, signal: AbortSignal): Promise<Entry[]> {
  const { ledger, from } = request
  const entries = decodeUntilNewer(await mesh.fetchRange(peer, request, signal))
  if (entries[0]?.header.seq !== from) throw new LedgermeshError('MALFORMED', 'the range does not start where it was asked to')
  try {
    await verifyRange(ledger, entries, verify)
  } catch (error) {
    if (!isCoded(error, 'BAD_SIGNATURE')) throw error
    const behind = await fetchBehind(mesh, peer, ledger, from + entries.length, signal)
    if (!await isAuthenticatedBehind(ledger, entries, behind, verify)) throw error
  }
  return entries
}

/** None: the peer has no more, whatever its head says. */
async function fetchBehind (mesh: Mesh, peer: string, ledger: LedgerId, from: number, signal: AbortSignal): Promise<Entry[]> {
  try {
    return decodeUntilNewer(await mesh.fetchRange(peer, { ledger, from, count: LOOK_BEHIND, filters: null }, signal))
  } catch (error) {
    if (failureOf(error).code === 'NOT_FOUND') return []
    throw error
  }
}

async function isAuthenticatedBehind (ledger: LedgerId, entries: Entry[], behind: Entry[], verify: Verify): Promise<boolean> {
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

/** The entries before the first one that needs a newer version, if there are any: they are good by themselves. */
function decodeUntilNewer (raw: RawEntry[]): Entry[] {
  const entries: Entry[] = []
  for (const one of raw) {
    try {
      entries.push(decodeEntry(one))
    } catch (error) {
      if (entries.length > 0 && isCoded(error, 'UPGRADE_NEEDED')) break
      throw error
    }
  }
  return entries
}
