import type { AdoptionReport } from '../../node/api/adopt.js'
import { shorten, showAgo, showBytes, showCount } from '../format.js'
import { showPairs } from '../pairs.js'
import { showTable } from '../table.js'
import { visible } from '../visible.js'

const NAME_COLUMNS = 24

export function showAdoptions(adoptions: AdoptionReport[]): string {
  if (adoptions.length === 0) return 'Nothing is adopted. Begin with `npx ledgermesh adopt start <ledger>`.'
  const table = showTable(
    ['LEDGER', 'NAME', 'STATUS', 'COPIES', 'LOOKED AT', 'LEFT OUT', 'REFUSED'],
    adoptions.map((one) => [
      one.ledger,
      one.name === null ? '-' : shorten(one.name, NAME_COLUMNS),
      one.stall === null ? one.status : `${one.status}: ${one.stall.code}`,
      String(one.copies),
      `${one.looked} of ${one.size}`,
      String(total(one.skipped) + one.waiting),
      String(total(one.refused))
    ])
  )
  return [table, ...adoptions.flatMap(hints)].join('\n')
}

export function showAdoption(one: AdoptionReport): string {
  return [
    showPairs([
      ['ledger', one.ledger],
      ['name', one.name ?? '-'],
      ['status', one.status],
      ['adopted', one.filters === null ? 'all that may be' : JSON.stringify(one.filters)],
      ['from', one.from === null ? 'not known yet' : `seq ${one.from}`],
      ['looked at', `${one.looked} of ${showCount(one.size, 'entry')}`],
      ['erasures', one.erasuresTo >= one.size ? 'all have reached the copies' : `followed to entry ${one.erasuresTo}`],
      ['copies', String(one.copies)],
      ['left out', showReasons({ ...one.skipped, ...(one.waiting > 0 && { NO_PAYLOAD: one.waiting }) })],
      ['refused', showReasons(one.refused)],
      ...one.latestRefused
        .slice(-8)
        .map(({ seq, id, code }): [string, string] => ['', `${seq} ${shorten(visible(id), NAME_COLUMNS)}: ${code}`]),
      ...(one.disputed === 0 ? [] : [['disputed', `${one.disputed} of those looked at`] as [string, string]]),
      ['today', `${showCount(one.today.entries, 'entry')}, ${showBytes(one.today.bytes)}`]
    ]),
    ...hints(one)
  ].join('\n')
}

function total(counts: Partial<Record<string, number>>): number {
  return Object.values(counts).reduce<number>((sum, count) => sum + (count ?? 0), 0)
}

function showReasons(counts: Partial<Record<string, number>>): string {
  const reasons = Object.entries(counts).map(([code, count]) => `${count} ${code}`)
  return reasons.length === 0 ? 'none' : reasons.join(', ')
}

function hints({ ledger, stall, others }: AdoptionReport): string[] {
  return [
    ...(stall === null
      ? []
      : [`${stall.code}: ${stall.explanation}${stall.next === null ? '' : ` Next try ${showAgo(stall.next)}.`}`]),
    ...others
      .filter(({ followed }) => !followed)
      .map(
        (other) =>
          `${ledger} holds ${other.copies} copies of ${other.ledger}; copies are not adopted: npx ledgermesh adopt start ${other.ledger}`
      )
  ]
}
