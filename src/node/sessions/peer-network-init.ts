import type { Hash } from '../../core/hash.js'
import type { SigningKey } from '../../core/keys.js'
import type { Ledgers } from '../../ledger/ledgers.js'
import type { Datastore, LoadMonitor } from '../../network/host.js'
import type { Clock, Log, Metrics, Random } from '../../ports.js'
import type { Store } from '../../store/store.js'
import type { AdmissionConfig } from '../access/admission.js'
import type { NodeAuthority } from '../peers/node-authority.js'
import type { Identity } from '../peers/identity.js'
import type { TrustLevelMilli } from '../access/read-access.js'
import type { Verifier } from '../signatures/verifier.js'

/** The parts that a peer network needs. */
export interface PeerNetworkInit extends Identity, AdmissionConfig {
  network: string
  ledgers: Ledgers
  authority: NodeAuthority
  store: Store
  /** The key in force, after a rotation the new one. */
  signingKey: () => SigningKey
  /** Notes a record of this node before it is sent (R4). */
  remember: (hash: Hash, expires: number) => Promise<void>
  peerKey: Uint8Array
  listen: string[]
  bootstrap: string[]
  /** False: neither asks the DHT nor serves it. Default true. */
  dht?: boolean | undefined
  /**
   * Are addresses of private ranges dialled that others tell? True: never; false: yes; default: only when this node
   * listens on nothing else.
   */
  publicNetwork?: boolean | undefined
  datastore: Datastore
  load: LoadMonitor
  verifier: Verifier
  clock: Clock
  random: Random
  log: Log
  /** Where libp2p's figures go. Default: nowhere. */
  metrics?: Metrics | undefined
  /** How much an owner trusts a reader, 0–1000; for private ledgers that say `trust_milli`. */
  trustLevelMilli?: TrustLevelMilli | undefined
  /** Calls back when attestations have changed, until the returned function is called. */
  onTrustChange: (listener: () => void) => () => void
  /** Calls the listener when the own ledger may be signed again, or no longer. */
  onSignerChange: (listener: () => void) => () => void
  /** Peers that may learn which private ledger this node represents. */
  introduceTo?: string[] | undefined
  /** 32 bytes that all nodes of a hidden network share. */
  psk?: Uint8Array | undefined
}
