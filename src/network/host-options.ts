/** The options of a host. */
import type { Clock, Log, Metrics, Random } from '../ports.js'
import type { Datastore } from './datastore.js'
import type { Load } from './load-monitor.js'
import type { PeerCallbacks } from './peers.js'
import type { ProtocolHandler } from './protocol-handler.js'
import type { QuotaLimits } from './quota.js'

/** Settings that tests and large networks change. */
export interface HostTuning {
  /** Connections at most; inbound ones above that are refused, or take the place of one of lower priority. */
  maxConnections: number
  /** Loopback addresses are limited like any other host's. */
  countLoopback: boolean
  /** Milliseconds for one dial, and for one negotiation of a stream. */
  dialTimeoutMs: number
  /** First and longest wait between two attempts to reach a bootstrap peer, in milliseconds. */
  minBackoffMs: number
  maxBackoffMs: number
  /** The gossip watchdog: milliseconds between two looks, and until a missing link costs the connection. */
  watchdogTickMs: number
  watchdogGraceMs: number
  /**
   * Milliseconds after the start until the DHT first looks for its own neighbours, and between two later looks (and of
   * its watchdog).
   */
  selfQueryMs: number
  selfQueryEveryMs: number
  quota: QuotaLimits
}

export const TUNING: HostTuning = {
  maxConnections: 300,
  countLoopback: false,
  dialTimeoutMs: 10_000,
  minBackoffMs: 1_000,
  maxBackoffMs: 30_000,
  watchdogTickMs: 5_000,
  watchdogGraceMs: 30_000,
  selfQueryMs: 500,
  selfQueryEveryMs: 30_000,
  quota: { unitsPerSecond: 1024, burstUnits: 2048 }
}

export interface HostOptions {
  network: string
  /** Multiaddrs; port 0 takes a free one. */
  listen: readonly string[]
  /** Multiaddrs with /p2p/. */
  bootstrap: readonly string[]
  /** The 32-byte Ed25519 seed of the peer key. */
  peerKey: Uint8Array
  datastore: Datastore
  /** The name of this software as peers see it. */
  agent: string
  log: Log
  clock: Clock
  random: Random
  protocols: readonly ProtocolHandler[]
  /** 32 random bytes shared by all nodes of a closed network. */
  psk?: Uint8Array | undefined
  /**
   * True: address rules of the open internet: private addresses stay out of the DHT, many peers at one IP are suspect.
   * False: an office, whose private addresses are dialled from any source. Default: as true for dialling, unless this
   * node listens on private addresses only; as false for everything else.
   */
  publicNetwork?: boolean | undefined
  /** False: neither queries the DHT nor serves it. Default true. */
  dht?: boolean | undefined
  callbacks: PeerCallbacks
  /** The load of this process; default: idle. */
  load?: Load | undefined
  /** The registry for libp2p's metrics. Default: none. */
  metrics?: Metrics | undefined
  tuning?: Partial<HostTuning>
}
