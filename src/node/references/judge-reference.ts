/** Determines the status of a reference by the ledgers held here. */
import type { Reference } from '../../core/reference.js'
import type { Ledger } from '../../ledger/ledger.js'
import type { Ledgers } from '../../ledger/ledgers.js'
import { resolveReference } from '../../ledger/read/reference-target.js'
import type { ReferenceStatus } from '../../references/types.js'

export interface JudgedReference {
  status: Exclude<ReferenceStatus, 'proved'>
  /**
   * The smallest size of the target's ledger that shows the status; 0: no entry of it is held, or the hash alone
   * decides.
   */
  asOf: number
  /** Present exactly when the reference is verified. */
  target: { ledger: Ledger; seq: number } | null
}

/** Throws STORE_DAMAGED. */
export async function judgeReference(reference: Reference, ledgers: Ledgers): Promise<JudgedReference> {
  const ledger = ledgers.get(reference.ledgerId)
  const resolution = await resolveReference(reference, ledgers.held)
  if (resolution.state === 'contradicted') {
    const { entryHash } = resolution.held
    const isByHash = entryHash === reference.entryHash
    return without('contradicted', isByHash ? 0 : ((await ledgers.findByHash(entryHash))?.seq ?? -1) + 1)
  }
  if (ledger === undefined) return without('unresolved')
  if (resolution.state === 'unresolved')
    return without((await isBehindFreeze(ledger, reference)) ? 'disputed' : 'unresolved')
  const seq = resolution.held ? ((await ledgers.findByHash(resolution.hash))?.seq ?? null) : null
  // An entry that was not audited yet may still have an invalid signature.
  if (seq === null || seq >= ledger.audited) return without('unresolved')
  return { status: 'verified', asOf: seq + 1, target: { ledger, seq } }
}

function without(status: JudgedReference['status'], asOf = 0): JudgedReference {
  return { status, asOf, target: null }
}

async function isBehindFreeze({ reader, size, visible }: Ledger, { entryId, entryHash }: Reference): Promise<boolean> {
  if (size === visible) return false
  return entryHash === null
    ? (await reader.seqOfId(entryId, size)) !== null
    : (await reader.seqOfHash(entryHash, size)) !== null
}
