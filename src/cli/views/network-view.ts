import type { KnownLedger, NodeStatus, PeerStatus } from '../../node/api/node.js'
import { showAgo, showCount, showSpan } from '../format.js'
import { showTable } from '../table.js'
import { showPairs } from '../pairs.js'

export function showNode(node: NodeStatus): string {
  return showPairs([
    ['ledger', node.ledger],
    ['name', `${node.name} (${node.access})`],
    ['network', node.network],
    ['entries', `${node.own.size} (${node.own.waiting ?? node.own.state})`],
    ['peer id', node.peerId],
    ['addresses', node.addrs.length === 0 ? 'none' : node.addrs.map(withoutPeer)],
    ['follows', showCount(node.followed, 'ledger')],
    ['peers', `${node.peers} connected, ${node.dht.peers} in the DHT (${node.dht.mode})`],
    [
      'trouble',
      node.stalled + node.evidence === 0 ? 'none' : `${node.stalled} stalled, ${node.evidence} with evidence`
    ],
    ...(node.own.state === 'ready'
      ? []
      : [['next', '`npx ledgermesh doctor` says what can be done'] as [string, string]]),
    ['home', node.home],
    ['running', `${showSpan(Date.now() - node.startedAt)}, version ${node.version}`]
  ])
}

export function showPeers(peers: PeerStatus[]): string {
  if (peers.length === 0) return 'No peers are connected. Connect to one with `npx ledgermesh connect <address>`.'
  return showTable(
    ['PEER', 'NAME', 'LEDGER', 'ACCESS', 'CALLED', 'SINCE', 'ADDRESS'],
    peers.map((peer) => [
      peer.peer,
      peer.name ?? '-',
      peer.ledger ?? '(stranger)',
      peer.access ?? '?',
      peer.direction === 'inbound' ? 'us' : 'by us',
      showAgo(peer.since),
      withoutPeer(peer.addrs[0] ?? '-')
    ])
  )
}

export function showLedgers(ledgers: KnownLedger[]): string {
  if (ledgers.length === 0) return 'None found.'
  return showTable(
    ['LEDGER', 'NAME', 'ACCESS', 'ENTRIES', 'HELD', 'NODES'],
    ledgers.map(({ ledger, name, access, size, own, followed, nodes }) => [
      ledger,
      name ?? '-',
      access ?? '?',
      size === null ? '?' : String(size),
      size === null ? 'no: unproven' : heldAs(own, followed),
      own ? 'this one' : `${nodes.filter(({ connected }) => connected).length} of ${nodes.length} connected`
    ])
  )
}

/** One ledger in full, with its nodes. */
export function showLedger(known: KnownLedger): string {
  const { ledger, name, access, size, own, followed, nodes } = known
  const facts = showPairs([
    ['ledger', ledger],
    ['name', `${name ?? '-'} (${access ?? 'public or private: not known before it is held'})`],
    ['entries', size === null ? 'not known' : String(size)],
    ['held', size === null ? 'no: only claimed by its nodes, unproven' : heldAs(own, followed)],
    ['nodes', own ? 'this one' : nodes.length === 0 ? 'none known' : showCount(nodes.length, 'node')]
  ])
  if (nodes.length === 0) return facts
  return `${facts}\n\n${showTable(
    ['PEER', 'STATUS', 'PROOF', 'FOUND BY', 'ADDRESS'],
    nodes.map((node) => [
      node.peer,
      node.connected ? 'connected' : node.status,
      node.proof,
      node.sources.join(', '),
      withoutPeer(node.addrs[0] ?? '-')
    ])
  )}`
}

function heldAs(own: boolean, followed: boolean): string {
  return own ? 'own' : followed ? 'followed' : 'not followed'
}

/** The peer id stands beside it. */
function withoutPeer(addr: string): string {
  return addr.split('/p2p/')[0]!
}
