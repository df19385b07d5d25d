/** Starts discovery, registry, trust answers, queries across ledgers and the map, and wires them to one node. */
import { attest } from '../../../protocols/attest/index.js'
import { registry } from '../../../protocols/registry/index.js'
import { nodesTopic } from '../../../protocols/announce/index.js'
import type { LedgerId } from '../../core/ledger-id.js'
import { protocolHandler } from '../../network/host.js'
import { NodeDiscovery } from '../discovery/discover.js'
import { RegistryClient } from '../discovery/find-registered.js'
import { RecordGossip } from '../discovery/record-gossip.js'
import { Registrar } from '../discovery/registrar.js'
import { RegistryBook } from '../discovery/registry-book.js'
import { Rejoin } from '../discovery/rejoin.js'
import { startQueries, type Queries } from '../query/query-service.js'
import type { PeerNetwork } from '../sessions/peer-network.js'
import { PeerTracker } from '../sessions/peer-tracker.js'
import { TopologyService } from '../topology/topology-service.js'
import { ServeAttest } from '../trust/serve-attest.js'
import type { NodeParts } from './built-in.js'
import { known } from './find-ledgers.js'
import type { InteroperabilitySettings } from './interoperability-options.js'

export type InteroperabilityInit = Pick<
  NodeParts,
  'ledgers' | 'store' | 'follows' | 'trust' | 'events' | 'overview' | 'host' | 'clock' | 'random' | 'log'
>

/** The services behind the interoperability plugin's methods. */
export interface InteroperabilityParts {
  init: InteroperabilityInit
  queries: Queries
  peerNetwork: PeerNetwork
  reader: RegistryClient
  registrar: Registrar
  discoverer: NodeDiscovery
  watch: PeerTracker
  topology: TopologyService
}

/** To be called before the network starts. */
export function startInteroperability(
  init: InteroperabilityInit,
  settings: InteroperabilitySettings
): InteroperabilityParts {
  const { ledgers, store, follows, trust, events, overview, clock, random, log } = init
  const peerNetwork = init.host()
  const { network, verifier, directory, rights } = peerNetwork
  const isFollowed = (ledger: LedgerId): boolean => ledger === ledgers.own.id || follows.has(ledger)
  if (settings.isRegistry)
    peerNetwork.serve(
      protocolHandler(
        registry,
        new RegistryBook({ network, verifier, directory, clock, hostOf: (peer) => peerNetwork.host.hostOf(peer) })
      ),
      'registry'
    )
  const queries = startQueries({
    index: settings.index,
    ledgers,
    store,
    random,
    log,
    peerNetwork,
    trust,
    clock,
    overview,
    known: () => known({ init, peerNetwork }).map(({ ledger }) => ledger)
  })
  overview.entries = async (ledger, wanted, signal) => await queries.entries.fetch(ledger, wanted, signal)
  peerNetwork.serve(
    protocolHandler(
      attest,
      new ServeAttest({
        graph: trust.graph,
        ledgers,
        clock,
        isFollowed,
        mayRead: (peer, ledger) => rights.may(peer, ledger, 'query') || rights.may(peer, ledger, 'sync')
      })
    )
  )
  const reader = new RegistryClient({ peerNetwork, network, clock, registries: settings.registries })
  const registrar = new Registrar({ peerNetwork, reader, clock, random, log })
  peerNetwork.finder.otherWays.push(async (ledger, signal) => {
    await Promise.allSettled(reader.known().map((peer) => reader.nodesOf(peer, ledger, signal)))
  })
  const trustMilli = (ledger: LedgerId): number => trust.levelMilli(ledger)
  const gossip = new RecordGossip({
    peerNetwork,
    network,
    ledgers,
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
  const watch = new PeerTracker({ peerNetwork, events, clock, ledgers })
  watch.start()
  peerNetwork.use(new Rejoin({ peerNetwork, clock, random, log }))
  return {
    init,
    queries,
    peerNetwork,
    reader,
    registrar,
    watch,
    discoverer: new NodeDiscovery({
      peerNetwork,
      ledgers,
      clock,
      log,
      bootstrap: peerNetwork.bootstrap,
      dnsServers: settings.dnsServers,
      reader,
      trustMilli
    }),
    topology: new TopologyService({ ledgers, follows, peerNetwork, peers: watch, overview, clock, log })
  }
}
