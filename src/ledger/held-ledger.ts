import type { Ledger } from './ledger.js'
import type { Quarantine } from './write/quarantine.js'

/**
 * The view of a held ledger that pulling, judging evidence and auditing need: their reads and writes of the disk, and
 * nothing else. The simulator implements it with another disk.
 */
export type HeldLedger = Pick<
  Ledger,
  | 'id'
  | 'own'
  | 'size'
  | 'visible'
  | 'audited'
  | 'chain'
  | 'headHash'
  | 'frozen'
  | 'frozenAt'
  | 'cuts'
  | 'load'
  | 'hashAt'
  | 'storedEntry'
  | 'entry'
  | 'signed'
  | 'keyEntries'
  | 'heldChain'
  | 'chainAt'
  | 'ingest'
  | 'setAudited'
  | 'standing'
  | 'evidence'
  | 'allEvidence'
  | 'heardEvidence'
  | 'decide'
  | 'putStanding'
  | 'acceptBranch'
  | 'checkpoint'
  | 'putCheckpoint'
  | 'rootAt'
  | 'inclusionProof'
  | 'storedNodes'
  | 'missingPayloads'
  | 'putPayload'
> & {
  readonly quarantine: Pick<Quarantine, 'begin' | 'add' | 'end'>
}
