/** Lists frozen ledgers, with what an operator can do about each, and the entries voided by earlier resolutions. */
import type { Verify } from '../../core/signature.js'
import type { VerifiedEvidence } from '../../core/verify-evidence.js'
import { keptEvidence } from '../../ledger/read/kept-evidence.js'
import type { Ledger } from '../../ledger/ledger.js'
import { verdictOf } from './list-evidence.js'
import { shortId } from './short-id.js'
import { rotationsOffered } from './rotation-branch.js'
import type { Conflict, ConflictsReport, Dispute } from '../api/evidence.js'

export async function listConflicts(ledgers: Ledger[], verify: Verify): Promise<ConflictsReport> {
  const report: ConflictsReport = { conflicts: [], disputes: [], voided: [] }
  for (const ledger of ledgers) {
    const kept = await keptEvidence(ledger, verify)
    if (ledger.frozen !== null) report.conflicts.push(await conflictOf(ledger, kept))
    report.disputes.push(...disputesOf(ledger, kept))
    for (const range of await ledger.voided()) report.voided.push({ ledger: ledger.id, ...range })
  }
  return report
}

function disputesOf(ledger: Ledger, kept: readonly VerifiedEvidence[]): Dispute[] {
  const named = { ledger: ledger.id, name: ledger.chain?.name ?? null, access: ledger.chain?.access ?? null }
  const { doubtedFrom } = ledger.standing.facts
  const doubted: Dispute[] =
    doubtedFrom === null
      ? []
      : [{ ...named, state: 'doubted', evidence: null, kind: null, seq: null, from: doubtedFrom, next: NEXT.doubted }]
  return [
    ...doubted,
    ...kept.flatMap(({ id, kind, seq }): Dispute[] => {
      const state = verdictOf(ledger, id)
      return state === 'excused' || state === 'contested'
        ? [{ ...named, state, evidence: id, kind, seq, from: null, next: NEXT[state] }]
        : []
    })
  ]
}

async function conflictOf(ledger: Ledger, kept: readonly VerifiedEvidence[]): Promise<Conflict> {
  const evidence = kept.find(({ id }) => shortId(id) === ledger.frozen!.evidence) ?? null
  const offered = ledger.own ? [] : await rotationsOffered(ledger, kept)
  const keyFork = ledger.frozen!.keyFork === true
  const rotation = offered.length === 1 ? offered[0]! : null
  return {
    ledger: ledger.id,
    name: ledger.chain?.name ?? null,
    access: ledger.chain?.access ?? null,
    own: ledger.own,
    frozenAt: ledger.frozenAt!,
    disputed: ledger.size - ledger.visible,
    evidence: evidence?.id ?? null,
    kind: evidence?.kind ?? null,
    keyFork,
    rotation: rotation === null ? null : { seq: rotation.header.seq, hash: rotation.hash, key: rotation.header.key },
    next: ledger.own ? NEXT.own : keyFork || offered.length > 1 ? NEXT.many : rotation === null ? NEXT.none : NEXT.one
  }
}

/** What the owner of a frozen own ledger can do. */
export const OWN_FROZEN_NEXT =
  'The own key signs nothing any more. Find the other node that uses a copy of ledger.key and stop it, then replace the key (`keys.rotate`): ' +
  'the next key retires the accused one, and the ledger goes on. `sync.conflicts` shows the evidence.'

/** What an operator can do about each (core/advice.ts). */
export const NEXT = {
  own: OWN_FROZEN_NEXT,
  many: 'A key signed two rotations, and neither branch takes precedence: ask the owner for the key in force now, then `sync.resolve {ledger, key}`.',
  doubted:
    'It was settled here when it froze, and a rotation ended the freeze. If the owner confirms the rotation, `sync.resolve {ledger}` restores belief.',
  excused: 'A retired key signed it: nothing is disputed because of it.',
  contested:
    'A key that is retired here signed another rotation, too. If the owner names another key than the one in force here, `sync.resolve {ledger, key}`.',
  none: 'The evidence carries no rotation by the committed key. If the owner has rotated, connect to a node that holds the new branch, then `sync.resolve {ledger}` asks it.',
  one: 'If the owner confirms the rotation, `sync.resolve {ledger}` accepts its branch; the disputed entries are voided, and kept for inspection.'
}
