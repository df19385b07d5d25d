import type { NetworkNotice } from '../../rpc/client.js'
import { shorten, showCount, showTime } from '../format.js'
import { visible } from '../visible.js'

/** Columns of a name or an address: others choose them. */
const NAME_COLUMNS = 40
/** Characters that tell ledgers and peers apart, and that every command takes for them. */
const ID_CHARS = 12
const PEER_CHARS = 16

/** One line. */
export function showEvent(event: NetworkNotice): string {
  if ('overflow' in event) return '… some events were left out: this reader was too slow.'
  return `${showTime(event.at)}  ${event.kind.padEnd(12)}  ${describe(event)}`
}

function describe(event: Exclude<NetworkNotice, { overflow: true }>): string {
  switch (event.kind) {
    case 'connected':
      return `${peerOf(event)}  ${ledgerOf(event)}`
    case 'disconnected':
      return `${peerOf(event)}  ${ledgerOf({ ...event, name: null })}`
    case 'record':
      return `${peerOf(event)}  serves ${ledgerOf(event)} at ${nameText(event.addrs[0]?.split('/p2p/')[0] ?? 'no address')}`
    case 'trust':
      return `${shortId(event.ledger)}  changed its trust statements${event.subject === null ? '' : `: ${shortId(event.subject)}`}`
    case 'evidence':
      return `${shortId(event.ledger)}  its author signed contradictory statements; frozen at ${showCount(event.frozenAt, 'entry')}`
    case 'offer':
      return `${peerOf(event)}  offers ${ledgerOf(event)}: \`ledgermesh offers\``
    case 'signer':
      return `${shortId(event.ledger)}  own ledger: ${event.state}${event.explanation === null ? '' : `; ${event.explanation}`}`
    case 'conflict':
      return `${event.conflict.slice(0, ID_CHARS)}  entries under rule ${event.rule}: ${event.state}, ${showCount(event.siblings, 'entry')}`
    case 'reference':
      return `${shortId(event.from.ledger)}  ${nameText(event.from.id)} refers to ${nameText(event.to.id)} of ${shortId(event.to.ledger)}: ${event.status}`
    case 'sync':
      return `${shortId(event.ledger)}  ${event.status}${event.code === null ? '' : `: ${event.code}`}, ${showCount(event.size, 'entry')}`
  }
}

/** --json has them whole. */
function peerOf({ peer }: { peer: string }): string {
  return visible(peer.slice(0, PEER_CHARS))
}

function shortId(ledger: string): string {
  return ledger.slice(0, ID_CHARS)
}

function nameText(text: string): string {
  return shorten(text, NAME_COLUMNS)
}

function ledgerOf({ ledger, name }: { ledger: string | null; name: string | null }): string {
  if (ledger === null) return 'a stranger'
  return name === null ? shortId(ledger) : `${nameText(name)} (${shortId(ledger)})`
}
