import type { Verify } from '../../core/signature.js'
import type { LedgerReader } from '../../ledger/ledger-reader.js'
import { keptEvidence } from '../../ledger/read/kept-evidence.js'
import type { Ledger } from '../../ledger/ledger.js'
import type { EvidenceState, EvidenceSummary } from '../api/evidence.js'
import { shortId } from './short-id.js'

/**
 * All that is kept against these ledgers, whether it freezes them or not. What the disk has damaged is left out: fsck
 * names it.
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

/** What one piece of evidence does to the ledger. */
export function verdictOf({ standing, frozen }: LedgerReader, id: string): EvidenceState {
  return standing.verdicts[shortId(id)] ?? (frozen?.evidence === shortId(id) ? 'freezes' : 'none')
}

/** What all of it does together. */
export function evidenceStateOf({ frozen, standing: { facts, verdicts, shown } }: LedgerReader): EvidenceState {
  if (frozen !== null) return 'freezes'
  if (facts.doubtedFrom !== null) return 'doubted'
  return shown === null ? 'none' : (verdicts[shown] ?? 'none')
}
