import type { AccessReport } from '../../node/access-api.js'
import type { MembersReport } from '../../node/api.js'
import type { RefusalsReport } from '../../node/refusals.js'
import { showAgo, showTable, showTime } from '../format.js'

export function showAccess ({ access, readers, revoked, trustMilli }: AccessReport): string {
  if (access === 'public') return 'This ledger is public: everybody may read it.'
  const lines = readers.length === 0 ? ['Nobody may read this ledger but its owner.'] : [showTable(['READER', 'NAME', 'SCOPE', 'ITS LEDGER IS'], readers.map(({ ledger, name, scope, held }) => [
    ledger, name ?? '-', scope, held ? 'held' : 'not held: its nodes cannot prove themselves until you follow it'
  ]))]
  if (trustMilli !== null) lines.push(`Also whoever is trusted ${trustMilli / 1000} or more.`)
  if (revoked.length > 0) lines.push(`Never: ${revoked.join(', ')}`)
  return lines.join('\n')
}

export function showRefusals ({ refusals, refusedBy }: RefusalsReport): string {
  if (refusals.length + refusedBy.length === 0) return 'Nobody was refused.'
  const rows = [
    ...refusals.map(({ peer, ledger, reason, reader, count, last }) => [peer, reader ?? '(stranger)', ledger ?? '-', reason, String(count), showAgo(last)]),
    ...refusedBy.map(({ peer, count, last }) => [peer, '', '-', 'REFUSES US', String(count), showAgo(last)])
  ]
  return showTable(['PEER', 'A NODE OF', 'ASKED FOR', 'REASON', 'TIMES', 'LAST'], rows)
}

export function showMembers ({ closed, issuers, members }: MembersReport): string {
  if (!closed) return 'This network is open: whoever knows its name may connect.'
  if (issuers.length === 0) return 'Closed: only those on the allow-list may connect.'
  return showTable(['PEER', 'UNTIL', 'BY'], members.map(({ peer, expires, issuer }) => [peer, showTime(expires), issuer]))
}
