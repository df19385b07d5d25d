import { viewEntry } from '../../core/view.js'
import type { ConflictId } from '../../conflict/claims.js'
import { MAX_SIBLINGS } from '../../conflict/limits.js'
import type { ConflictKey } from '../../conflict/claims.js'
import type { Judged } from '../../ledger/claims/conflict-index.js'
import type { StoredRule } from '../../ledger/claims/rule-book.js'
import { claimOf } from '../../conflict/claims.js'
import type { ConflictView } from '../api/conflicts.js'
import { EXPLANATIONS } from './explain.js'

/** The view of a conflict: siblings ordered by hash, so that they have the same numbers on every node. */
export function viewConflict({ rule, complete }: StoredRule, id: ConflictId, { facts, verdict }: Judged): ConflictView {
  const { siblings } = facts
  const word = facts.words.find(
    ({ author, chosen }) => author === verdict.by && (verdict.state !== 'resolved' || chosen === verdict.current)
  )
  return {
    conflict: id,
    rule: rule.name,
    key: keyOfView(rule, siblings),
    ...verdict,
    explanation: EXPLANATIONS[verdict.reason],
    note: word === undefined || verdict.reason === 'OWN_CLAIM' ? null : word.note,
    since: facts.since,
    withdrawn: [...facts.withdrawn],
    count: siblings.length,
    complete,
    siblings: siblings.slice(0, MAX_SIBLINGS).map(({ entry, storedAt, hash, payload }) => ({
      entry: viewEntry(entry, true, payload === 'erased' ? 'erased' : 'missing'),
      storedAt,
      copies: facts.copies
        .filter(({ of }) => of === hash)
        .map(({ ledger, seq, hash: copy }) => ({ ledger, seq, hash: copy }))
    }))
  }
}

/** All siblings have the same key: that of the first. */
export function keyOfView(rule: StoredRule['rule'], siblings: Judged['facts']['siblings']): ConflictKey {
  const [first] = siblings
  return claimOf(rule, first!.ledger, first!.entry.header)!.key
}
