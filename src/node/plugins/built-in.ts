/** How the plugins of this package get parts of the node. Other plugins get a PluginContext. */
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

/** The parts that a plugin can be wired to. Each names those that it uses (`Pick`). */
export interface NodeParts {
  /** The public interface to the ledgers. */
  ledger: LedgerFacade
  /** The ledgers on disk: the own one and the mirrors. */
  ledgers: Ledgers
  /** The database. */
  store: Store
  /** The folder of the database. */
  folder: string
  /** The one peer network. It is created at the first call, and started after every plugin has started. */
  host: () => PeerNetwork
  /** The followed ledgers and their settings. */
  follows: Follows
  /** Trust between ledgers, from the ledgers held here. */
  trust: TrustService
  /** Decides whether the own ledger may be signed. */
  signer: SignerDriver
  /** Network events for subscribers. */
  events: NetworkEvents
  /** Information shared between plugins. */
  overview: Overview
  clock: Clock
  random: Random
  log: Log
  metrics: Metrics
}

/** Key of the method that only plugins of this package have; it is in no published type. */
export const WIRE = Symbol('wire')

/** A plugin that is wired to parts of the node just before `start`. An error in `[WIRE]` keeps the ledger closed. */
export interface BuiltInPlugin<Id extends string = string, Methods extends object = object> extends Plugin<
  Id,
  Methods
> {
  readonly [WIRE]: (parts: NodeParts) => Promise<void> | void
}

export function isBuiltIn(plugin: Plugin): plugin is BuiltInPlugin {
  return WIRE in plugin
}
