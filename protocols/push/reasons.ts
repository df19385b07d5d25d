/**
 * Numbers on the wire, and their names. A number that is not in a table comes from a later version and reads as OTHER.
 */

export const REASONS = {
  NOT_WANTED: 1,
  UNTRUSTED: 2,
  PAUSED: 3,
  FROZEN: 4,
  WRONG_NETWORK: 5,
  QUOTA: 6,
  ADOPT_NOT_OFFERED: 7,
  PRIVATE_INTO_PUBLIC: 8,
  STORE_FAILED: 9,
  UPGRADE_NEEDED: 10,
  TOKEN_INVALID: 11,
  FILTERED: 12,
  NO_PAYLOAD: 13,
  ERASED: 14,
  RESERVED: 15,
  IS_COPY: 16,
  ID_TAKEN: 17,
  TOO_LARGE: 18,
  HOOK: 19
} as const

export type ReasonName = keyof typeof REASONS
/** What a reason reads as: also one of a later version. */
export type Reason = ReasonName | 'OTHER'

/** A number that no version gives a meaning. */
export const OTHER_REASON = 255

export function reasonOf(number: number): Reason {
  return (Object.keys(REASONS) as ReasonName[]).find((name) => REASONS[name] === number) ?? 'OTHER'
}

export const OUTCOMES = { mirrored: 1, adopted: 2, duplicate: 3, skipped: 4, refused: 5, conflict: 6 } as const
