import type { DiskUse } from '../../node/api/node.js'
import { showBytes, showCount } from '../format.js'
import { showPairs } from '../pairs.js'
import { showTable } from '../table.js'

export function showDisk({ bytes, free, ledgers, shared }: DiskUse): string {
  return [
    showTable(
      ['LEDGER', 'ENTRIES', 'ABOUT', 'PAYLOADS'],
      ledgers.map((one) => [one.ledger, showCount(one.entries, 'entry'), showBytes(one.bytes), showBytes(one.payloads)])
    ),
    showPairs([
      ['of no ledger alone, or not sorted yet', showBytes(shared)],
      ['the store', showBytes(bytes)],
      ['free', showBytes(free)]
    ])
  ].join('\n\n')
}
