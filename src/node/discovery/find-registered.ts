/**
 * Searches registries. They can withhold records, but not invent them: each record is checked like one from an unknown
 * peer, and failures are reported.
 */
import { discoverAt, getLedgerAt, registry } from '../../../protocols/registry/index.js'
import { WireError, type SignedRecord } from '../../../protocols/wire.js'
import { isCoded, LedgermeshError } from '../../core/errors.js'
import type { LedgerId } from '../../core/ledger-id.js'
import type { Clock } from '../../ports.js'
import type { DiscoverOptions } from '../api/node.js'
import { failureOf, judged } from '../sessions/peer-fault.js'
import type { PeerNetwork } from '../sessions/peer-network.js'
import { checkRecord, isInForce } from '../peers/check-record.js'
import { peerOf } from './find-manual.js'
import { part } from './key-histories.js'
import type { Found } from './found.js'
import { fetchRegistry, HTTP_TIMEOUT_MS } from './http-registry.js'
import { deadline } from '../runtime/deadline.js'

/** Listings requested. */
const LIMIT = 128
/** A busy registry gets a new record late: an older one is no contradiction for this many milliseconds. */
const HEARD_WITHIN_MS = 60_000
/** Registries that one search queries. */
const MAX_REGISTRIES = 4

export class RegistryClient {
  readonly #peerNetwork: Pick<PeerNetwork, 'connections' | 'directory' | 'host' | 'recordChecked' | 'verifier'>
  readonly #network: string
  readonly #clock: Clock
  readonly #configured: string[]

  constructor({
    peerNetwork,
    network,
    clock,
    registries
  }: {
    peerNetwork: Pick<PeerNetwork, 'connections' | 'directory' | 'host' | 'recordChecked' | 'verifier'>
    network: string
    clock: Clock
    registries: string[]
  }) {
    this.#peerNetwork = peerNetwork
    this.#network = network
    this.#clock = clock
    this.#configured = registries
  }

