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

/** All private ledgers together: metrics say neither which there are nor how many. */
const PRIVATE_LABEL = 'private'

/** Public ones of the highest priority first, then by id; the own ledger always has its label. */
export function ledgerLabels(ledgers: readonly Labelled[]): Map<LedgerId, string> {
  const open = ledgers
    .filter(({ isPrivate }) => !isPrivate)
    .toSorted((a, b) => Number(b.own) - Number(a.own) || b.priority - a.priority || (a.id < b.id ? -1 : 1))
  return new Map([
    ...ledgers.map(({ id }): [LedgerId, string] => [id, PRIVATE_LABEL]),
    ...open.map(({ id }, at): [LedgerId, string] => [id, at >= LABELLED_LEDGERS ? 'other' : id])
  ])
}
