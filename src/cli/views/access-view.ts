import type { LedgerEntry } from '../../core/view.js'
import { showAgo, showTime, showJson } from '../format.js'
import { showTable } from '../table.js'
import type { AccessReport, MembersReport, RefusalsReport } from '../../node/api/access.js'

/** What was signed, with whole ids. */
export function showChange({ seq, meta }: Pick<LedgerEntry, 'seq' | 'meta'>): string {
  return `Recorded in entry ${seq}: ${showJson(meta)}`
}

export function showAccess({ access, readers, revoked, trustMilli }: AccessReport): string {
  if (access === 'public') return 'This ledger is public: anyone may read it.'
  const lines =
    readers.length === 0
      ? ['This ledger is private: only its owner may read it.']
      : [
          'This ledger is private. These may read it:',
          showTable(
            ['READER', 'NAME', 'SCOPE', 'ITS LEDGER IS'],
            readers.map(({ ledger, name, scope, held }) => [
              ledger,
              name ?? '-',
              scope,
              held ? 'held' : 'not held: its nodes cannot prove themselves until you follow it'
            ])
          )
        ]
  if (trustMilli !== null) lines.push(`Also any ledger trusted ${trustMilli / 1000} or more.`)
  if (revoked.length > 0) lines.push(`Never: ${revoked.join(', ')}`)
  return lines.join('\n')
}

export function showRefusals({ refusals, refusedBy }: RefusalsReport): string {
  if (refusals.length + refusedBy.length === 0) return 'Nobody was refused.'
  const rows = [
    ...refusals.map(({ peer, ledger, reason, reader, count, last }) => [
      peer,
      reader ?? '(stranger)',
      ledger ?? '-',
      reason,
      String(count),
      showAgo(last)
    ]),
    ...refusedBy.map(({ peer, count, last }) => [peer, '', '-', 'REFUSES US', String(count), showAgo(last)])
  ]
  return showTable(['PEER', 'A NODE OF', 'ASKED FOR', 'REASON', 'TIMES', 'LAST'], rows)
}

export function showMembers({ closed, issuers, members }: MembersReport): string {
  if (!closed) return 'This network is open: any node that knows its name may connect.'
  if (issuers.length === 0) return 'Closed: only those on the allow-list may connect.'
  return showTable(
    ['PEER', 'UNTIL', 'BY'],
    members.map(({ peer, expires, issuer }) => [peer, showTime(expires), issuer])
  )
}
