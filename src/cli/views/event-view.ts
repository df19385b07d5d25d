import { safeText } from '../../node/topology/label.js'
import type { NetworkNotice } from '../../rpc/client.js'
import { showCount, showTime } from '../format.js'

/** One line. */
export function showEvent (event: NetworkNotice): string {
  if ('overflow' in event) return '… some events were left out: this reader was too slow.'
  return `${showTime(event.at)}  ${event.kind.padEnd(12)}  ${describe(event)}`
}

function describe (event: Exclude<NetworkNotice, { overflow: true }>): string {
  switch (event.kind) {
    case 'connected': return `${event.peer}  ${event.name === null ? event.ledger ?? 'a stranger' : `${safeText(event.name)} ${event.ledger ?? ''}`}`
    case 'disconnected': return `${event.peer}  ${event.ledger ?? 'a stranger'}`
    case 'record': return `${event.peer}  serves ${event.name === null ? '' : `${safeText(event.name)} `}${event.ledger} at ${safeText(event.addrs[0] ?? 'no address')}`
    case 'trust': return `${event.ledger}  says something else of whom it trusts${event.subject === null ? '' : `: ${event.subject}`}`
    case 'evidence': return `${event.ledger}  its author signed what cannot both be true; frozen at ${showCount(event.frozenAt, 'entry')}`
    case 'sync': return `${event.ledger}  ${event.status}${event.code === null ? '' : `: ${event.code}`}, ${showCount(event.size, 'entry')}`
  }
}
