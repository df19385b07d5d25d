/** The progress of an accepted ledger here, as reported to the pusher. */
import { OTHER_REASON, REASONS, type Progress } from '../../../protocols/push/index.js'
import { fromHex } from '../../core/hash.js'
import type { LedgerId } from '../../core/ledger-id.js'
import type { Ledger } from '../../ledger/ledger.js'
import type { StallCode, SyncStatus } from '../../sync/types.js'

/** Stalls that neither the pusher nor time alone can end. */
const REASON_OF: Partial<Record<StallCode, number>> = {
  PAUSED: REASONS.PAUSED,
  UNTRUSTED: REASONS.UNTRUSTED,
  QUOTA: REASONS.QUOTA,
  FROZEN: REASONS.FROZEN,
  KEY_FORK: REASONS.FROZEN,
  WRONG_NETWORK: REASONS.WRONG_NETWORK,
  UPGRADE_NEEDED: REASONS.UPGRADE_NEEDED,
  STORE_FAILED: REASONS.STORE_FAILED,
  TOO_MANY_KEYS: OTHER_REASON
}

/** A refusal without details: the peer must not learn whether the ledger is held. */
export function nothingOf(ledger: LedgerId): Progress {
  return { ledger, stored: 0, durable: 0, audited: 0, stall: 0, hash: null }
}

/**
 * When all of `target` is stored it is made durable first, because a receipt is a promise. `looked`: entries processed
 * for adoption; null: not adopted.
 */
export async function progressOf(
  ledger: Ledger,
  status: SyncStatus,
  target: number,
  looked: number | null
): Promise<Progress> {
  if (ledger.size >= target && ledger.durable < target) await ledger.flush()
  const stored = ledger.visible
  const durable = Math.min(ledger.durable, stored)
  const hash = durable === 0 ? null : await ledger.hashAt(durable - 1)
  const stall = status.status === 'stalled' ? (REASON_OF[status.code] ?? 0) : 0
  return {
    ledger: ledger.id,
    stored,
    durable: hash === null ? 0 : durable,
    audited: Math.min(ledger.audited, stored),
    ...(looked !== null && { adopted: Math.min(looked, stored) }),
    stall,
    hash: hash === null ? null : fromHex(hash)
  }
}

/** No more progress follows. */
export function isDone({ durable, audited, adopted, stall }: Progress, target: number): boolean {
  return stall !== 0 || (durable >= target && audited >= target && (adopted ?? target) >= target)
}

export function isSame(a: Progress | null, b: Progress): boolean {
  return (['stored', 'durable', 'audited', 'adopted', 'stall'] as const).every((member) => a?.[member] === b[member])
}
