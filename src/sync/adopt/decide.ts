/** Decides whether, and how far, a source may be adopted now. */
import { BUSY_MS, DAY_BYTES, DAY_ENTRIES, DAY_MS, FULL_MS, GROUP_ENTRIES } from './limits.js'
import type { AdoptCode, Day } from './types.js'

/** The reason why the own ledger is not signed; ready: none. */
export type OwnSigner = 'ready' | 'confirming' | 'twin' | 'restoring' | 'failed' | 'frozen' | 'read-only'

const OWN_CODES: Record<Exclude<OwnSigner, 'ready'>, AdoptCode> = {
  confirming: 'CONFIRMING',
  twin: 'TWIN',
  restoring: 'RESTORING',
  failed: 'STORE_FAILED',
  frozen: 'OWN_FROZEN',
  'read-only': 'READ_ONLY'
}

/** null: no reason. */
export function ownCode(signer: OwnSigner): AdoptCode | null {
  return signer === 'ready' ? null : OWN_CODES[signer]
}

export interface AdoptFacts {
  /** The reason why the source is not pulled: the operator's pause, or too little trust. */
  blockedBy: 'PAUSED' | 'UNTRUSTED' | null
  own: { signer: OwnSigner; access: 'public' | 'private' }
  /** `counted`: number of entries, from 0, that are audited and undisputed. `access` null: no entry of it is held. */
  source: { size: number; counted: number; frozen: boolean; access: 'public' | 'private' | null }
  /** If both are private: may all readers of the own ledger read the source, or has the operator allowed it? */
  areReadersIn: boolean
  /** Is there no room for more refusals of it? */
  full: boolean
  busy: boolean
  /** Number of processed entries of the source, from 0; null: not begun. */
  at: number | null
  /** May awaited payloads be held now? */
  late: boolean
  day: Day
  now: number
}

export type AdoptVerdict =
  /** `room`: the most new copies. */
  | { go: true; to: number; room: number }
  /**
   * `code` null: everything held is adopted. `next`: the latest time of the next check; null: when something changes.
   */
  | { go: false; code: AdoptCode | null; next: number | null }

const wait = (code: AdoptCode | null, next: number | null = null): AdoptVerdict => ({ go: false, code, next })

/** A total function. Cases that must never be adopted come first. */
export function decideAdoption(facts: AdoptFacts): AdoptVerdict {
  const { blockedBy, own, source, areReadersIn, full, busy, at, late, day, now } = facts
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
  if (full) return wait('TOO_MANY_REFUSED', now + FULL_MS)
  if (busy) return wait('BUSY', now + BUSY_MS)
  return { go: true, to: source.counted, room: Math.min(DAY_ENTRIES - entries, GROUP_ENTRIES) }
}

/** The day begins with its first copy; a clock that was set back begins another one. */
export function dayAt(day: Day, now: number): Day {
  return now >= day.since && now < day.since + DAY_MS ? day : { since: now, entries: 0, bytes: 0 }
}
