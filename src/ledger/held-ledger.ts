import type { Ledger } from './ledger.js'
import type { Quarantine } from './write/quarantine.js'

/**
 * A ledger as those see it who pull it, judge what is said against it, and check its signatures: what they ask of the
 * disk, and nothing else.
 * A simulator has another disk.
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
