/** Frozen ledgers, and what an operator can do about each; and what was let go of when he did. */
import type { Hash } from '../core/hash.js'
import type { LedgerId } from '../core/ledger-id.js'
import type { Verify } from '../core/signature.js'
import type { VoidedRange } from '../ledger/voided.js'
import type { Mirror } from '../ledger/mirror.js'
import { readEvidence } from './list-evidence.js'
import { rotationsOffered } from './rotation-branch.js'

export interface Conflict {
  ledger: LedgerId
  name: string | null
  own: boolean
  /** Entries that are undisputed: served and shown. */
  frozenAt: number
  /** Entries that are kept above them. */
  disputed: number
  /** SHA-256 of the evidence file; null: it is not here, or damaged. */
  evidence: Hash | null
  kind: string | null
  /** The rotation whose branch `sync.resolve` accepts, as far as the evidence carries it; a connected peer may show one too. */
  rotation: { seq: number, hash: Hash, key: Hash } | null
  next: string
}

export interface ConflictsReport { conflicts: Conflict[], voided: (VoidedRange & { ledger: LedgerId })[] }

export async function listConflicts (ledgers: Mirror[], verify: Verify): Promise<ConflictsReport> {
  const report: ConflictsReport = { conflicts: [], voided: [] }
  for (const ledger of ledgers) {
    if (ledger.frozenAt !== null) report.conflicts.push(await conflictOf(ledger, verify))
    for (const range of await ledger.voided()) report.voided.push({ ledger: ledger.id, ...range })
  }
  return report
}

async function conflictOf (ledger: Mirror, verify: Verify): Promise<Conflict> {
  const stored = await ledger.evidence()
  const evidence = stored === null ? null : await readEvidence(stored, verify)
  const offered = ledger.own ? [] : await rotationsOffered(ledger, verify)
  const rotation = offered.length === 1 ? offered[0]! : null
  return {
    ledger: ledger.id,
    name: ledger.chain?.name ?? null,
    own: ledger.own,
    frozenAt: ledger.frozenAt!,
    disputed: ledger.size - ledger.visible,
    evidence: evidence?.id ?? null,
    kind: evidence?.kind ?? null,
    rotation: rotation === null ? null : { seq: rotation.header.seq, hash: rotation.hash, key: rotation.header.key },
    next: ledger.own ? NEXT.own : offered.length > 1 ? NEXT.many : rotation === null ? NEXT.none : NEXT.one
  }
}

const NEXT = {
  own: 'The own key signed what cannot both be true, and signs nothing any more: find out which node uses a copy of ledger.key.',
  many: 'The committed key signed two rotations: there is no branch to accept.',
  none: 'The evidence carries no rotation by the committed key. If the owner has rotated, connect to a node that holds the new branch, then `ledgermesh resolve <ledger>` asks it.',
  one: 'If the owner confirms the rotation, `ledgermesh resolve <ledger>` accepts its branch; the disputed entries are let go of, and kept to be looked at.'
}
