/**
 * One search over all discovery methods: a union with provenance. Every node found is connected to and introduces
 * itself; contradictions are reported.
 */
import type { LedgerId } from '../../core/ledger-id.js'
import { LedgermeshError } from '../../core/errors.js'
import type { Ledgers } from '../../ledger/ledgers.js'
import type { Clock, Log } from '../../ports.js'
import type { DiscoveredNode, DiscoverOptions, Discovery } from '../api/node.js'
import type { Directory, KnownNode, Provenance } from '../peers/peer-directory.js'
import type { PeerNetwork } from '../sessions/peer-network.js'
import { byDomain, domainCapability, findDns } from './find-dns.js'
import { findManual } from './find-manual.js'
import { findRegistered, type RegistryClient } from './find-registered.js'
import type { Found } from './found.js'
import { deadline } from '../runtime/deadline.js'

/** Nodes that one search connects to; the others stay hints. */
const MAX_MET = 32
/** Ledgers of a domain without addresses that are looked up. */
const MAX_LOOKED_UP = 4
/** Milliseconds for a whole search, and for connecting to the nodes found. */
const SEARCH_TIMEOUT_MS = 15_000
const MEET_TIMEOUT_MS = 8_000
/** Provenances of nodes that are known without a search. */
const OVERHEARD: Provenance[] = ['connection', 'gossip', 'dht']

export interface DiscovererInit {
  peerNetwork: Pick<PeerNetwork, 'connections' | 'directory' | 'finder' | 'host' | 'stopping'>
  ledgers: Pick<Ledgers, 'get'>
  clock: Clock
  log: Log
  /** Multiaddrs that this node joins through. */
  bootstrap: string[]
  /** DNS servers, ip or ip:port; none: those of the system. */
  dnsServers: string[]
  reader: RegistryClient
  /** This node's trust in a ledger, 0–1000; null: there is no trust service here. */
  trustMilli: ((ledger: LedgerId) => number) | null
}

export class NodeDiscovery {
  readonly #init: DiscovererInit
  readonly #directory: Directory

  constructor(init: DiscovererInit) {
    this.#init = init
    this.#directory = init.peerNetwork.directory
  }

  /** Throws INVALID_PARAMS, BAD_ADDRESS, and the errors of methods that were requested by name. */
  async discover(options: DiscoverOptions): Promise<Discovery> {
    const mark = this.#directory.contradictions.mark()
    const ways = this.#ways(options)
    const signal = deadline(this.#init.clock, SEARCH_TIMEOUT_MS, this.#init.peerNetwork.stopping)
    const all = options.method === undefined || options.method === 'all'
    const found: Found[] = []
    for (const result of await Promise.allSettled(ways.map((way) => this.#find(way, options, signal)))) {
      if (result.status === 'fulfilled') found.push(...result.value)
      else if (!all) throw result.reason
      else
        this.#init.log.info(
          { event: 'discovery.method-failed', error: (result.reason as Error).message },
          'a discovery method failed'
        )
    }
    const own = this.#init.peerNetwork.host.peerId
    const others = found.filter(({ peer }) => peer !== own)
    for (const { peer, source } of others) this.#directory.addSource(peer, source)
    await this.#meet(others)
    for (const one of others) this.#compare(one)
    const nodes = this.#nodes(others, ways.includes('peer-to-peer')).filter((node) => fits(node, options))
    const contradictions = this.#directory.contradictions.list(
      mark,
      ({ source }) => ways.includes('peer-to-peer') && OVERHEARD.includes(source)
    )
    return { nodes, contradictions }
  }

  #ways({ method = 'all', domain, registryUrl, registryPeer, minTrustMilli = 0 }: DiscoverOptions): Way[] {
    if (method === 'dns' && domain === undefined)
      throw new LedgermeshError('INVALID_PARAMS', 'the method dns needs a domain')
    if (minTrustMilli > 0 && this.#init.trustMilli === null)
      throw new LedgermeshError('INVALID_PARAMS', 'nothing here weighs trust: leave the minimum out')
    const registries = registryUrl !== undefined || registryPeer !== undefined || this.#init.reader.known().length > 0
    if (method === 'registry' && !registries)
      throw new LedgermeshError('INVALID_PARAMS', 'no registry is known: name one by URL or by address')
    if (method !== 'all') return [method]
    return [
      'peer-to-peer',
      'manual',
      ...(domain === undefined ? [] : ['dns' as const]),
      ...(registries ? ['registry' as const] : [])
    ]
  }

  async #find(way: Way, options: DiscoverOptions, signal: AbortSignal): Promise<Found[]> {
    const { peerNetwork, bootstrap, dnsServers, reader } = this.#init
    switch (way) {
      case 'manual':
        return this.#named([...bootstrap, ...(options.bootstrapNodes ?? [])])
      case 'registry':
        return await findRegistered(reader, options, signal)
      case 'dns':
        return await this.#findUnder(options.domain!, dnsServers, signal)
      case 'peer-to-peer': {
        const { capability = 'sync' } = options
        return (await peerNetwork.finder.findCapability(capability)).map((peer) => ({
          peer,
          addrs: [],
          source: 'dht',
          expect: { capability },
          by: 'the DHT'
        }))
      }
    }
  }

