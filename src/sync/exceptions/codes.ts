/** Why one entry is an exception from the progress of its flow. */
import { OFFER_REASONS, type OfferReason } from '../push/types.js'

const OWN_CODES = ['CONFLICT', 'SOURCE_DISPUTED', 'SOURCE_VOIDED'] as const
export const EXCEPTION_CODES = [...OFFER_REASONS, ...OWN_CODES] as const
export type ExceptionCode = OfferReason | (typeof OWN_CODES)[number]

/** Their numbers on the disk, which are never reused. Reasons have their numbers on the wire. */
const NUMBERS: Record<ExceptionCode, number> = {
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
  HOOK: 19,
  CONFLICT: 64,
  SOURCE_DISPUTED: 65,
  SOURCE_VOIDED: 66,
  OTHER: 255
}

export function numberOfCode(code: ExceptionCode): number {
  return NUMBERS[code]
}

/** One of a later version reads as OTHER. */
export function codeOfNumber(number: number): ExceptionCode {
  return EXCEPTION_CODES.find((code) => NUMBERS[code] === number) ?? 'OTHER'
}

/** Final codes: such an entry counts as done, and is not tried again. */
const PERMANENT = new Set<ExceptionCode>(['IS_COPY', 'RESERVED', 'FILTERED', 'ERASED'])

export function isPermanent(code: ExceptionCode): boolean {
  return PERMANENT.has(code)
}
