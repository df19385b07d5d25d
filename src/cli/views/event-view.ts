import { safeText, shortId } from '../../node/topology/label.js'
import type { NetworkNotice } from '../../rpc/client.js'
import { showCount, showTime } from '../format.js'

const PEER_CHARS = 12

/** One line. */
export function showEvent (event: NetworkNotice): string {
  if ('overflow' in event) return '… some events were left out: this reader was too slow.'
  return `${showTime(event.at)}  ${event.kind.padEnd(12)}  ${describe(event)}`
}

function describe (event: Exclude<NetworkNotice, { overflow: true }>): string {
  switch (event.kind) {
    case 'connected': return `${peerOf(event)}  ${ledgerOf(event)}`
    case 'disconnected': return `${peerOf(event)}  ${ledgerOf({ ...event, name: null })}`
    case 'record': return `${peerOf(event)}  serves ${ledgerOf(event)} at ${safeText(event.addrs[0]?.split('/p2p/')[0] ?? 'no address')}`
    case 'trust': return `${shortId(event.ledger)}  says something else of whom it trusts${event.subject === null ? '' : `: ${shortId(event.subject)}`}`
    case 'evidence': return `${shortId(event.ledger)}  its author signed what cannot both be true; frozen at ${showCount(event.frozenAt, 'entry')}`
    case 'sync': return `${shortId(event.ledger)}  ${event.status}${event.code === null ? '' : `: ${event.code}`}, ${showCount(event.size, 'entry')}`
  }
}

/** Peer ids begin alike; --json has them whole. */
function peerOf ({ peer }: { peer: string }): string {
  return `…${peer.slice(-PEER_CHARS)}`
}

function ledgerOf ({ ledger, name }: { ledger: string | null, name: string | null }): string {
  if (ledger === null) return 'a stranger'
  return name === null ? shortId(ledger) : `${safeText(name)} (${shortId(ledger)})`
}
