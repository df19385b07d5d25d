import { LedgermeshError } from '../../core/errors.js'
import type { LedgerId } from '../../core/ledger-id.js'
import type { DiscoveredNode, KnownLedger, RegisteredAt } from '../api/discovery.js'
import { trustMilli } from '../replication/follow-rule.js'
import type { Interoperable } from './cross-ledger-query.js'

/** Which nodes; all given filters must match. */
export interface RegistryFilters {
  /** All of these capabilities. */
  capabilities?: string[] | undefined
  region?: string | undefined
  /** Least trust in their ledgers, 0–1. */
  trustLevel?: number | undefined
}

/** The registries that this node knows: the nodes on their lists, and this node's own registration. */
export class NetworkRegistry {
  readonly #ledger: Interoperable

  constructor(ledger: Interoperable) {
    this.#ledger = ledger
  }

  /** Registers this node with all known registries, or with this one. */
  async register(registryPeer?: string): Promise<RegisteredAt[]> {
    return await this.#ledger.plugins.interoperability.register(registryPeer)
  }

  /** Nodes on the lists, each with its status (online, offline or unknown) and when it was last seen here. */
  async discover({ capabilities = [], region, trustLevel }: RegistryFilters = {}): Promise<DiscoveredNode[]> {
    const [capability, ...more] = capabilities
    const { nodes } = await this.#ledger.plugins.interoperability.discover({
      method: 'registry',
      ...(capability === undefined ? {} : { capability }),
      ...(region === undefined ? {} : { region }),
      ...(trustLevel === undefined ? {} : { minTrustMilli: trustMilli(trustLevel) })
    })
    return nodes.filter((node) => more.every((one) => node.capabilities.includes(one)))
  }

  /** One ledger and its nodes, searched on the network too; null: nothing is known. */
  async getLedger(ledger: LedgerId): Promise<KnownLedger | null> {
    return await this.#ledger.plugins.interoperability.getLedger(ledger)
  }

  /** Tells the registries that list this node whether it can be reached from now on. */
  async updateStatus(ledger: LedgerId, status: 'online' | 'offline'): Promise<void> {
    if (status !== 'online' && status !== 'offline')
      throw new LedgermeshError('INVALID_PARAMS', 'a status is online or offline')
    await this.#ledger.plugins.interoperability.updateStatus(ledger, status)
  }
}
