import type { LedgerHooks } from '../ledger/hooks.js'
import type { Ledgers } from '../ledger/ledgers.js'
import type { Clock, Log, Random } from '../ports.js'
import type { LedgerFacade } from './ledger-facade.js'
import type { Follows } from './follows.js'
import type { Feed } from './feed.js'
import type { Mesh } from './mesh.js'
import type { TrustService } from './trust-service.js'
import type { NetworkEvents } from './network-events.js'
import type { Overview } from './overview.js'

/** What a plugin gets when it starts. */
export interface PluginContext {
  /** The ledger as its users see it: through all hooks. */
  ledger: LedgerFacade
  /** What is held on disk: the own ledger and the mirrors. */
  store: Ledgers
  /** The one place on the network. It is made at the first call, and starts after every plugin has started. */
  host: () => Mesh
  /** What is followed, and how. */
  follows: Follows
  /** Who trusts whom, as the ledgers held here say. */
  trust: TrustService
  /** Tells subscribers what was stored. */
  feed: Feed
  /** Tells subscribers what happens on the network. */
  events: NetworkEvents
  /** What plugins tell each other. */
  overview: Overview
  clock: Clock
  random: Random
  log: Log
}

export interface Plugin<Id extends string = string, Methods extends object = object> {
  readonly id: Id
  readonly version: string
  readonly hooks?: LedgerHooks<LedgerFacade>
  /** Reached as `ledger.plugins.<id>.<method>`. */
  readonly methods?: Methods
  start?: (context: PluginContext) => Promise<void> | void
  /** Called in reverse order of start. */
  stop?: () => Promise<void>
}
