/** Labels of ledgers: few enough for a metrics server, and without names of private ledgers. */
import type { LedgerId } from '../../core/ledger-id.js'

/** Ledgers with their own label; the others are summed. */
export const LABELLED_LEDGERS = 256

export interface Labelled {
  id: LedgerId
  isPrivate: boolean
  own: boolean
  priority: number
}

/** Highest priority first, then by id; the own ledger always has its label. */
export function ledgerLabels(ledgers: readonly Labelled[]): Map<LedgerId, string> {
  const ordered = ledgers.toSorted(
    (a, b) => Number(b.own) - Number(a.own) || b.priority - a.priority || (a.id < b.id ? -1 : 1)
  )
  let hidden = 0
  return new Map(
    ordered.map(({ id, isPrivate }, at) => [
      id,
      at >= LABELLED_LEDGERS ? 'other' : isPrivate ? `private-${++hidden}` : id
    ])
  )
}
