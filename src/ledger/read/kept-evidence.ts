import { isCoded } from '../../core/errors.js'
import type { Verify } from '../../core/signature.js'
import { verifyEvidence, type VerifiedEvidence } from '../../core/verify-evidence.js'

/** The view of a ledger that reading its evidence needs. */
export interface KeepsEvidence {
  allEvidence: () => Promise<Uint8Array[]>
}

/** Stored evidence; null: it is damaged. */
export async function readEvidence(bytes: Uint8Array, verify: Verify): Promise<VerifiedEvidence | null> {
  try {
    return await verifyEvidence(bytes, { verify })
  } catch (error) {
    if (isCoded(error, 'BAD_EVIDENCE')) return null
    throw error
  }
}

/** All undamaged evidence stored against the ledger. */
export async function keptEvidence(ledger: KeepsEvidence, verify: Verify): Promise<VerifiedEvidence[]> {
  const read = await Promise.all((await ledger.allEvidence()).map(async (bytes) => await readEvidence(bytes, verify)))
  return read.filter((one) => one !== null)
}
