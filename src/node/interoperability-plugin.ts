/** The interoperability plugin: who else is out there. */
import { LedgermeshError } from '../core/errors.js'
import type { LedgerId } from '../core/ledger-id.js'
import type { KnownLedger, PeerStatus } from './api.js'
import type { Mesh } from './mesh.js'
import type { Plugin, PluginContext } from './plugin.js'

export interface InteroperabilityMethods {
  connect: (address: string) => Promise<PeerStatus>
  peers: () => Promise<PeerStatus[]>
  ledgers: () => Promise<KnownLedger[]>
  findLedgers: (query: { capability?: string, ledger?: LedgerId }) => Promise<KnownLedger[]>
}

/** A dial, with its handshakes and the exchange of records. */
const CONNECT_TIMEOUT_MS = 10_000

export function interoperabilityPlugin (): Plugin<'interoperability', InteroperabilityMethods> {
  let context: PluginContext | null = null
  const mesh = (): Mesh => {
    if (context === null) throw new LedgermeshError('OFFLINE', 'the interoperability plugin is not started')
    return context.host()
  }

  return {
    id: 'interoperability',
    version: '1.0.0',
    start: (given) => {
      context = given
      given.host()
    },
    methods: {
      connect: async (address) => {
        const peer = await mesh().connect(address, AbortSignal.timeout(CONNECT_TIMEOUT_MS))
        const status = mesh().peers().find((one) => one.peer === peer)
        if (status === undefined) throw new LedgermeshError('UNREACHABLE', `${peer} has gone again`)
        return status
      },
      peers: async () => mesh().peers(),
      ledgers: async () => knownLedgers(context!, mesh()),
      findLedgers: async ({ capability = 'sync', ledger }) => {
        if (ledger !== undefined) {
          await mesh().findLedger(ledger)
          return knownLedgers(context!, mesh()).filter((known) => known.ledger === ledger)
        }
        await mesh().findCapability(capability)
        return knownLedgers(context!, mesh()).filter(({ own, nodes }) => own || nodes.some(({ capabilities }) => capabilities.includes(capability)))
      }
    }
  }
}

/** Held here, or named by a node record that its peer showed with the key to it. */
function knownLedgers ({ store, follows }: PluginContext, mesh: Mesh): KnownLedger[] {
  const known = new Map<LedgerId, KnownLedger>()
  for (const ledger of store.list()) {
    known.set(ledger.id, { ledger: ledger.id, name: ledger.chain?.name ?? null, own: ledger.own, followed: follows.has(ledger.id), size: ledger.size, nodes: [] })
  }
  for (const node of mesh.directory.list()) {
    if (!mesh.directory.isCredible(node)) continue
    const { record, name } = node
    let entry = known.get(record.ledger)
    if (entry === undefined) known.set(record.ledger, entry = { ledger: record.ledger, name, own: false, followed: false, size: null, nodes: [] })
    entry.name ??= name
    entry.nodes.push({ peer: record.peer_id, addrs: record.addrs, capabilities: record.capabilities, connected: mesh.isConnected(record.peer_id) })
  }
  return [...known.values()].toSorted((a, b) => Number(b.own) - Number(a.own) || (a.ledger < b.ledger ? -1 : 1))
}
