/**
 * The owner's way out of a freeze (R1): a thief of the key in force can make evidence against the ledger for ever, but
 * not once the committed next key has retired that key. Evidence by the next key itself, and two rotations by one key,
 * are not ended by any rotation.
 */
import { LedgermeshError } from '../../core/errors.js'
import type { HeldChain } from '../../core/judge-evidence.js'
import type { Verify } from '../../core/signature.js'
import { Standing } from '../../core/standing.js'
import { keptEvidence, type KeepsEvidence } from '../read/kept-evidence.js'
import type { LedgerState } from '../read/records.js'
import type { StandingRow } from '../read/standing-row.js'

/** The own ledger. */
export interface Accused extends KeepsEvidence {
  readonly frozen: LedgerState['frozen']
  readonly standing: StandingRow
  heldChain: () => Promise<HeldChain | null>
}

/**
 * The evidence (its id in the ledger's state) whose freeze ends with a rotation to `key` (hex); null: the ledger is not
 * frozen. Throws FROZEN when it would not end.
 */
export async function wayOut(own: Accused, key: string, verify: Verify): Promise<string | null> {
  const {
    frozen,
    standing: { facts }
  } = own
  const held = await own.heldChain()
  if (frozen === null || held === null) return null
  if (new Standing(facts).endsWith(held, await keptEvidence(own, verify), key)) return frozen.evidence
  throw new LedgermeshError(
    'FROZEN',
    'the evidence against the own ledger would outlive the rotation: the next key is accused, too, or has signed another one'
  )
}
