import { adviceFor } from '../../core/advice.js'
import type { ConflictsReport } from '../../node/api/node.js'
import { showCount } from '../format.js'
import { showPairs } from '../pairs.js'
import { visible } from '../visible.js'

export function showConflicts({ conflicts, disputes, voided }: ConflictsReport): string {
  if (conflicts.length + disputes.length + voided.length === 0) return 'No ledger is frozen.'
  const frozen = conflicts.map((one) =>
    showPairs([
      [
        'ledger',
        one.name === null
          ? one.ledger
          : `${one.ledger} (${visible(one.name)}, ${one.access ?? 'public or private: not known'})`
      ],
      ['undisputed', showCount(one.frozenAt, 'entry')],
      ['disputed', showCount(one.disputed, 'entry')],
      ['evidence', one.evidence === null ? 'not here' : `${one.kind}, ${one.evidence}`],
      ...(one.keyFork ? [['key fork', 'one of its keys signed two rotations'] as [string, string]] : []),
      [
        'rotation',
        one.rotation === null ? 'none in the evidence' : `entry ${one.rotation.seq}, key ${one.rotation.key}`
      ],
      ['next', adviceFor('cli', one.next)]
    ])
  )
  const others = disputes.map((one) =>
    showPairs([
      [
        'ledger',
        one.name === null
          ? one.ledger
          : `${one.ledger} (${visible(one.name)}, ${one.access ?? 'public or private: not known'})`
      ],
      ['evidence', one.evidence === null ? 'none that freezes it any more' : `${one.kind}, ${one.evidence}`],
      ['state', one.from === null ? one.state : `${one.state}: believed below entry ${one.from}`],
      ['next', adviceFor('cli', one.next)]
    ])
  )
  const gone = voided.map(
    ({ ledger, evidence, from, entries }) =>
      `${ledger}: ${showCount(entries, 'entry')} from seq ${from} voided by evidence ${evidence}`
  )
  return [...frozen, ...others, ...gone].join('\n\n')
}
