/**
 * Where a consumer of the feed is: `epoch.number.digest`. Opaque to it. The digest is that of the event with this
 * number, so that a copied or restored home, which gives the same numbers to other events, is found out.
 */
import { LedgermeshError } from '../../core/errors.js'

export interface Position {
  epoch: string
  number: number
  /** 16 hex digits. */
  check: string
}

/** Before the first event of an epoch. */
export const NO_CHECK = '0'.repeat(16)

const FORM = /^([0-9a-f]{16})\.(0|[1-9][0-9]{0,14})\.([0-9a-f]{16})$/

export function formatPosition({ epoch, number, check }: Position): string {
  return `${epoch}.${number}.${check}`
}

/** Throws INVALID_PARAMS. */
export function parsePosition(text: string): Position {
  const [, epoch, number, check] = FORM.exec(text) ?? []
  if (epoch === undefined || Number(number) > Number.MAX_SAFE_INTEGER)
    throw new LedgermeshError('INVALID_PARAMS', 'a position is what an answer of the feed gave as `last` or `position`')
  return { epoch, number: Number(number), check: check! }
}
