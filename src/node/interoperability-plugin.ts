/** The interoperability plugin: who else is out there, how to find them, whom to trust, and what the network looks like from here. */
import { attest } from '../../protocols/attest/index.js'
import { registry } from '../../protocols/registry/index.js'
import { LedgermeshError } from '../core/errors.js'
import { isLedgerId, type LedgerId } from '../core/ledger-id.js'
import { isPeerIdText } from '../core/ledger-types.js'
import { peerKeyOf } from '../core/peer-key.js'
import { mount } from '../network/host.js'
import { appended } from './appended.js'
import type { Appended, Discovery, DiscoverOptions, FindQuery, KnownLedger, PeerStatus, RegisteredAt } from './api.js'
import { AttestAnswers } from './attest-answers.js'
import { Discoverer } from './discovery/discover.js'
import { RegistryReader } from './discovery/find-registered.js'
import { Rejoin } from './discovery/rejoin.js'
import { RecordGossip } from './discovery/record-gossip.js'
import { Registrar } from './discovery/registrar.js'
import { RegistryBook } from './discovery/registry-book.js'
import { trustMilli } from './follow-rule.js'
import { knownLedgers } from './known-ledgers.js'
import type { Mesh } from './mesh.js'
import type { NetworkEvent, NetworkEventKind } from './network-events.js'
import { PeerWatch } from './peer-watch.js'
import type { Plugin, PluginContext } from './plugin.js'
import { TopologyService } from './topology/topology-service.js'
import type { Topology } from './topology/types.js'
import { trustApi, type TrustApi } from './trust-api.js'

export interface InteroperabilityOptions {
  /** What `discover` does when it is not told otherwise. */
  discovery?: DiscoverOptions
  /** `findLedgers` finds only ledgers that the own one trusts at least `minTrustLevel`, 0–1. Default: all. */
  trust?: { minTrustLevel?: number }
  /** Be a registry for others. */
  registry?: boolean
  /** Multiaddrs of registries to search in. */
  registries?: string[]
  /** DNS servers, ip or ip:port. Default: those of the system. */
  dnsServers?: string[]
}

