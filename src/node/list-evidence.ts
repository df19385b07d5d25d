import type { Verify } from '../core/signature.js'
import { verifyEvidence } from '../core/verify-evidence.js'
import type { Mirror } from '../ledger/mirror.js'
import type { EvidenceSummary } from './api.js'

/** All that is kept against these ledgers, whether it freezes them or not. */
export async function listEvidence (ledgers: Mirror[], verify: Verify): Promise<EvidenceSummary[]> {
  const listed: EvidenceSummary[] = []
  for (const ledger of ledgers) {
    for (const { bytes, freezes } of await ledger.allEvidence()) {
      const { id, kind, seq } = await verifyEvidence(bytes, { verify })
      listed.push({ id, ledger: ledger.id, kind, seq, freezes, evidence: Buffer.from(bytes).toString() })
    }
  }
  return listed
}
