/** Labels of ledgers: few enough to be kept by whoever scrapes, and nothing that names a private one. */
import type { LedgerId } from '../../core/ledger-id.js'

/** Ledgers with a label of their own; the others are summed. */
export const LABELLED_LEDGERS = 256

export interface Labelled {
  id: LedgerId
  isPrivate: boolean
  own: boolean
  priority: number
}

/** Those with the highest priority first, then by id; the own one always has its label. */
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
