import { isCoded } from '../core/errors.js'
import type { Verify } from '../core/signature.js'
import { verifyEvidence, type VerifiedEvidence } from '../core/verify-evidence.js'
import type { Mirror } from '../ledger/mirror.js'
import type { EvidenceSummary } from './api.js'

/** All that is kept against these ledgers, whether it freezes them or not. What the disk has damaged is left out: fsck names it. */
export async function listEvidence (ledgers: Mirror[], verify: Verify): Promise<EvidenceSummary[]> {
  const listed: EvidenceSummary[] = []
  for (const ledger of ledgers) {
    for (const { bytes, freezes } of await ledger.allEvidence()) {
      const proven = await readEvidence(bytes, verify)
      if (proven !== null) listed.push({ id: proven.id, ledger: ledger.id, kind: proven.kind, seq: proven.seq, freezes, evidence: Buffer.from(bytes).toString() })
    }
  }
  return listed
}

/** Evidence that is stored; null: it is damaged. */
export async function readEvidence (bytes: Uint8Array, verify: Verify): Promise<VerifiedEvidence | null> {
  try {
    return await verifyEvidence(bytes, { verify })
  } catch (error) {
    if (isCoded(error, 'BAD_EVIDENCE')) return null
    throw error
  }
}
