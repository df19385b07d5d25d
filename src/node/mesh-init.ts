import type { WireHead } from '../../protocols/wire.js'
import type { SigningKey } from '../core/keys.js'
import type { LedgerId } from '../core/ledger-id.js'
import type { Ledgers } from '../ledger/ledgers.js'
import type { Datastore } from '../network/host.js'
import type { Clock, Log, Random } from '../ports.js'
import type { Store } from '../store/store.js'
import type { Feed } from './feed.js'
import type { Identity } from './identity.js'
import type { Verifier } from './verifier.js'

export interface MeshInit extends Identity {
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
  verifier: Verifier
  clock: Clock
  random: Random
  log: Log
}

export interface MeshHandlers {
  /** The host is started. */
  onReady: () => void
  /** The peer has introduced itself; it can be asked. */
  onPeer: (peer: string) => void
  onPeerGone: (peer: string) => void
  onHeads: (peer: string, heads: WireHead[]) => Promise<void>
  onEvidence: (peer: string, ledger: LedgerId, evidence: Uint8Array) => Promise<void>
  /** The host is about to stop: the last words. */
  onStop?: () => Promise<void>
}
