/** The interoperability plugin: who else is out there. */
import { attest } from '../../protocols/attest/index.js'
import { LedgermeshError } from '../core/errors.js'
import type { LedgerId } from '../core/ledger-id.js'
import { mount } from '../network/host.js'
import type { KnownLedger, PeerStatus } from './api.js'
import { AttestAnswers } from './attest-answers.js'
import type { Mesh } from './mesh.js'
import { trustMilli } from './follow-rule.js'
import { trustApi, type TrustApi } from './trust-api.js'
import type { NetworkEvent, NetworkEventKind } from './network-events.js'
import { PeerWatch } from './peer-watch.js'
import type { Plugin, PluginContext } from './plugin.js'
import { TopologyService } from './topology/topology-service.js'
import type { Topology } from './topology/types.js'

export interface InteroperabilityOptions {
  /** `findLedgers` finds only ledgers that the own one trusts at least `minTrustLevel`, 0–1. Default: all. */
  trust?: { minTrustLevel?: number }
}

export interface InteroperabilityMethods {
  connect: (address: string) => Promise<PeerStatus>
  peers: () => Promise<PeerStatus[]>
  ledgers: () => Promise<KnownLedger[]>
  findLedgers: (query: { capability?: string, ledger?: LedgerId }) => Promise<KnownLedger[]>
  /** Attests, revokes, accepts, verifies; asks who trusts whom, and why. */
  trust: TrustApi
  /** 0–1; `trust.explain` says why. */
  getTrustLevel: (from: LedgerId, to: LedgerId) => Promise<number>
  verifyTrustChain: (source: LedgerId, target: LedgerId) => Promise<boolean>
  /** Events of these kinds (null: all) until the returned function is called. The listener must be quick. */
  subscribe: (kinds: readonly NetworkEventKind[] | null, listener: (event: NetworkEvent) => void) => () => void
  /** Ledgers and their nodes, and who mirrors, refers to and trusts whom, as far as this node knows. */
  topology: () => Promise<Topology>
  /** One claim for each connected peer: its clock minus ours, ms. */
  clockOffsets: () => number[]
}

/** A dial, with its handshakes and the exchange of records. */
const CONNECT_TIMEOUT_MS = 10_000

/** Throws INVALID_PARAMS for a trust level that is none. */
export function interoperabilityPlugin ({ trust: rule = {} }: InteroperabilityOptions = {}): Plugin<'interoperability', InteroperabilityMethods> {
  const minTrustMilli = rule.minTrustLevel === undefined ? null : trustMilli(rule.minTrustLevel)
  let context: PluginContext | null = null
  const trust = (): TrustApi => {
    if (context === null) throw new LedgermeshError('OFFLINE', 'the interoperability plugin is not started')
    return trustApi(context)
  }
  const isTrusted = ({ ledger, own }: KnownLedger): boolean => own || minTrustMilli === null || context!.trust.levelMilli(ledger) >= Math.max(minTrustMilli, 1)
  let peers: PeerWatch | null = null
  let service: TopologyService | null = null
  const mesh = (): Mesh => {
    if (context === null) throw new LedgermeshError('OFFLINE', 'the interoperability plugin is not started')
    return context.host()
  }

  return {
    id: 'interoperability',
    version: '1.0.0',
    start: (given) => {
      context = given
      const mesh = given.host()
      mesh.serve(mount(attest, new AttestAnswers({
        graph: given.trust.graph, ledgers: given.store, follows: given.follows, clock: given.clock, mayRead: (peer, ledger) => mesh.rights.may(peer, ledger, 'query') || mesh.rights.may(peer, ledger, 'sync')
      })))
      const { events, clock, store } = given
      peers = new PeerWatch({ mesh, events, clock, ledgers: store })
      peers.start()
      service = new TopologyService(given, peers)
    },
    stop: async () => { await service?.stop() },
    methods: {
      connect: async (address) => {
        const peer = await mesh().connect(address, AbortSignal.timeout(CONNECT_TIMEOUT_MS))
        const status = mesh().peers().find((one) => one.peer === peer)
        if (status === undefined) throw new LedgermeshError('UNREACHABLE', `${peer} has gone again`)
        return status
      },
      peers: async () => mesh().peers(),
      subscribe: (kinds, listener) => {
        if (context === null) throw new LedgermeshError('OFFLINE', 'the interoperability plugin is not started')
        return context.events.subscribe(kinds, listener)
      },
      topology: async () => {
        mesh()
        return await service!.topology()
      },
      clockOffsets: () => peers?.clockOffsets() ?? [],
      ledgers: async () => knownLedgers(context!, mesh()),
      findLedgers: async ({ capability = 'sync', ledger }) => {
        if (ledger !== undefined) {
          await mesh().findLedger(ledger)
          return knownLedgers(context!, mesh()).filter((known) => known.ledger === ledger && isTrusted(known))
        }
        await mesh().findCapability(capability)
        return knownLedgers(context!, mesh()).filter((known) => (known.own || known.nodes.some(({ capabilities }) => capabilities.includes(capability))) && isTrusted(known))
      },
      trust: {
        attest: (input) => trust().attest(input),
        revoke: (which) => trust().revoke(which),
        accept: (attestation) => trust().accept(attestation),
        verify: (attestation, confirmed) => trust().verify(attestation, confirmed),
        level: (question) => trust().level(question),
        explain: (question) => trust().explain(question),
        list: (filter) => trust().list(filter),
        find: (wanted) => trust().find(wanted)
      },
      getTrustLevel: async (from, to) => (await trust().level({ from, to })).level_milli / 1000,
      verifyTrustChain: async (source, target) => (await trust().explain({ from: source, to: target })).valid
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
