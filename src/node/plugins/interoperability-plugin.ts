/**
 * The interoperability plugin: who else is out there, how to find them, which to trust, and what the network looks like
 * from here.
 */
import { attest } from '../../../protocols/attest/index.js'
import { registry } from '../../../protocols/registry/index.js'
import { nodesTopic } from '../../../protocols/announce/index.js'
import { LedgermeshError } from '../../core/errors.js'
import { isLedgerId, type LedgerId } from '../../core/ledger-id.js'
import { isPeerIdText } from '../../core/ledger-types.js'
import { readOptions, type Members } from '../../core/options.js'
import { peerKeyOf } from '../../core/peer-key.js'
import { protocolHandler } from '../../network/host.js'
import type { DiscoverOptions, FindQuery, KnownLedger } from '../api/discovery.js'
import type { Appended } from '../api/ledger.js'
import type { InteroperabilityMethods } from '../api/network.js'
import { ServeAttest } from '../trust/serve-attest.js'
import { NodeDiscovery } from '../discovery/discover.js'
import { RegistryClient } from '../discovery/find-registered.js'
import { Rejoin } from '../discovery/rejoin.js'
import { RecordGossip } from '../discovery/record-gossip.js'
import { Registrar } from '../discovery/registrar.js'
import { RegistryBook } from '../discovery/registry-book.js'
import { followFrom, type Following } from '../references/references-of.js'
import { trustMilli } from '../replication/follow-rule.js'
import { knownLedgers } from '../discovery/known-ledgers.js'
import type { PeerNetwork } from '../sessions/peer-network.js'
import { PeerTracker } from '../sessions/peer-tracker.js'
import { answerAcross } from '../query/query-hook.js'
import { startQueries, type Queries } from '../query/query-service.js'
import type { Plugin, PluginContext } from './plugin.js'
import { TopologyService } from '../topology/topology-service.js'
import { trustApi } from '../trust/trust-api.js'
import type { TrustApi } from '../api/trust.js'
import { deadline } from '../runtime/deadline.js'

/** Options of the interoperability plugin. */
export interface InteroperabilityOptions {
  /** What `discover` does when it is not told otherwise. */
  discovery?: DiscoverOptions
  /** `findLedgers` finds only ledgers that the own one trusts at least `minTrustLevel`, 0–1. Default: all. */
  trust?: { minTrustLevel?: number }
  /** Does `ledger.query` take `_crossLedger` and `_ledgers` in its filter? Default false: they are refused. */
  enableCrossLedgerQuery?: boolean
  /** Be a registry for others. */
  registry?: boolean
  /** Multiaddrs of registries to search in. */
  registries?: string[]
  /** DNS servers, ip or ip:port. Default: those of the system. */
  dnsServers?: string[]
}

/** `ledger.plugins.interoperability`: discovery, trust and the map of the network. */
const OPTIONS: Members<InteroperabilityOptions> = {
  discovery: true,
  trust: true,
  enableCrossLedgerQuery: true,
  registry: true,
  registries: true,
  dnsServers: true
}
const TRUST_OPTIONS: Members<NonNullable<InteroperabilityOptions['trust']>> = { minTrustLevel: true }
const DISCOVER_OPTIONS: Members<DiscoverOptions> = {
  method: true,
  registryUrl: true,
  registryPeer: true,
  domain: true,
  bootstrapNodes: true,
  capability: true,
  region: true,
  minTrustMilli: true
}
const FIND_QUERY: Members<FindQuery> = { capability: true, ledger: true, region: true, minTrustMilli: true }

const DAY_MS = 24 * 60 * 60 * 1000
/** A dial, with its handshakes and the exchange of records. */
const CONNECT_TIMEOUT_MS = 10_000
/** Milliseconds for asking all registries about one ledger. */
const ASK_TIMEOUT_MS = 10_000

interface Running {
  context: PluginContext
  queries: Queries
  peerNetwork: PeerNetwork
  reader: RegistryClient
  registrar: Registrar
  discoverer: NodeDiscovery
  watch: PeerTracker
  topology: TopologyService
}

