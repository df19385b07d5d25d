import type { Verify } from '../../core/signature.js'
import type { LedgerReader } from '../../ledger/ledger-reader.js'
import { keptEvidence } from '../../ledger/read/kept-evidence.js'
import type { Ledger } from '../../ledger/ledger.js'
import type { EvidenceState, EvidenceSummary } from '../api/evidence.js'
import { shortId } from './short-id.js'

/**
 * All evidence kept against these ledgers, whether it freezes them or not. Damaged evidence is left out: fsck reports
 * it.
 */
export async function listEvidence(ledgers: Ledger[], verify: Verify): Promise<EvidenceSummary[]> {
  const listed: EvidenceSummary[] = []
  for (const ledger of ledgers) {
    for (const { id, kind, seq, bytes } of await keptEvidence(ledger, verify)) {
      listed.push({
        id,
        ledger: ledger.id,
        kind,
        seq,
        freezes: ledger.frozen?.evidence === shortId(id),
        state: verdictOf(ledger, id),
        evidence: Buffer.from(bytes).toString()
      })
    }
  }
  return listed
}

/** The effect of one piece of evidence on the ledger. */
export function verdictOf({ standing, frozen }: LedgerReader, id: string): EvidenceState {
  return standing.verdicts[shortId(id)] ?? (frozen?.evidence === shortId(id) ? 'freezes' : 'none')
}

/** The effect of all evidence together. */
export function evidenceStateOf({ frozen, standing: { facts, verdicts, shown } }: LedgerReader): EvidenceState {
  if (frozen !== null) return 'freezes'
  if (facts.doubtedFrom !== null) return 'doubted'
  return shown === null ? 'none' : (verdicts[shown] ?? 'none')
}
