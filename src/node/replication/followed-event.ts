import type { HeldLedger } from '../../ledger/held-ledger.js'
import type { SyncEvent, Terms } from '../../sync/types.js'
import type { Gate } from '../../sync/schedule/schedule-book.js'

/** When and how much a ledger is pulled. */
export interface PullTurns {
  terms: Terms
  gate: Gate
  /** ms since the epoch; null: it is not paused, or without an end. */
  pausedUntil: number | null
}

/**
 * The event that tells sync of a followed ledger in its present state. `held`: the reason why it is not pulled;
 * evidence comes first. `turns`: when and how much it is pulled; null: always, and like all others.
 */
export function followedEvent(
  { id, size, headHash, frozen }: Pick<HeldLedger, 'id' | 'size' | 'headHash' | 'frozen'>,
  blockedBy: 'PAUSED' | 'UNTRUSTED' | null,
  turns: PullTurns | null
): SyncEvent {
  const stall =
    frozen !== null
      ? { stall: frozen.keyFork === true ? ('KEY_FORK' as const) : ('FROZEN' as const), frozenAt: frozen.size }
      : blockedBy !== null
        ? { stall: blockedBy }
        : {}
  if (turns === null) return { type: 'followed', ledger: id, size, headHash, ...stall }
  const { terms, gate, pausedUntil } = turns
  return {
    type: 'followed',
    ledger: id,
    size,
    headHash,
    ...stall,
    terms,
    ...(pausedUntil !== null && { pausedUntil }),
    ...(!gate.open && { closed: { next: gate.next } })
  }
}
