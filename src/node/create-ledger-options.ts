/** What a ledger is opened with. */
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
   * The name in the genesis. Default of a new ledger: `ledger`; of one that is there: its own, and no other will do
   * (LEDGER_DIFFERS).
   */
  name?: string
  /** Likewise. Default of a new ledger: `public`. */
  access?: 'public' | 'private'
  /** 32 bytes, or a key that lives elsewhere. Default: made once and kept in `dataDir`. */
  signingKey?: Uint8Array | SigningKey
  /**
   * SHA-256 of the only public key that may replace the signing key. Default: that of `dataDir`'s next.key; null with a
   * signing key of one's own.
   */
  nextKeyHash?: Hash | null
  /** Multiaddrs. Default: a free port on loopback. */
  listen?: string[]
  /** Multiaddrs with /p2p/ to join through. */
  bootstrap?: string[]
  /**
   * For private ledgers that admit by trust: how much an owner trusts a reader, 0–1000. Default: what the attestations
   * say that are held here.
   */
  trustLevelMilli?: TrustLevelMilli
  /**
   * Peer ids that are to know which private ledger this node speaks for; of those whom it dials by hand and of its
   * readers it is known anyway.
   */
  introduceTo?: string[]
  /** 32 random bytes that all nodes of a hidden network share. */
  psk?: Uint8Array
  /**
   * The operator's word, for this opening, that what is stored is all that was ever signed: nobody is asked first.
   * Default false.
   */
  offline?: boolean
  /** Peer ids and ledger ids that may be connected; given, even empty, nobody else may, but for members. */
  allow?: string[]
  /** Peer ids and ledger ids that are never connected, whatever else says that they may be. */
  deny?: string[]
  /** Peers with a membership of one of these ledgers may be connected to. Every node follows the issuers. */
  members?: { issuers: LedgerId[] }
  /** False: neither asks the DHT nor serves it. Default true. */
  dht?: boolean
  /**
   * Are addresses of private ranges dialled that others tell? True: never, the open internet. False: yes, all nodes
   * share one office. Default: only when `listen` names private addresses and nothing else.
   */
  publicNetwork?: boolean | undefined
  /**
   * `atAppend`: `held` (default) compares references with what is held; `require` also asks for entries of ledgers that
   * are not held, and refuses what nobody shows. `track`: of whose references account is kept (`ledger.referenceStates`):
   * of the own ledger's (default), or of those of all that are held.
   */
  references?: { atAppend?: 'held' | 'require'; track?: 'own' | 'all' }
  /** How late the event loop is. Default: that of this process. */
  delayGauge?: DelayGauge
  clock?: Clock
  /** ms of a clock that nobody sets. Default: that of this process; with a `clock` of one's own, that one. */
  steady?: () => number
  random?: Random
  log?: Log
  /** Where figures go. Default: nowhere. */
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
