import type { SigningKey } from '../core/keys.js'
import type { Ledgers } from '../ledger/ledgers.js'
import type { Datastore, LoadWatch } from '../network/host.js'
import type { Clock, Log, Random } from '../ports.js'
import type { Store } from '../store/store.js'
import type { AdmissionConfig } from './admission.js'
import type { Feed } from './feed.js'
import type { Identity } from './identity.js'
import type { TrustLevelMilli } from './reading-rights.js'
import type { Verifier } from './verifier.js'

/** What a mesh is made of. */
export interface MeshInit extends Identity, AdmissionConfig {
  network: string
  ledgers: Ledgers
  feed: Feed
  store: Store
  signingKey: SigningKey
  peerKey: Uint8Array
  listen: string[]
  bootstrap: string[]
  /** False: neither asks the DHT nor serves it. Default true. */
  dht?: boolean | undefined
  datastore: Datastore
  load: LoadWatch
  verifier: Verifier
  clock: Clock
  random: Random
  log: Log
  /** How much an owner trusts a reader, 0–1000; for private ledgers that say `trust_milli`. */
  trustLevelMilli?: TrustLevelMilli | undefined
  /** Peers that are to know which private ledger this node speaks for. */
  introduceTo?: string[] | undefined
  /** 32 bytes that all nodes of a hidden network share. */
  psk?: Uint8Array | undefined
}
