import type { LedgerId } from '../../core/ledger-id.js'
import type { Ledgers } from '../../ledger/ledgers.js'
import type { KnownLedger } from '../api/node.js'
import type { PeerNetwork } from '../sessions/peer-network.js'

export interface KnownLedgersInit {
  ledgers: Ledgers
  isFollowed: (ledger: LedgerId) => boolean
  peerNetwork: Pick<PeerNetwork, 'connections' | 'directory'>
}

/** Held here, or named by a node record that comes with its proof. The own one first. */
export function knownLedgers({ ledgers, isFollowed, peerNetwork }: KnownLedgersInit): KnownLedger[] {
  const known = new Map<LedgerId, KnownLedger>()
  for (const ledger of ledgers.list()) {
    known.set(ledger.id, {
      ledger: ledger.id,
      name: ledger.chain?.name ?? null,
      own: ledger.own,
      followed: isFollowed(ledger.id),
      access: ledger.chain?.access ?? null,
      size: ledger.size,
      nodes: []
    })
  }
  for (const node of peerNetwork.directory.list()) {
    if (!peerNetwork.directory.isCredible(node)) continue
    const { record, name, status, lastSeen, sources, proof } = node
    let entry = known.get(record.ledger)
    if (entry === undefined)
      known.set(
        record.ledger,
        (entry = { ledger: record.ledger, name, own: false, followed: false, access: null, size: null, nodes: [] })
      )
    entry.name ??= name
    entry.nodes.push({
      peer: record.peer_id,
      addrs: record.addrs,
      capabilities: record.capabilities,
      connected: peerNetwork.connections.isConnected(record.peer_id),
      status,
      lastSeen,
      sources,
      proof
    })
  }
  return [...known.values()].toSorted((a, b) => Number(b.own) - Number(a.own) || (a.ledger < b.ledger ? -1 : 1))
}
