import type { LedgerId } from '../../core/ledger-id.js'
import type { LedgerHooks } from '../../ledger/append/hooks.js'
import type { Clock, Log, Metrics, Random } from '../../ports.js'
import type { LedgerFacade } from './ledger-facade.js'
import type { NetworkEvent, NetworkEventKind } from '../api/events.js'

/** The context that a plugin gets when it starts. */
export interface PluginContext {
  /**
   * The ledger as its users see it: through all hooks. Its methods also read mirrors when they are given a ledger id;
   * `subscribe` reports entries as they are stored.
   */
  ledger: LedgerFacade
  /** Ids of the ledgers that are held: the own one and the mirrors. */
  held: () => LedgerId[]
  /**
   * Calls the listener for network events of these kinds (null: all), until the returned function is called. The
   * listener must be quick; errors that it throws are logged.
   */
  onNetwork: (kinds: readonly NetworkEventKind[] | null, listener: (event: NetworkEvent) => void) => () => void
  /** Time and timers. A plugin schedules its work with them, and cancels it in `stop`. */
  clock: Clock
  random: Random
  log: Log
  /** Where metrics are reported. */
  metrics: Metrics
}

/**
 * A component that is started with the ledger. An error in `start` keeps the ledger closed; an error in `stop` is
 * logged.
 */
export interface Plugin<Id extends string = string, Methods extends object = object> {
  readonly id: Id
  readonly version: string
  readonly hooks?: LedgerHooks<LedgerFacade>
  /** Available as `ledger.plugins.<id>.<method>`. */
  readonly methods?: Methods
  /** Called before the network starts. When it throws, opening the ledger fails with that error. */
  start?: (context: PluginContext) => Promise<void> | void
  /** Called in reverse order of start. */
  stop?: () => Promise<void>
}
