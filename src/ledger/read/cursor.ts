/** Cursors are opaque: a position, and a check over it and everything that it belongs to. */
import { LedgermeshError } from '../../core/errors.js'
import { sha256Text } from '../../core/hash.js'
import { isLedgerId, type LedgerId } from '../../core/ledger-id.js'

export interface Cursor {
  ledger: LedgerId
  seq: number
}

/** Hex digits of the check. */
const CHECK_DIGITS = 16

/** `binding`: the query that the cursor belongs to; for any other the cursor is refused. */
export function encodeCursor({ ledger, seq }: Cursor, binding: string): string {
  return Buffer.from(`${check(ledger, seq, binding)} ${seq} ${ledger}`).toString('base64url')
}

/** Throws CURSOR_INVALID for any other text, filter, order or store. */
export function decodeCursor(text: string, binding: string): Cursor {
  const [digits, number, ledger] = Buffer.from(text, 'base64url').toString().split(' ')
  const seq = Number(number)
  if (
    !isLedgerId(ledger) ||
    !Number.isSafeInteger(seq) ||
    encodeCursor({ ledger, seq }, binding) !== text ||
    digits === undefined
  ) {
    throw new LedgermeshError('CURSOR_INVALID', 'not a cursor of this query')
  }
  return { ledger, seq }
}

function check(ledger: LedgerId, seq: number, binding: string): string {
  return sha256Text(`${binding} ${seq} ${ledger}`).slice(0, CHECK_DIGITS)
}
