import type { LedgerId } from '../core/ledger-id.js'
import type { KnownLedger } from './api.js'
import type { Mesh } from './mesh.js'
import type { PluginContext } from './plugin.js'

/** Held here, or named by a node record that comes with its proof. The own one first. */
export function knownLedgers ({ store, follows }: PluginContext, mesh: Mesh): KnownLedger[] {
  const known = new Map<LedgerId, KnownLedger>()
  for (const ledger of store.list()) {
    known.set(ledger.id, { ledger: ledger.id, name: ledger.chain?.name ?? null, own: ledger.own, followed: follows.has(ledger.id), size: ledger.size, nodes: [] })
  }
  for (const node of mesh.directory.list()) {
    if (!mesh.directory.isCredible(node)) continue
    const { record, name, status, sources, proof } = node
    let entry = known.get(record.ledger)
    if (entry === undefined) known.set(record.ledger, entry = { ledger: record.ledger, name, own: false, followed: false, size: null, nodes: [] })
    entry.name ??= name
    entry.nodes.push({ peer: record.peer_id, addrs: record.addrs, capabilities: record.capabilities, connected: mesh.isConnected(record.peer_id), status, sources, proof })
  }
  return [...known.values()].toSorted((a, b) => Number(b.own) - Number(a.own) || (a.ledger < b.ledger ? -1 : 1))
}