/** Throws INVALID_PARAMS for an unknown option, and for a trust level that is none. */
export function interoperabilityPlugin(
  given: InteroperabilityOptions = {}
): Plugin<'interoperability', InteroperabilityMethods> {
  const options = readOptions(given, OPTIONS)
  const { minTrustLevel } = readOptions(options.trust, TRUST_OPTIONS)
  const discovery = readOptions(options.discovery, DISCOVER_OPTIONS)
  const rule = minTrustLevel === undefined ? 0 : Math.max(trustMilli(minTrustLevel), 1)
  let parts: Running | null = null
  const running = (): Running => {
    if (parts === null) throw new LedgermeshError('OFFLINE', 'the interoperability plugin is not started')
    return parts
  }
  const trust = (): TrustApi => trustApi(running().context)
  const stated = async (
    type: string,
    peerId: string,
    meta: { peer_id: string; expires?: number | null }
  ): Promise<Appended> => {
    if (!isPeerIdText(peerId) || peerKeyOf(peerId) === null)
      throw new LedgermeshError(
        'INVALID_PARAMS',
        `not the peer id of an Ed25519 key: ${JSON.stringify(peerId.slice(0, 80))}`
      )
    return (await running().context.store.own.appendReserved([{ stream: 'ledger', type, meta }]))[0]!
  }

  return {
    id: 'interoperability',
    version: '1.0.0',
    hooks: {
      beforeQuery: async (filter) =>
        (await answerAcross(
          filter,
          options.enableCrossLedgerQuery === true,
          async (question) =>
            await running().queries.cross.query(rule === 0 ? question : { ...question, minTrustMilli: rule })
        )) ?? undefined
    },
    start: (context) => {
      parts = begin(context, options)
    },
    stop: async () => {
      await parts?.topology.stop()
    },
    methods: {
      addresses: () => running().peerNetwork.host.addrs(),
      connect: async (address) => {
        const {
          peerNetwork,
          context: { clock }
        } = running()
        const peer = await peerNetwork.connections.connect(address, deadline(clock, CONNECT_TIMEOUT_MS))
        peerNetwork.directory.addSource(peer, 'manual')
        const status = peerNetwork.connections.peers().find((one) => one.peer === peer)
        if (status === undefined) throw new LedgermeshError('UNREACHABLE', `${peer} has gone again`)
        return status
      },
      peers: async () => running().peerNetwork.connections.peers(),
      ledgers: async () => known(running()),
      query: async (question) => await running().queries.cross.query(question),
      count: async (question) => await running().queries.cross.count(question),
      findLedgers: async (query) => await findLedgers(running(), readOptions(query, FIND_QUERY), rule),
      discover: async (wanted) =>
        await running().discoverer.discover({ ...discovery, ...readOptions(wanted, DISCOVER_OPTIONS) }),
      register: async (registryPeer) => await running().registrar.register(registryPeer),
      updateStatus: async (ledger, status) => await running().registrar.updateStatus(ledger, status),
      getLedger: async (ledger) => await getLedger(running(), ledger),
      authorizeNode: async (peerId, expires) =>
        await stated('ledger.authorize-node', peerId, { peer_id: peerId, expires: expires ?? null }),
      revokeNode: async (peerId) => await stated('ledger.revoke-node', peerId, { peer_id: peerId }),
      members: async () => {
        const {
          admission: { closed, members }
        } = running().peerNetwork
        await members.refresh()
        return { closed, issuers: [...members.issuers], members: members.list() }
      },
      admit: async (peer, days) =>
        await running().peerNetwork.admission.members.admit(peer, running().context.clock.now() + days * DAY_MS),
      expel: async (peer) => await running().peerNetwork.admission.members.expel(peer),
      refusals: async () => running().peerNetwork.refusals.report(),
      trust: {
        attest: async (input) => await trust().attest(input),
        revoke: async (which) => await trust().revoke(which),
        accept: async (attestation) => await trust().accept(attestation),
        verify: async (attestation, confirmed) => await trust().verify(attestation, confirmed),
        level: async (question) => await trust().level(question),
        explain: async (question) => await trust().explain(question),
        list: async (filter) => await trust().list(filter),
        find: async (wanted) => await trust().find(wanted)
      },
      getTrustLevel: async (from, to) => (await trust().level({ from, to })).level_milli / 1000,
      verifyTrustChain: async (source, target) => (await trust().explain({ from: source, to: target })).valid,
      subscribe: (kinds, listener) => running().context.events.subscribe(kinds, listener),
      topology: async () => await running().topology.topology(),
      followReferences: async (start, options, ledger) => {
        const {
          context: { store, clock, trust: graph },
          peerNetwork: { stopping },
          queries
        } = running()
        const trustMilli = (id: LedgerId): number => graph.levelMilli(id)
        const fetch: Following['fetch'] = async (id, wanted, ms) =>
          await queries.entries.fetch(id, wanted, deadline(clock, ms, stopping))
        return await followFrom({ ledgers: store, clock, trustMilli, fetch }, ledger, start, options)
      },
      clockOffsets: () => parts?.watch.clockOffsets() ?? []
    }
  }
}

function known({ context: { store, follows }, peerNetwork }: Pick<Running, 'context' | 'peerNetwork'>): KnownLedger[] {
  return knownLedgers({ ledgers: store, isFollowed: (ledger) => follows.has(ledger), peerNetwork })
}

