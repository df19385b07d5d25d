import type { Ledgers } from '../../ledger/ledgers.js'
import type { Clock, Log, Metrics, Random } from '../../ports.js'
import type { NetworkEvents } from '../events/network-events.js'
import type { PeerNetwork } from '../sessions/peer-network.js'
import type { SignerDriver } from '../signer/signer-driver.js'
import type { TrustService } from '../trust/trust-service.js'
import type { Timetable } from '../schedule/timetable.js'
import type { Follows } from './follows.js'

/** The parts that replication needs. */
export interface ReplicationInit {
  /** The ledgers on disk: the own one and the mirrors. */
  ledgers: Ledgers
  host: () => PeerNetwork
  follows: Follows
  trust: TrustService
  /** Decides whether the own ledger may be signed. */
  signer: SignerDriver
  /** The schedules of remotes. */
  timetable: Timetable
  events: NetworkEvents
  /** A monotonic clock. */
  clock: Clock
  random: Random
  metrics: Metrics
  log: Log
}