export interface InteroperabilityMethods {
  connect: (address: string) => Promise<PeerStatus>
  peers: () => Promise<PeerStatus[]>
  ledgers: () => Promise<KnownLedger[]>
  findLedgers: (query: FindQuery) => Promise<KnownLedger[]>
  discover: (options?: DiscoverOptions) => Promise<Discovery>
  register: (registryPeer?: string) => Promise<RegisteredAt[]>
  getLedger: (ledger: LedgerId) => Promise<KnownLedger | null>
  authorizeNode: (peerId: string, expires?: number) => Promise<Appended>
  revokeNode: (peerId: string) => Promise<Appended>
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
/** Milliseconds for asking all registries about one ledger. */
const ASK_TIMEOUT_MS = 10_000

interface Running {
  context: PluginContext
  mesh: Mesh
  reader: RegistryReader
  registrar: Registrar
  discoverer: Discoverer
  watch: PeerWatch
  topology: TopologyService
}

/** Throws INVALID_PARAMS for a trust level that is none. */
export function interoperabilityPlugin (options: InteroperabilityOptions = {}): Plugin<'interoperability', InteroperabilityMethods> {
  const rule = options.trust?.minTrustLevel === undefined ? 0 : Math.max(trustMilli(options.trust.minTrustLevel), 1)
  let parts: Running | null = null
  const running = (): Running => {
    if (parts === null) throw new LedgermeshError('OFFLINE', 'the interoperability plugin is not started')
    return parts
  }
  const trust = (): TrustApi => trustApi(running().context)
  const stated = async (type: string, peerId: string, meta: { peer_id: string, expires?: number | null }): Promise<Appended> => {
    if (!isPeerIdText(peerId) || peerKeyOf(peerId) === null) throw new LedgermeshError('INVALID_PARAMS', `not the peer id of an Ed25519 key: ${JSON.stringify(peerId.slice(0, 80))}`)
    return appended((await running().context.store.own.appendReserved([{ stream: 'ledger', type, meta }]))[0]!)
  }

  return {
    id: 'interoperability',
    version: '1.0.0',
    start: (context) => { parts = begin(context, options) },
    stop: async () => { await parts?.topology.stop() },
    methods: {
      connect: async (address) => {
        const { mesh } = running()
        const peer = await mesh.connect(address, AbortSignal.timeout(CONNECT_TIMEOUT_MS))
        mesh.directory.note(peer, 'manual')
        const status = mesh.peers().find((one) => one.peer === peer)
        if (status === undefined) throw new LedgermeshError('UNREACHABLE', `${peer} has gone again`)
        return status
      },
      peers: async () => running().mesh.peers(),
      ledgers: async () => knownLedgers(running().context, running().mesh),
      findLedgers: async (query) => await findLedgers(running(), query, rule),
      discover: async (given = {}) => await running().discoverer.discover({ ...options.discovery, ...given }),
      register: async (registryPeer) => await running().registrar.register(registryPeer),
      getLedger: async (ledger) => await getLedger(running(), ledger),
      authorizeNode: async (peerId, expires) => await stated('ledger.authorize-node', peerId, { peer_id: peerId, expires: expires ?? null }),
      revokeNode: async (peerId) => await stated('ledger.revoke-node', peerId, { peer_id: peerId }),
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
      verifyTrustChain: async (source, target) => (await trust().explain({ from: source, to: target })).valid,
      subscribe: (kinds, listener) => running().context.events.subscribe(kinds, listener),
      topology: async () => await running().topology.topology(),
      clockOffsets: () => parts?.watch.clockOffsets() ?? []
    }
  }
}

async function findLedgers ({ context, mesh }: Running, query: FindQuery, rule: number): Promise<KnownLedger[]> {
  const { capability = 'sync', ledger, region, minTrustMilli = 0 } = query
  if (ledger !== undefined) await mesh.findLedger(ledger)
  else await mesh.findCapability(capability)
  const wanted = Math.max(minTrustMilli, rule)
  const inRegion = new Set(mesh.directory.list().filter(({ record }) => region === undefined || record.metadata.region === region).map(({ record }) => record.peer_id))
  return knownLedgers(context, mesh).filter((one) => (ledger === undefined || one.ledger === ledger) &&
    (wanted === 0 || one.own || context.trust.levelMilli(one.ledger) >= wanted) &&
    ((one.own && region === undefined) || ledger !== undefined || one.nodes.some(({ capabilities }) => capabilities.includes(capability))) &&
    (region === undefined || one.nodes.some(({ peer }) => inRegion.has(peer))))
}

async function getLedger ({ context, mesh, reader }: Running, id: LedgerId): Promise<KnownLedger | null> {
  if (!isLedgerId(id)) throw new LedgermeshError('INVALID_PARAMS', 'a ledger id is b and 52 characters')
  const find = (): KnownLedger | null => knownLedgers(context, mesh).find(({ ledger }) => ledger === id) ?? null
  if (find()?.nodes.some(({ connected }) => connected) !== true && find()?.own !== true) {
    const signal = AbortSignal.any([mesh.stopping, AbortSignal.timeout(ASK_TIMEOUT_MS)])
    await Promise.allSettled(reader.known().map((peer) => reader.nodesOf(peer, id, signal)))
    await mesh.findLedger(id)
  }
  return find()
}

function begin (context: PluginContext, options: InteroperabilityOptions): Running {
  const { store, follows, trust, events, clock, random, log } = context
  const mesh = context.host()
  const { network, verifier, directory, rights } = mesh
  const { registries = [], dnsServers = [] } = options
  if (options.registry === true) mesh.serve(mount(registry, new RegistryBook({ network, verifier, directory, clock })), 'registry')
  mesh.serve(mount(attest, new AttestAnswers({
    graph: trust.graph, ledgers: store, follows, clock, mayRead: (peer, ledger) => rights.may(peer, ledger, 'query') || rights.may(peer, ledger, 'sync')
  })))
  const reader = new RegistryReader({ mesh, network, clock, registries })
  const registrar = new Registrar({ mesh, reader, log })
  const trustMilli = (ledger: LedgerId): number => trust.levelMilli(ledger)
  const gossip = new RecordGossip({
    mesh, network, ledgers: store, clock, log,
    isRelevant: (ledger) => ledger === store.own.id || follows.has(ledger) || trustMilli(ledger) > 0,
    onRenewed: async () => { await registrar.renew() }
  })
  mesh.use({ onReady: () => { gossip.start() }, onPeer: () => {}, onPeerGone: () => {}, onHeads: async () => {}, onEvidence: async () => {}, onStop: async () => {
    gossip.stop()
    await registrar.goodbye()
  } })
  const watch = new PeerWatch({ mesh, events, clock, ledgers: store })
  watch.start()
  mesh.use(new Rejoin({ mesh, clock, random, log }))
  return {
    context, mesh, reader, registrar, watch,
    discoverer: new Discoverer({ mesh, log, bootstrap: mesh.bootstrap, dnsServers, reader, trustMilli }),
    topology: new TopologyService(context, watch)
  }
}
