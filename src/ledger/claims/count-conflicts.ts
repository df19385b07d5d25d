import { CONFLICT_STATES, type ConflictState } from '../../conflict/judge.js'
import { conflictByStateRange } from '../../store/conflict-keys.js'
import type { Store } from '../../store/store.js'

/** The number of conflicts in each state. */
export async function countConflicts(store: Store): Promise<[state: ConflictState, count: number][]> {
  return await Promise.all(
    CONFLICT_STATES.map(
      async (state, at) => [state, (await store.keys(conflictByStateRange(at))).length] as [ConflictState, number]
    )
  )
}
