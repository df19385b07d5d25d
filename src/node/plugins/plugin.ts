import type { LedgerId } from '../../core/ledger-id.js'
import type { LedgerHooks } from '../../ledger/append/hooks.js'
import type { Ledgers } from '../../ledger/ledgers.js'
import type { Clock, Log, Metrics, Random } from '../../ports.js'
import type { Store } from '../../store/store.js'
import type { LedgerFacade } from './ledger-facade.js'
import type { Follows } from '../replication/follows.js'
import type { PeerNetwork } from '../sessions/peer-network.js'
import type { SignerDriver } from '../signer/signer-driver.js'
import type { TrustService } from '../trust/trust-service.js'
import type { NetworkEvents } from '../events/network-events.js'
import type { Overview } from '../api/overview.js'
import type { NetworkEvent, NetworkEventKind } from '../api/events.js'

/**
 * What a plugin gets when it starts. What is marked internal is for the plugins of this package, and in no published
 * type.
 */
export interface PluginContext {
  /**
   * The ledger as its users see it: through all hooks. With a ledger id, the mirrors too; `subscribe` tells what is
   * stored.
   */
  ledger: LedgerFacade
  /** Ids of the ledgers that are held: the own one and the mirrors. */
  held: () => LedgerId[]
  /**
   * Network events of these kinds (null: all), until the returned function is called. The listener must be quick; what
   * it throws is logged.
   */
  onNetwork: (kinds: readonly NetworkEventKind[] | null, listener: (event: NetworkEvent) => void) => () => void
  /** What is held on disk: the own ledger and the mirrors. @internal */
  store: Ledgers
  /** The database. @internal */
  db: Store
  /** Where it is. @internal */
  folder: string
  /**
   * The one place on the network. It is made at the first call, and starts after every plugin has started. @internal
   */
  host: () => PeerNetwork
  /** What is followed, and how. @internal */
  follows: Follows
  /** Which ledger trusts which, as the ledgers held here say. @internal */
  trust: TrustService
  /** Says whether the own ledger may be signed. @internal */
  signer: SignerDriver
  /** Tells subscribers what happens on the network. @internal */
  events: NetworkEvents
  /** What plugins tell each other. @internal */
  overview: Overview
  /** Time and timers; what a plugin does later it does by these, and cancels in its `stop`. */
  clock: Clock
  random: Random
  log: Log
  /** Where figures go. */
  metrics: Metrics
}

/**
 * A part that is started with the ledger. What `start` throws keeps the ledger closed; what `stop` throws is logged.
 */
export interface Plugin<Id extends string = string, Methods extends object = object> {
  readonly id: Id
  readonly version: string
  readonly hooks?: LedgerHooks<LedgerFacade>
  /** Reached as `ledger.plugins.<id>.<method>`. */
  readonly methods?: Methods
  /** Before the network starts. A plugin that throws here ends the opening of the ledger. */
  start?: (context: PluginContext) => Promise<void> | void
  /** Called in reverse order of start. */
  stop?: () => Promise<void>
}
