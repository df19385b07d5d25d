import type { KnownLedger, NodeStatus, PeerStatus } from '../../node/api.js'
import { showAgo, showCount, showPairs, showSpan, showTable } from '../format.js'

export function showNode (node: NodeStatus): string {
  return showPairs([
    ['ledger', node.ledger], ['name', node.name], ['network', node.network], ['entries', `${node.own.size} (${node.own.waiting ?? node.own.state})`],
    ['peer id', node.peerId], ['addresses', node.addrs.length === 0 ? 'none' : node.addrs.join(', ')], ['follows', showCount(node.followed, 'ledger')],
    ['peers', `${node.peers} connected, ${node.dht.peers} in the DHT (${node.dht.mode})`],
    ['trouble', node.stalled + node.evidence === 0 ? 'none' : `${node.stalled} stalled, ${node.evidence} with evidence`],
    ['home', node.home], ['running', `${showSpan(Date.now() - node.startedAt)}, version ${node.version}`]
  ])
}

export function showPeers (peers: PeerStatus[]): string {
  if (peers.length === 0) return 'No peers are connected. Connect to one with `npx ledgermesh connect <address>`.'
  return showTable(['PEER', 'NAME', 'LEDGER', 'DIRECTION', 'SINCE', 'ADDRESS'], peers.map((peer) => [
    peer.peer, peer.name ?? '-', peer.ledger ?? '(stranger)', peer.direction, showAgo(peer.since), peer.addrs[0] ?? '-'
  ]))
}

export function showLedgers (ledgers: KnownLedger[]): string {
  if (ledgers.length === 0) return 'None found.'
  return showTable(['LEDGER', 'NAME', 'ENTRIES', 'HELD AS', 'NODES'], ledgers.map(({ ledger, name, size, own, followed, nodes }) => [
    ledger, name ?? '-', size === null ? '?' : String(size), own ? 'own' : followed ? 'followed' : 'not held',
    own ? 'this node' : `${nodes.length} known, ${nodes.filter(({ connected }) => connected).length} connected`
  ]))
}
