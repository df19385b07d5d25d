/**
 * What a change of a ledger's state means for those who were told of it. Pure. A consumer that keeps a picture retracts
 * everything from the seq that `frozen`, `voided` and `cut` name; what stays or comes back is told again with new
 * numbers.
 */
import type { Entry } from '../../core/entry.js'
import type { LedgerId } from '../../core/ledger-id.js'
import { isOfType } from '../../core/ledger-types.js'
import type { FeedFact, FeedKind } from '../../store/feed-rows.js'
import type { LedgerState } from '../read/records.js'

/** What consumers see of a ledger. */
export interface Shown {
  visible: number
  /** Of the visible entries, from 0, those whose signatures were audited. */
  audited: number
  frozen: { size: number; evidence: string } | null
}

export const NOTHING_SHOWN: Shown = { visible: 0, audited: 0, frozen: null }

export function shownOf(state: LedgerState | null): Shown {
  if (state === null) return NOTHING_SHOWN
  const { frozen } = state
  const visible = Math.min(state.chain.size, frozen?.size ?? state.chain.size)
  return { visible, audited: Math.min(state.audited, visible), frozen }
}

export interface Cut {
  kind: 'cut' | 'voided'
  /** Everything from this seq on was taken away. */
  from: number
}

/** The facts that take a picture of `before` to `after`. */
export function factsBetween(before: Shown, after: Shown, cut: Cut | null = null): FeedFact[] {
  const facts: FeedFact[] = []
  let { visible, audited } = before
  const retract = (from: number): void => {
    visible = Math.min(visible, from)
    audited = Math.min(audited, from)
  }
  if (cut !== null) {
    facts.push(fact(cut.kind, cut.from))
    retract(cut.from)
  }
  if (before.frozen?.size !== after.frozen?.size || before.frozen?.evidence !== after.frozen?.evidence) {
    if (after.frozen === null) facts.push(fact('thawed', 0))
    else {
      facts.push(fact('frozen', after.frozen.size, after.frozen.evidence))
      retract(after.frozen.size)
    }
  }
  if (after.visible > visible) {
    const all = after.audited === after.visible
    facts.push({ ...fact('entry', visible), count: after.visible - visible, audited: all })
    if (all) audited = after.visible
  }
  if (after.audited !== audited) facts.push(fact('audited', after.audited))
  return facts
}

export function fact(kind: FeedKind, at: number, text = ''): FeedFact {
  return { kind, at, count: 1, audited: false, text }
}

/** One fact for each run of neighbours. */
export function runs(kind: 'payload-erased' | 'erase-withdrawn', seqs: readonly number[]): FeedFact[] {
  const facts: FeedFact[] = []
  for (const seq of [...new Set(seqs)].sort((a, b) => a - b)) {
    const last = facts.at(-1)
    if (last !== undefined && last.at + last.count === seq) last.count++
    else facts.push(fact(kind, seq))
  }
  return facts
}

/** Entries that take the right to read their ledger from `own`: what is held of it came under that right. */
export function endedRights(entries: readonly Entry[], own: LedgerId | null): FeedFact[] {
  return own === null
    ? []
    : entries
        .filter(({ header }) => isOfType(header, 'ledger.access') && header.meta.revoke.includes(own))
        .map(({ header }) => fact('right-ended', header.seq))
}
