import type { ConflictsReport } from '../../node/api.js'
import { plain, showCount, showPairs } from '../format.js'

export function showConflicts ({ conflicts, voided }: ConflictsReport): string {
  if (conflicts.length === 0 && voided.length === 0) return 'No ledger is frozen.'
  const frozen = conflicts.map((one) => showPairs([
    ['ledger', one.name === null ? one.ledger : `${one.ledger} (${plain(one.name)})`],
    ['undisputed', showCount(one.frozenAt, 'entry')],
    ['disputed', showCount(one.disputed, 'entry')],
    ['evidence', one.evidence === null ? 'not here' : `${one.kind}, ${one.evidence}`],
    ['rotation', one.rotation === null ? 'none in the evidence' : `entry ${one.rotation.seq}, key ${one.rotation.key}`],
    ['next', one.next]
  ]))
  const gone = voided.map(({ ledger, evidence, from, entries }) => `${ledger}: ${showCount(entries, 'entry')} from seq ${from} gave way after evidence ${evidence}`)
  return [...frozen, ...gone].join('\n\n')
}
