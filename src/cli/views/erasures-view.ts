import type { ErasureHolder, ErasuresResult } from '../../node/api/erasures.js'
import { showTime } from '../format.js'
import { showTable } from '../table.js'

export function showErasures({ erasures }: ErasuresResult): string {
  if (erasures.length === 0) return 'Nothing was erased from the own ledger.'
  const who = ({ peer, name }: ErasureHolder): string => name ?? peer
  return showTable(
    ['ENTRY', 'WHEN', 'PAYLOADS', 'CONFIRMED BY', 'NOT YET'],
    erasures.map(({ seq, timestamp, entries, confirmed, waiting }) => [
      String(seq),
      showTime(timestamp),
      String(entries.length),
      confirmed.map(who).join('\n') || 'nobody',
      waiting.map((holder) => `${who(holder)} (${holder.reason})`).join('\n') || '-'
    ])
  )
}
