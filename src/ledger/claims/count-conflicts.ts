import { CONFLICT_KINDS, CONFLICT_STATES, type ConflictKind, type ConflictState } from '../../conflict/judge.js'
import { chunks } from '../../store/chunks.js'
import { conflictByStateRange } from '../../store/conflict-keys.js'
import type { Store } from '../../store/store.js'
import { decodeKind } from './conflict-rows.js'

export interface ConflictCount {
  state: ConflictState
  /** Of its kinds the one that says most: each conflict is counted once. */
  kind: ConflictKind
  count: number
}

/** Rows read in one step: it is done at each look at the metrics, and others are served between two steps. */
const CHUNK = 1024

/** The number of conflicts in each state and of each kind, also where there are none. */
export async function countConflicts(store: Pick<Store, 'rows'>): Promise<ConflictCount[]> {
  const counts: ConflictCount[] = []
  for (const [at, state] of CONFLICT_STATES.entries()) {
    const ofState = CONFLICT_KINDS.map((kind) => ({ state, kind, count: 0 }))
    for await (const chunk of chunks(store, conflictByStateRange(at), CHUNK))
      for (const [, value] of chunk) ofState[CONFLICT_KINDS.indexOf(decodeKind(value))]!.count++
    counts.push(...ofState)
  }
  return counts
}
