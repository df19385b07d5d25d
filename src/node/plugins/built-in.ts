/** How the plugins of this package reach the parts of the node. Plugins of others get a PluginContext. */
import type { Ledgers } from '../../ledger/ledgers.js'
import type { Clock, Log, Metrics, Random } from '../../ports.js'
import type { Store } from '../../store/store.js'
import type { Overview } from '../api/overview.js'
import type { NetworkEvents } from '../events/network-events.js'
import type { Follows } from '../replication/follows.js'
import type { PeerNetwork } from '../sessions/peer-network.js'
import type { SignerDriver } from '../signer/signer-driver.js'
import type { TrustService } from '../trust/trust-service.js'
import type { LedgerFacade } from './ledger-facade.js'
import type { Plugin } from './plugin.js'

/** What a plugin can be wired to. Each names those that it uses (`Pick`). */
export interface NodeParts {
  /** The ledgers as their users see them. */
  ledger: LedgerFacade
  /** What is held on disk: the own ledger and the mirrors. */
  ledgers: Ledgers
  /** The database. */
  store: Store
  /** The folder that it is in. */
  folder: string
  /** The one place on the network. It is made at the first call, and starts after every plugin has started. */
  host: () => PeerNetwork
  /** What is followed, and how. */
  follows: Follows
  /** Which ledger trusts which, as the ledgers held here say. */
  trust: TrustService
  /** Says whether the own ledger may be signed. */
  signer: SignerDriver
  /** Tells subscribers what happens on the network. */
  events: NetworkEvents
  /** What plugins tell each other. */
  overview: Overview
  clock: Clock
  random: Random
  log: Log
  metrics: Metrics
}

/** Key of the method that only plugins of this package have: no published type names it. */
export const WIRE = Symbol('wire')

/** A plugin that is wired to parts of the node just before `start`. What `[WIRE]` throws keeps the ledger closed. */
export interface BuiltInPlugin<Id extends string = string, Methods extends object = object> extends Plugin<
  Id,
  Methods
> {
  readonly [WIRE]: (parts: NodeParts) => Promise<void> | void
}

export function isBuiltIn(plugin: Plugin): plugin is BuiltInPlugin {
  return WIRE in plugin
}
