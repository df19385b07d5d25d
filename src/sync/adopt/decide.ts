/** May a source be adopted further now, and how far? */
import { BUSY_MS, DAY_BYTES, DAY_ENTRIES, DAY_MS, GROUP_ENTRIES } from './limits.js'
import type { AdoptCode, Day } from './types.js'

/** What holds back the key of the own ledger; ready: nothing does. */
export type OwnSigner = 'ready' | 'confirming' | 'twin' | 'restoring' | 'failed' | 'frozen' | 'read-only'

const OWN_CODES: Record<Exclude<OwnSigner, 'ready'>, AdoptCode> = {
  confirming: 'CONFIRMING',
  twin: 'TWIN',
  restoring: 'RESTORING',
  failed: 'STORE_FAILED',
  frozen: 'OWN_FROZEN',
  'read-only': 'READ_ONLY'
}

/** null: nothing holds it back. */
export function ownCode(signer: OwnSigner): AdoptCode | null {
  return signer === 'ready' ? null : OWN_CODES[signer]
}

export interface AdoptFacts {
  /** What keeps the source from being pulled: the operator, or trust as it is now. */
  blockedBy: 'PAUSED' | 'UNTRUSTED' | null
  own: { signer: OwnSigner; access: 'public' | 'private' }
  /** `counted`: entries, from 0, that are audited and undisputed. `access` null: nothing of it is held. */
  source: { size: number; counted: number; frozen: boolean; access: 'public' | 'private' | null }
  /** Both private: may all readers of the own ledger read the source, or did the operator say that they may? */
  areReadersIn: boolean
  busy: boolean
  /** Entries of the source that were looked at, from 0; null: it has not begun. */
  at: number | null
  /** May payloads that were awaited be here? */
  late: boolean
  day: Day
  now: number
}

export type AdoptVerdict =
  /** `room`: so many new copies at most. */
  | { go: true; to: number; room: number }
  /**
   * `code` null: all that is here is adopted. `next`: when to look again at the latest; null: when something changes.
   */
  | { go: false; code: AdoptCode | null; next: number | null }

const wait = (code: AdoptCode | null, next: number | null = null): AdoptVerdict => ({ go: false, code, next })

/** Total. What must never be adopted comes first, whatever else holds. */
export function decideAdoption(facts: AdoptFacts): AdoptVerdict {
  const { blockedBy, own, source, areReadersIn, busy, at, late, day, now } = facts
  if (source.access === null) return wait('NOTHING_HELD')
  if (source.access === 'private') {
    if (own.access === 'public') return wait('PRIVATE_INTO_PUBLIC')
    if (!areReadersIn) return wait('READERS_WIDER')
  }
  if (blockedBy !== null) return wait(blockedBy)
  if (at === null) return wait('FIRST_SYNC')
  if (at >= source.counted && !late)
    return wait(source.counted >= source.size ? null : source.frozen ? 'FROZEN' : 'AUDITING')
  if (own.signer !== 'ready') return wait(OWN_CODES[own.signer])
  const { since, entries, bytes } = dayAt(day, now)
  if (entries >= DAY_ENTRIES || bytes >= DAY_BYTES) return wait('ADOPT_LIMIT', since + DAY_MS)
  if (busy) return wait('BUSY', now + BUSY_MS)
  return { go: true, to: source.counted, room: Math.min(DAY_ENTRIES - entries, GROUP_ENTRIES) }
}

/** The day begins with its first copy; a clock that was set back begins another one. */
export function dayAt(day: Day, now: number): Day {
  return now >= day.since && now < day.since + DAY_MS ? day : { since: now, entries: 0, bytes: 0 }
}