  /** Peer ids or addresses of registries: those of the configuration, then those connected before. */
  known(): string[] {
    const met = this.#peerNetwork.directory
      .list()
      .filter(({ record, status }) => status === 'online' && record.capabilities.includes('registry'))
      .map(({ record }) => record.peer_id)
    const configured = this.#configured.map(peerOf)
    return [
      ...this.#configured,
      ...met.filter((peer) => !configured.includes(peer) && peer !== this.#peerNetwork.host.peerId)
    ].slice(0, MAX_REGISTRIES)
  }

  /** Connects to a registry, if needed. Throws UNREACHABLE, BAD_ADDRESS. */
  async reach(registryPeer: string, signal: AbortSignal): Promise<string> {
    const peer = registryPeer.startsWith('/') ? peerOf(registryPeer) : registryPeer
    return this.#peerNetwork.connections.isConnected(peer)
      ? peer
      : await this.#peerNetwork.connections.connect(registryPeer, signal)
  }

  async discover(registryPeer: string, { capability, region }: DiscoverOptions, signal: AbortSignal): Promise<Found[]> {
    const peer = await this.reach(registryPeer, signal)
    const listings = await asking(
      peer,
      async () =>
        await discoverAt(
          await this.#peerNetwork.host.open(peer, registry, signal),
          {
            ...(capability === undefined ? {} : { capability }),
            ...(region === undefined ? {} : { region }),
            limit: LIMIT
          },
          { signal }
        )
    )
    return await this.take(
      `the registry ${peer}`,
      peer,
      listings.map(({ record }) => record),
      null
    )
  }

  /** Nodes that registered for one ledger; none: the registry knows none. */
  async nodesOf(registryPeer: string, ledger: LedgerId, signal: AbortSignal): Promise<Found[]> {
    const peer = await this.reach(registryPeer, signal)
    try {
      const listings = await asking(
        peer,
        async () => await getLedgerAt(await this.#peerNetwork.host.open(peer, registry, signal), ledger, { signal })
      )
      return await this.take(
        `the registry ${peer}`,
        peer,
        listings.map(({ record }) => record),
        ledger
      )
    } catch (error) {
      if (isCoded(error, 'NOT_FOUND')) return []
      throw error
    }
  }

  async fetch(url: string, signal: AbortSignal): Promise<Found[]> {
    return await this.take(
      `the registry ${url}`,
      url,
      await fetchRegistry(url, deadline(this.#clock, HTTP_TIMEOUT_MS, signal)),
      null
    )
  }

  /** The valid records, as hints. `wanted`: the only ledger that was requested. */
  async take(by: string, budget: string, records: SignedRecord[], wanted: LedgerId | null): Promise<Found[]> {
    const { directory, verifier } = this.#peerNetwork
    const found: Found[] = []
    const histories = new Map<LedgerId, SignedRecord['keyEntries'][]>()
    const wrong = (peer: string | null, ledger: LedgerId | null, problem: string): void => {
      directory.contradictions.add({ source: 'registry', peer, ledger, problem: `${by} ${problem}` })
    }
    for (const signed of records) {
      try {
        const checked = await checkRecord(signed, { network: this.#network, verify: verifier.forPeer(budget) })
        const { record } = checked
        this.#peerNetwork.recordChecked(checked, budget)
        const { peer_id: peer, ledger, addrs } = record
        const known = directory.get(peer)
        if (wanted !== null && ledger !== wanted) wrong(peer, ledger, `gives ${ledger} for ${wanted}`)
        else if (!isInForce(record, this.#clock.now()))
          wrong(peer, ledger, `gives a record of ${peer} that is not in force`)
        else if (directory.proofOf(checked) === 'claimed' && !directory.isSelfSigned(record))
          wrong(peer, ledger, `gives a record of ${peer} that is signed by neither the key of ${ledger} nor its own`)
        else {
          if (known !== null && known.record.ledger === ledger && known.record.seq > record.seq) {
            if (this.#clock.now() - known.record.issued > HEARD_WITHIN_MS)
              wrong(peer, ledger, `gives an older record of ${peer} than the one known here`)
          } else directory.addHeard(checked, 'registry')
          // Both are correctly signed: neither a registry nor this node can decide here which of them is the ledger's.
          const others = histories.get(ledger) ?? []
          if (checked.shownKey === record.key && others.some((one) => part(one, signed.keyEntries)))
            wrong(peer, ledger, `gives two histories of the keys of ${ledger} that part: it is contested`)
          if (checked.shownKey === record.key) histories.set(ledger, [...others, signed.keyEntries])
          found.push({ peer, addrs, source: 'registry', expect: { ledgers: [ledger] }, by })
        }
      } catch (error) {
        const { verdict } = judged(error, 'told')
        if (verdict === 'drop') wrong(null, null, `gives a record that does not check: ${(error as Error).message}`)
        else if (verdict === 'busy') break // a registry with this many invalid records gets no more work
        else if (verdict === 'ours') throw error
      }
    }
    return found
  }
}

/** One registry or web page by name, or all known registries. A search by name fails when that registry fails. */
export async function findRegistered(
  reader: RegistryClient,
  options: DiscoverOptions,
  signal: AbortSignal
): Promise<Found[]> {
  const { registryUrl, registryPeer } = options
  const asked = [
    ...(registryUrl === undefined ? [] : [reader.fetch(registryUrl, signal)]),
    ...(registryPeer === undefined ? [] : [reader.discover(registryPeer, options, signal)])
  ]
  if (asked.length > 0) return (await Promise.all(asked)).flat()
  const results = await Promise.allSettled(reader.known().map((peer) => reader.discover(peer, options, signal)))
  const answered = results.filter((result) => result.status === 'fulfilled').map(({ value }) => value)
  if (answered.length === 0) throw new LedgermeshError('UNREACHABLE', 'no registry answers')
  return answered.flat()
}

/** Converts errors of streams into LedgermeshErrors. */
export async function asking<T>(peer: string, ask: () => Promise<T>): Promise<T> {
  try {
    return await ask()
  } catch (error) {
    if (isCoded(error)) throw error
    const { code } = failureOf(error)
    const word =
      error instanceof WireError && error.code === 'INVALID' ? 'refuses the request' : (error as Error).message
    throw new LedgermeshError(code, `${peer}: ${word}`, undefined, { cause: error })
  }
}
