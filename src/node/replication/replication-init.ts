import type { Ledgers } from '../../ledger/ledgers.js'
import type { Clock, Log, Metrics, Random } from '../../ports.js'
import type { NetworkEvents } from '../events/network-events.js'
import type { PeerNetwork } from '../sessions/peer-network.js'
import type { SignerDriver } from '../signer/signer-driver.js'
import type { TrustService } from '../trust/trust-service.js'
import type { Timetable } from '../schedule/timetable.js'
import type { Follows } from './follows.js'

/** What replication stands on. */
export interface ReplicationInit {
  /** What is held on disk: the own ledger and the mirrors. */
  ledgers: Ledgers
  host: () => PeerNetwork
  follows: Follows
  trust: TrustService
  /** Says whether the own ledger may be signed. */
  signer: SignerDriver
  /** When remotes have their turn. */
  timetable: Timetable
  events: NetworkEvents
  /** One that never goes back. */
  clock: Clock
  random: Random
  metrics: Metrics
  log: Log
}
