/** The options of `createLedger`. */
import type { Hash } from '../core/hash.js'
import type { SigningKey } from '../core/keys.js'
import type { LedgerId } from '../core/ledger-id.js'
import { LedgermeshError } from '../core/errors.js'
import { readOptions, type Members } from '../core/options.js'
import type { DelayGauge } from '../network/host.js'
import type { Clock, Log, Metrics, Random } from '../ports.js'
import type { TrustLevelMilli } from './access/read-access.js'
import type { Identity } from './peers/identity.js'
import type { Plugin } from './plugins/plugin.js'
/** How a ledger is opened. Only `dataDir` is needed; unknown members are refused (INVALID_PARAMS). */
export interface CreateLedgerOptions<P extends readonly Plugin[]> extends Identity {
  /** The folder of this ledger: database, signer's mark, and the keys that are not given. */
  dataDir: string
  /** Default `main`. */
  network?: string
  /**
   * The name in the genesis. Default for a new ledger: `ledger`; for an existing one: its own name; any other name is
   * refused (LEDGER_DIFFERS).
   */
  name?: string
  /** The same for access. Default for a new ledger: `public`. */
  access?: 'public' | 'private'
  /** 32 bytes, or a signer for a key that is kept elsewhere. Default: made once and kept in `dataDir`. */
  signingKey?: Uint8Array | SigningKey
  /**
   * SHA-256 of the only public key that may replace the signing key. Default: the hash of `dataDir`'s next.key; null
   * when a signing key is given.
   */
  nextKeyHash?: Hash | null
  /** Multiaddrs. Default: a free port on loopback. */
  listen?: string[]
  /** Multiaddrs with /p2p/ to join through. */
  bootstrap?: string[]
  /**
   * For private ledgers that admit by trust: how much an owner trusts a reader, 0–1000. Default: computed from the
   * attestations held here.
   */
  trustLevelMilli?: TrustLevelMilli
  /**
   * Peer ids that may learn which private ledger this node represents; peers that it dials by hand and its readers
   * learn it anyway.
   */
  introduceTo?: string[]
  /** 32 random bytes that all nodes of a hidden network share. */
  psk?: Uint8Array
  /**
   * The operator declares, for this opening, that everything ever signed is stored: no peer is asked first. Default
   * false.
   */
  offline?: boolean
  /** Peer ids and ledger ids that may be connected; if given, even empty, only these and members may. */
  allow?: string[]
  /** Peer ids and ledger ids that are never connected, even if the allow-list or a membership admits them. */
  deny?: string[]
  /**
   * Peers with a membership of one of these ledgers may be connected to. Every node of such a network follows the
   * issuers.
   */
  members?: { issuers: LedgerId[] }
  /** False: neither queries the DHT nor serves it. Default true. */
  dht?: boolean
  /**
   * Whether private addresses from other nodes are dialled. True: never (open internet). False: yes (all nodes share
   * one office). Default: only when `listen` names private addresses and nothing else.
   */
  publicNetwork?: boolean | undefined
  /**
   * `atAppend`: `held` (default) compares references with the entries held; `require` also fetches entries of ledgers
   * that are not held, and refuses references to entries that no node shows. `track`: whose references are tracked
   * (`ledger.referenceStates`): the own ledger's (default), or those of all held ledgers.
   */
  references?: { atAppend?: 'held' | 'require'; track?: 'own' | 'all' }
  /** The delay of the event loop. Default: that of this process. */
  delayGauge?: DelayGauge
  clock?: Clock
  /** A monotonic clock in ms. Default: that of this process; if `clock` is given, that one. */
  steady?: () => number
  random?: Random
  log?: Log
  /** The registry for metrics. Default: none. */
  metrics?: Metrics
  plugins?: P
}

export const OPTIONS: Members<CreateLedgerOptions<readonly Plugin[]>> = {
  dataDir: true,
  network: true,
  name: true,
  access: true,
  signingKey: true,
  nextKeyHash: true,
  listen: true,
  bootstrap: true,
  trustLevelMilli: true,
  introduceTo: true,
  psk: true,
  offline: true,
  allow: true,
  deny: true,
  members: true,
  dht: true,
  publicNetwork: true,
  delayGauge: true,
  clock: true,
  steady: true,
  random: true,
  log: true,
  metrics: true,
  plugins: true,
  speaksFor: true,
  capabilities: true,
  region: true,
  streams: true,
  references: true
}
const REFERENCES_OPTIONS: Members<NonNullable<CreateLedgerOptions<readonly Plugin[]>['references']>> = {
  atAppend: true,
  track: true
}

/** Throws INVALID_PARAMS. */
export function readReferences(given: CreateLedgerOptions<readonly Plugin[]>['references']): {
  atAppend: 'held' | 'require'
  track: 'own' | 'all'
} {
  const { atAppend = 'held', track = 'own' } = readOptions(given, REFERENCES_OPTIONS)
  if (!['held', 'require'].includes(atAppend) || !['own', 'all'].includes(track))
    throw new LedgermeshError('INVALID_PARAMS', 'references: atAppend is held or require, track is own or all')
  return { atAppend, track }
}

export const MEMBERS_OPTIONS: Members<{ issuers: LedgerId[] }> = { issuers: true }