async function findLedgers({ context, peerNetwork }: Running, query: FindQuery, rule: number): Promise<KnownLedger[]> {
  const { capability = 'sync', ledger, region, minTrustMilli = 0 } = query
  if (ledger !== undefined) await peerNetwork.finder.findLedger(ledger)
  else await peerNetwork.finder.findCapability(capability)
  const wanted = Math.max(minTrustMilli, rule)
  const inRegion = new Set(
    peerNetwork.directory
      .list()
      .filter(({ record }) => region === undefined || record.metadata.region === region)
      .map(({ record }) => record.peer_id)
  )
  return known({ context, peerNetwork }).filter(
    (one) =>
      (ledger === undefined || one.ledger === ledger) &&
      (wanted === 0 || one.own || context.trust.levelMilli(one.ledger) >= wanted) &&
      ((one.own && region === undefined) ||
        ledger !== undefined ||
        one.nodes.some(({ capabilities }) => capabilities.includes(capability))) &&
      (region === undefined || one.nodes.some(({ peer }) => inRegion.has(peer)))
  )
}

async function getLedger({ context, peerNetwork, reader }: Running, id: LedgerId): Promise<KnownLedger | null> {
  if (!isLedgerId(id)) throw new LedgermeshError('INVALID_PARAMS', 'a ledger id is b and 52 characters')
  const find = (): KnownLedger | null => known({ context, peerNetwork }).find(({ ledger }) => ledger === id) ?? null
  if (find()?.nodes.some(({ connected }) => connected) !== true && find()?.own !== true) {
    const signal = deadline(context.clock, ASK_TIMEOUT_MS, peerNetwork.stopping)
    await Promise.allSettled(reader.known().map((peer) => reader.nodesOf(peer, id, signal)))
    await peerNetwork.finder.findLedger(id)
  }
  return find()
}

function begin(context: PluginContext, options: InteroperabilityOptions): Running {
  const { store, follows, trust, events, clock, random, log } = context
  const peerNetwork = context.host()
  const { network, verifier, directory, rights } = peerNetwork
  const { registries = [], dnsServers = [] } = options
  const isFollowed = (ledger: LedgerId): boolean => ledger === store.own.id || follows.has(ledger)
  if (options.registry === true)
    peerNetwork.serve(
      protocolHandler(
        registry,
        new RegistryBook({ network, verifier, directory, clock, hostOf: (peer) => peerNetwork.host.hostOf(peer) })
      ),
      'registry'
    )
  const queries = startQueries({
    ledgers: store,
    peerNetwork,
    trust,
    clock,
    overview: context.overview,
    known: () => known({ context, peerNetwork }).map(({ ledger }) => ledger)
  })
  context.overview.entries = async (ledger, wanted, signal) => await queries.entries.fetch(ledger, wanted, signal)
  peerNetwork.serve(
    protocolHandler(
      attest,
      new ServeAttest({
        graph: trust.graph,
        ledgers: store,
        clock,
        isFollowed,
        mayRead: (peer, ledger) => rights.may(peer, ledger, 'query') || rights.may(peer, ledger, 'sync')
      })
    )
  )
  const reader = new RegistryClient({ peerNetwork, network, clock, registries })
  const registrar = new Registrar({ peerNetwork, reader, clock, log })
  peerNetwork.finder.otherWays.push(async (ledger, signal) => {
    await Promise.allSettled(reader.known().map((peer) => reader.nodesOf(peer, ledger, signal)))
  })
  const trustMilli = (ledger: LedgerId): number => trust.levelMilli(ledger)
  const gossip = new RecordGossip({
    peerNetwork,
    network,
    ledgers: store,
    clock,
    log,
    isRelevant: (ledger) => isFollowed(ledger) || trustMilli(ledger) > 0,
    onRenewed: async () => {
      await registrar.renew()
    }
  })
  peerNetwork.use({
    onReady: () => {
      gossip.start()
    },
    onAddrs: () => {
      gossip.look()
    },
    onRenewed: () => {
      gossip.look()
    },
    onSubscribed: (topic) => {
      if (topic === nodesTopic(network)) gossip.look()
    },
    onStop: async () => {
      gossip.stop()
      await registrar.goodbye()
    }
  })
  peerNetwork.authority.onChange(() => {
    gossip.look()
  })
  const watch = new PeerTracker({ peerNetwork, events, clock, ledgers: store })
  watch.start()
  peerNetwork.use(new Rejoin({ peerNetwork, clock, random, log }))
  return {
    context,
    queries,
    peerNetwork,
    reader,
    registrar,
    watch,
    discoverer: new NodeDiscovery({
      peerNetwork,
      ledgers: store,
      clock,
      log,
      bootstrap: peerNetwork.bootstrap,
      dnsServers,
      reader,
      trustMilli
    }),
    topology: new TopologyService({ ...context, ledgers: store, peerNetwork, peers: watch })
  }
}
