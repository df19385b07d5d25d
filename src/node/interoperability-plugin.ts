/** The interoperability plugin: who else is out there. */
import { registry } from '../../protocols/registry/index.js'
import { LedgermeshError } from '../core/errors.js'
import { isLedgerId, type LedgerId } from '../core/ledger-id.js'
import { isPeerIdText } from '../core/ledger-types.js'
import { peerKeyOf } from '../core/peer-key.js'
import { mount } from '../network/host.js'
import type { Appended, Discovery, DiscoverOptions, FindQuery, KnownLedger, PeerStatus, RegisteredAt } from './api.js'
import { Discoverer } from './discovery/discover.js'
import { RegistryReader } from './discovery/find-registered.js'
import { RecordGossip } from './discovery/record-gossip.js'
import { Registrar } from './discovery/registrar.js'
import { RegistryBook } from './discovery/registry-book.js'
import { knownLedgers } from './known-ledgers.js'
import type { Mesh } from './mesh.js'
import type { Plugin, PluginContext } from './plugin.js'

export interface InteroperabilityOptions {
  /** What `discover` does when it is not told otherwise. */
  discovery?: DiscoverOptions
  /** Be a registry for others. */
  registry?: boolean
  /** Multiaddrs of registries to search in. */
  registries?: string[]
  /** DNS servers, ip or ip:port. Default: those of the system. */
  dnsServers?: string[]
  /** What this node trusts a ledger with, 0–1000. */
  trustMilli?: (ledger: LedgerId) => number
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
}

/** A dial, with its handshakes and the exchange of records. */
const CONNECT_TIMEOUT_MS = 10_000
/** Milliseconds for asking all registries about one ledger. */
const ASK_TIMEOUT_MS = 10_000

interface Running { context: PluginContext, mesh: Mesh, reader: RegistryReader, registrar: Registrar, gossip: RecordGossip, discoverer: Discoverer }

export function interoperabilityPlugin (options: InteroperabilityOptions = {}): Plugin<'interoperability', InteroperabilityMethods> {
  let parts: Running | null = null
  const running = (): Running => {
    if (parts === null) throw new LedgermeshError('OFFLINE', 'the interoperability plugin is not started')
    return parts
  }
  const known = (): KnownLedger[] => knownLedgers(running().context, running().mesh)
  const stated = async (type: string, peerId: string, meta: { peer_id: string, expires?: number | null }): Promise<Appended> => {
    if (!isPeerIdText(peerId) || peerKeyOf(peerId) === null) throw new LedgermeshError('INVALID_PARAMS', `not the peer id of an Ed25519 key: ${JSON.stringify(peerId.slice(0, 80))}`)
    const { existing, ...entry } = (await running().context.store.own.appendReserved([{ stream: 'ledger', type, meta }]))[0]!
    return { entry, existing }
  }

  return {
    id: 'interoperability',
    version: '1.0.0',
    start: (context) => { parts = begin(context, options) },
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
      ledgers: async () => known(),
      findLedgers: async (query) => {
        const { mesh } = running()
        const { capability = 'sync', ledger, region, minTrustMilli = 0 } = query
        const { trustMilli } = options
        if (minTrustMilli > 0 && trustMilli === undefined) throw new LedgermeshError('INVALID_PARAMS', 'nothing here weighs trust: leave the minimum out')
        if (ledger !== undefined) await mesh.findLedger(ledger)
        else await mesh.findCapability(capability)
        const inRegion = new Set(mesh.directory.list().filter(({ record }) => region === undefined || record.metadata.region === region).map(({ record }) => record.peer_id))
        return known().filter((one) => (ledger === undefined || one.ledger === ledger) &&
          (minTrustMilli === 0 || trustMilli!(one.ledger) >= minTrustMilli) &&
          ((one.own && region === undefined) || ledger !== undefined || one.nodes.some(({ capabilities }) => capabilities.includes(capability))) &&
          (region === undefined || one.nodes.some(({ peer }) => inRegion.has(peer))))
      },
      discover: async (given = {}) => await running().discoverer.discover({ ...options.discovery, ...given }),
      register: async (registryPeer) => await running().registrar.register(registryPeer),
      getLedger: async (id) => {
        if (!isLedgerId(id)) throw new LedgermeshError('INVALID_PARAMS', 'a ledger id is b and 52 characters')
        const find = (): KnownLedger | null => known().find(({ ledger }) => ledger === id) ?? null
        const { mesh, reader } = running()
        if (find()?.nodes.some(({ connected }) => connected) !== true && find()?.own !== true) {
          const signal = AbortSignal.any([mesh.stopping, AbortSignal.timeout(ASK_TIMEOUT_MS)])
          await Promise.allSettled(reader.known().map((peer) => reader.nodesOf(peer, id, signal)))
          await mesh.findLedger(id)
        }
        return find()
      },
      authorizeNode: async (peerId, expires) => await stated('ledger.authorize-node', peerId, { peer_id: peerId, expires: expires ?? null }),
      revokeNode: async (peerId) => await stated('ledger.revoke-node', peerId, { peer_id: peerId })
    }
  }
}

function begin (context: PluginContext, options: InteroperabilityOptions): Running {
  const { store, follows, clock, log } = context
  const mesh = context.host()
  const { network, verifier, directory } = mesh
  const { trustMilli = null, registries = [], dnsServers = [] } = options
  if (options.registry === true) mesh.serve(mount(registry, new RegistryBook({ network, verifier, directory, clock })), 'registry')
  const reader = new RegistryReader({ mesh, network, clock, registries })
  const registrar = new Registrar({ mesh, reader, log })
  const gossip = new RecordGossip({
    mesh, network, ledgers: store, clock, log,
    isRelevant: (ledger) => ledger === store.own.id || follows.has(ledger) || (trustMilli !== null && trustMilli(ledger) > 0),
    onRenewed: async () => { await registrar.renew() }
  })
  mesh.use({ onReady: () => { gossip.start() }, onPeer: () => {}, onPeerGone: () => {}, onHeads: async () => {}, onEvidence: async () => {}, onStop: async () => {
    gossip.stop()
    await registrar.goodbye()
  } })
  return { context, mesh, reader, registrar, gossip, discoverer: new Discoverer({ mesh, log, bootstrap: mesh.bootstrap, dnsServers, reader, trustMilli }) }
}
