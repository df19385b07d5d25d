import type { ResultOf } from '../../rpc/method.js'
import type { Methods } from '../../rpc/methods/index.js'
import { shorten, showCount } from '../format.js'
import { showTable } from '../table.js'
import { visible } from '../visible.js'
import { showEntries } from './entry-view.js'

type Answer = ResultOf<Methods['network.query']>
type Count = ResultOf<Methods['network.count']>
type Source = Answer['sources'][number]

const NAME_COLUMNS = 24
const ID_COLUMNS = 16

/** In words, what may be missing. */
const STATES: Record<Source['state'], string> = {
  own: 'the own ledger',
  mirror: 'held here',
  proved: 'proved: nothing was left out',
  included: 'what is shown is in it; there may be more',
  stale: 'a larger one is known',
  truncated: 'the rest did not come in time',
  frozen: 'frozen by evidence against its author',
  unlinked: 'does not continue what was seen before',
  denied: 'not for this node',
  unknown: 'nobody who was asked has it, or may show it',
  no_peers: 'nobody is known who has it and can be reached',
  timeout: 'no answer in time',
  busy: 'busy',
  bad_answer: 'the answer did not check',
  upgrade_needed: 'of a newer version'
}

/** The author commits to his index: who lies in it convicts himself. */
const BY_AUTHOR = "proved by its author's index: nothing was left out"

const WRONG_INDEX = 'its author signed a wrong index: there may be more'

export function showAnswer({ results, sources, complete, selection }: Answer): string {
  const nameOf = new Map(sources.map(({ ledger, name }) => [ledger, name === null ? ledger : visible(name)]))
  return [
    ...results.map(({ ledgerId, entries }) => `${nameOf.get(ledgerId)!}  ${ledgerId}\n${showEntries(entries)}`),
    showTable(
      ['LEDGER', 'NAME', 'ACCESS', 'ENTRIES', 'OF ITS FIRST', 'STATE'],
      sources.map(({ ledger, name, access, entries, asOf, state, by, indexFault }) => [
        ledger,
        name === null ? '-' : shorten(visible(name), NAME_COLUMNS),
        access ?? '?',
        `${entries}`,
        asOf === null ? '-' : `${asOf.size}`,
        by === 'author' ? BY_AUTHOR : indexFault === null ? STATES[state] : WRONG_INDEX
      ])
    ),
    `complete: ${complete ? `yes, ${showCount(sources.length, 'ledger')}` : `no: ${whyNot(sources, selection.left)}`}`
  ].join('\n\n')
}

export function showIndexFaults({ faults }: ResultOf<Methods['network.indexFaults']>): string {
  if (faults.length === 0) return 'No index is known to be wrong.'
  const rows = faults.map(({ ledger, id, fault, seq, counts }) => [
    ledger,
    `${seq}`,
    fault,
    counts ? 'counts' : 'pardoned',
    shorten(id, ID_COLUMNS)
  ])
  return showTable(['LEDGER', 'INDEX ENTRY', 'FAULT', 'HERE', 'FILE'], rows)
}

function whyNot(sources: Source[], left: number): string {
  const short = sources
    .filter(({ by }) => by === null)
    .map(({ ledger, name, state }) => `${name === null ? ledger : visible(name)} (${state})`)
  const more = left === 0 ? [] : [`${showCount(left, 'ledger')} not asked`]
  return [...short, ...more].join(', ') || 'no ledger was asked'
}

export function showCounts({ counts, total, complete }: Count): string {
  return [
    showTable(
      ['LEDGER', 'ENTRIES', 'STATE'],
      counts.map(({ ledgerId, count, atLeast, state }) => [
        ledgerId,
        `${count}${atLeast ? ' or more' : ''}`,
        STATES[state]
      ])
    ),
    `${showCount(total, 'entry')} in all${complete ? '' : ', or more'}`
  ].join('\n\n')
}
