/** Lists the stored conflicts, and removes them with the rule that found them. */
import type { ConflictId } from '../../conflict/claims.js'
import { CONFLICT_STATES, type ConflictState } from '../../conflict/judge.js'
import { conflictByStateRange, conflictKey, conflictOf, ruleRange } from '../../store/conflict-keys.js'
import type { Op, Store } from '../../store/store.js'
import { decodeConflict, decodeSpeaker, type ConflictRow } from './conflict-rows.js'
import type { RuleBook } from './rule-book.js'

export interface FoundConflict {
  id: ConflictId
  rule: string
  row: ConflictRow
}

/** Conflicts in these states, of this rule or of all rules, oldest first. */
export async function listedConflicts(
  store: Store,
  rules: Pick<RuleBook, 'byNumber'>,
  states: readonly ConflictState[],
  rule: string | undefined
): Promise<FoundConflict[]> {
  const keys = (
    await Promise.all(states.map((state) => store.keys(conflictByStateRange(CONFLICT_STATES.indexOf(state)))))
  ).flat()
  const named = keys.map(conflictOf).filter((one) => rule === undefined || rules.byNumber(one.rule)?.rule.name === rule)
  const rows = await store.getMany(named.map((one) => conflictKey(one.rule, one.id)))
  const found = named.flatMap(({ rule: number, id }, i): FoundConflict[] => {
    const stored = rules.byNumber(number)
    return stored === undefined || rows[i] === undefined || decodeSpeaker(rows[i]) !== null
      ? []
      : [{ id, rule: stored.rule.name, row: decodeConflict(rows[i]) }]
  })
  return found.sort((a, b) => a.row.since - b.row.since)
}

/** Removes all results of the rule with this number. */
export async function clearRule(store: Store, number: number): Promise<void> {
  for (const state of CONFLICT_STATES.keys()) {
    const listed = (await store.keys(conflictByStateRange(state))).filter((key) => conflictOf(key).rule === number)
    if (listed.length > 0)
      await store.write(
        listed.map((key): Op => ({ type: 'del', key })),
        { sync: false }
      )
  }
  for (const family of ['conflict', 'claim', 'seen', 'resolution'] as const)
    await store.clear(ruleRange(family, number))
}
