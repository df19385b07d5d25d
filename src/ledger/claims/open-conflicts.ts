/** Which entries are in undecided conflicts: looked up entry by entry, or listed for a ledger. */
import type { Entry } from '../../core/entry.js'
import type { LedgerId } from '../../core/ledger-id.js'
import { claimOf, type ConflictId } from '../../conflict/claims.js'
import type { ConflictState } from '../../conflict/judge.js'
import { conflictKey } from '../../store/conflict-keys.js'
import type { Store } from '../../store/store.js'
import type { ConflictIndex } from './conflict-index.js'
import { decodeConflict, decodeSpeaker } from './conflict-rows.js'
import type { RuleBook, StoredRule } from './rule-book.js'

/** No ledger with authority to decide has decided about all of the current claims. */
export const UNDECIDED: readonly ConflictState[] = ['open', 'reopened']
/** Conflicts read for one list; the oldest come first. */
const MAX_LISTED = 1_000

export interface OpenConflictsInit {
  store: Pick<Store, 'getMany'>
  rules: RuleBook
  conflicts: ConflictIndex
}

type Claimed = Pick<Entry, 'header' | 'hash'>

interface Candidate {
  entry: Claimed
  stored: StoredRule
  id: ConflictId
}

export class OpenConflicts {
  readonly #init: OpenConflictsInit

  constructor(init: OpenConflictsInit) {
    this.#init = init
  }

  /**
   * For each entry of the ledger, the conflicts that involve it. Most entries have none, which costs one look-up per
   * rule.
   */
  async of(ledger: LedgerId, entries: readonly Claimed[]): Promise<ConflictId[][]> {
    const { rules, store } = this.#init
    const candidates = entries.flatMap((entry): Candidate[] =>
      rules.active.flatMap((stored) => {
        const claim = claimOf(stored.rule, ledger, entry.header)
        return claim === null ? [] : [{ entry, stored, id: claim.id }]
      })
    )
    if (candidates.length === 0) return entries.map(() => [])
    const rows = await store.getMany(candidates.map(({ stored, id }) => conflictKey(stored.number, id)))
    const found = new Map<Claimed, ConflictId[]>()
    for (const [i, { entry, stored, id }] of candidates.entries()) {
      const row = rows[i]
      if (row === undefined || decodeSpeaker(row) !== null || !UNDECIDED.includes(decodeConflict(row).state)) continue
      const siblings = (await this.#init.conflicts.judge(stored, id))?.facts.siblings ?? []
      if (siblings.some(({ hash }) => hash === entry.hash)) found.set(entry, [...(found.get(entry) ?? []), id])
    }
    return entries.map((entry) => found.get(entry) ?? [])
  }

  /** Seqs of the ledger's entries in undecided conflicts, ascending: of the oldest thousand conflicts. */
  async seqsIn(ledger: LedgerId): Promise<number[]> {
    const { rules, conflicts } = this.#init
    if (rules.active.length === 0) return []
    const { found } = await conflicts.list(UNDECIDED, { offset: 0, limit: MAX_LISTED })
    const seqs = new Set<number>()
    for (const { rule, id } of found) {
      const stored = rules.byName(rule)
      for (const one of stored === undefined ? [] : ((await conflicts.judge(stored, id))?.facts.siblings ?? []))
        if (one.ledger === ledger) seqs.add(one.seq)
    }
    return [...seqs].sort((a, b) => a - b)
  }
}
