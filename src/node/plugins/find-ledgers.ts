/** Finds ledgers on the network: in the DHT, in registries, and among known records. */
import { LedgermeshError } from '../../core/errors.js'
import { isLedgerId, type LedgerId } from '../../core/ledger-id.js'
import { readOptions, type Members } from '../../core/options.js'
import type { FindQuery, KnownLedger } from '../api/discovery.js'
import { knownLedgers } from '../discovery/known-ledgers.js'
import { deadline } from '../runtime/deadline.js'
import type { RegistryClient } from '../discovery/find-registered.js'
import type { PeerNetwork } from '../sessions/peer-network.js'
import type { NodeParts } from './built-in.js'

export interface FindLedgersInit {
  init: Pick<NodeParts, 'ledgers' | 'follows' | 'trust' | 'clock'>
  peerNetwork: PeerNetwork
  reader: RegistryClient
}

const FIND_QUERY: Members<FindQuery> = { capability: true, ledger: true, region: true, minTrustMilli: true }
/** Milliseconds for querying all registries about one ledger. */
const ASK_TIMEOUT_MS = 10_000

/** Held here, or named by a node record that comes with its proof. */
export function known({
  init: { ledgers, follows },
  peerNetwork
}: {
  init: Pick<NodeParts, 'ledgers' | 'follows'>
  peerNetwork: PeerNetwork
}): KnownLedger[] {
  return knownLedgers({ ledgers, isFollowed: (ledger) => follows.has(ledger), peerNetwork })
}

/** Searches the network, then returns the known ledgers. `rule`: least trust (0–1000) of a ledger. */
export async function findLedgers(
  { init, peerNetwork }: FindLedgersInit,
  given: FindQuery | undefined,
  rule: number
): Promise<KnownLedger[]> {
  const { capability = 'sync', ledger, region, minTrustMilli = 0 } = readOptions(given, FIND_QUERY)
  if (ledger !== undefined) await peerNetwork.finder.findLedger(ledger)
  else await peerNetwork.finder.findCapability(capability)
  const wanted = Math.max(minTrustMilli, rule)
  const inRegion = new Set(
    peerNetwork.directory
      .list()
      .filter(({ record }) => region === undefined || record.metadata.region === region)
      .map(({ record }) => record.peer_id)
  )
  return known({ init, peerNetwork }).filter(
    (one) =>
      (ledger === undefined || one.ledger === ledger) &&
      (wanted === 0 || one.own || init.trust.levelMilli(one.ledger) >= wanted) &&
      ((one.own && region === undefined) ||
        ledger !== undefined ||
        one.nodes.some(({ capabilities }) => capabilities.includes(capability))) &&
      (region === undefined || one.nodes.some(({ peer }) => inRegion.has(peer)))
  )
}

/** null: not found. Throws INVALID_PARAMS. */
export async function getLedger(
  { init, peerNetwork, reader }: FindLedgersInit,
  id: LedgerId
): Promise<KnownLedger | null> {
  if (!isLedgerId(id)) throw new LedgermeshError('INVALID_PARAMS', 'a ledger id is b and 52 characters')
  const find = (): KnownLedger | null => known({ init, peerNetwork }).find(({ ledger }) => ledger === id) ?? null
  if (find()?.nodes.some(({ connected }) => connected) !== true && find()?.own !== true) {
    const signal = deadline(init.clock, ASK_TIMEOUT_MS, peerNetwork.stopping)
    await Promise.allSettled(reader.known().map((peer) => reader.nodesOf(peer, id, signal)))
    await peerNetwork.finder.findLedger(id)
  }
  return find()
}