  /** Addresses from the operator are always dialled. */
  #named(addresses: string[]): Found[] {
    const found = findManual(addresses)
    for (const address of addresses) this.#init.peerNetwork.host.name(address)
    return found
  }

  /** The nodes that a domain names, and the known nodes of the ledgers that it names. */
  async #findUnder(given: string, servers: string[], signal: AbortSignal): Promise<Found[]> {
    const { domain, ledgers, found } = await findDns(
      given,
      servers,
      (wrong) => {
        this.#directory.contradictions.add(wrong)
      },
      signal
    )
    const capability = domainCapability(domain)
    const named = new Set(found.map(({ peer }) => peer))
    // Other nodes of these ledgers count only if their records name the domain, which is optional.
    if (found.length === 0)
      await Promise.all(
        ledgers.slice(0, MAX_LOOKED_UP).map((ledger) => this.#init.peerNetwork.finder.findLedger(ledger))
      )
    for (const { record } of ledgers.flatMap((ledger) => this.#directory.nodesOf(ledger))) {
      if (named.has(record.peer_id) || !record.capabilities.includes(capability)) continue
      found.push({
        peer: record.peer_id,
        addrs: record.addrs,
        source: 'dns',
        expect: { ledgers, capability },
        by: byDomain(domain)
      })
    }
    for (const ledger of ledgers) {
      if (found.length === 0)
        this.#directory.contradictions.add({
          source: 'dns',
          peer: null,
          ledger,
          problem: `${byDomain(domain)} names ${ledger}; no node of it that is known names the domain`
        })
    }
    return found
  }

  async #meet(found: Found[]): Promise<void> {
    const { peerNetwork, clock, log } = this.#init
    const addrs = new Map<string, string[]>()
    for (const one of found) addrs.set(one.peer, [...(addrs.get(one.peer) ?? []), ...one.addrs])
    const strangers = [...addrs].filter(([peer]) => !peerNetwork.connections.isConnected(peer)).slice(0, MAX_MET)
    const signal = deadline(clock, MEET_TIMEOUT_MS, peerNetwork.stopping)
    await Promise.all(
      strangers.map(async ([peer, given]) => {
        try {
          await peerNetwork.connections.connectTo(
            { peer_id: peer, addrs: [...given, ...(this.#directory.get(peer)?.record.addrs ?? [])] },
            signal
          )
        } catch (error) {
          log.debug(
            { event: 'discovery.connect-failed', peer, error: (error as Error).message },
            'a discovered node cannot be reached'
          )
        }
      })
    )
  }

  /** Does the node's own record confirm the hint? */
  #compare({ peer, source, expect, by }: Found): void {
    const node = this.#directory.get(peer)
    const report = (ledger: LedgerId | null, problem: string): void => {
      this.#directory.contradictions.add({ source, peer, ledger, problem })
    }
    if (node === null || node.status !== 'online') {
      // A record from a registry is signed: a node that is not reachable now is no contradiction.
      if (source === 'dns')
        report(expect.ledgers?.[0] ?? null, `${by} names ${peer}, which cannot be met: nothing confirms it`)
      return
    }
    const { ledger, capabilities } = node.record
    if (expect.ledgers !== undefined && !expect.ledgers.includes(ledger))
      report(
        ledger,
        `${by} names ${peer}, which is a node of ${ledger} and not of ${expect.ledgers.join(' or ') || 'any ledger it names'}`
      )
    if (expect.capability !== undefined && !capabilities.includes(expect.capability))
      report(ledger, `${by} gives ${peer} the capability ${expect.capability}; its own record does not`)
    if (expect.ledgers !== undefined && node.proof === 'claimed')
      report(ledger, `${by} names ${peer}, which cannot prove that it is a node of ${ledger}`)
  }

  #nodes(found: Found[], overheard: boolean): DiscoveredNode[] {
    const peers = new Set(found.map(({ peer }) => peer))
    if (overheard)
      for (const { record, sources } of this.#directory.list())
        if (sources.some((source) => OVERHEARD.includes(source))) peers.add(record.peer_id)
    peers.delete(this.#init.peerNetwork.host.peerId)
    return [...peers]
      .map((peer) => this.#describe(peer, this.#directory.get(peer), found))
      .toSorted((a, b) => RANK[a.status] - RANK[b.status] || (a.peer < b.peer ? -1 : 1))
  }

  #describe(peer: string, node: KnownNode | null, found: Found[]): DiscoveredNode {
    const { peerNetwork, trustMilli } = this.#init
    const common = {
      peer,
      sources: this.#directory.sourcesOf(peer),
      status: this.#directory.statusOf(peer),
      connected: peerNetwork.connections.isConnected(peer)
    }
    if (node === null) {
      return {
        ...common,
        ledger: null,
        name: null,
        access: null,
        proof: 'claimed',
        addrs: [...new Set(found.filter((one) => one.peer === peer).flatMap(({ addrs }) => addrs))],
        capabilities: [],
        metadata: null,
        expires: null,
        lastSeen: null,
        trustMilli: null
      }
    }
    const { record, name, proof, lastSeen } = node
    return {
      ...common,
      ledger: record.ledger,
      name,
      access: this.#init.ledgers.get(record.ledger)?.chain?.access ?? null,
      proof,
      addrs: record.addrs,
      capabilities: record.capabilities,
      metadata: record.metadata,
      expires: record.expires,
      lastSeen,
      // A node that only claims to be of a ledger does not get that ledger's trust.
      trustMilli: trustMilli === null || proof === 'claimed' ? null : trustMilli(record.ledger)
    }
  }
}

type Way = Exclude<NonNullable<DiscoverOptions['method']>, 'all'>
const RANK = { online: 0, unknown: 1, offline: 2 } as const

function fits(
  { capabilities, metadata, trustMilli }: DiscoveredNode,
  { capability, region, minTrustMilli = 0 }: DiscoverOptions
): boolean {
  return (
    (capability === undefined || capabilities.includes(capability)) &&
    (region === undefined || metadata?.region === region) &&
    (trustMilli ?? 0) >= minTrustMilli
  )
}
