/** The library's front door: a ledger with its plugins. The daemon is the same composition plus the RPC server. */
import { randomBytes } from 'node:crypto'
import { LedgermeshError } from '../core/errors.js'
import type { Hash } from '../core/hash.js'
import { signingKeyFromSeed, type SigningKey } from '../core/keys.js'
import type { LedgerId } from '../core/ledger-id.js'
import type { LedgerEntry } from '../core/view.js'
import { Hooks } from '../ledger/hooks.js'
import { openLedgers, type Ledgers } from '../ledger/ledgers.js'
import type { Clock, Log, Random } from '../ports.js'
import { openDatastore, type Datastore } from '../store/datastore.js'
import { openStore } from '../store/store.js'
import type { AppendInput, AppendOptions, Appended, ChainVerification, EntryPointer, EntryVerification, QueryFilters, QueryResult } from './api.js'
import { openHome } from './home.js'
import { Mesh } from './mesh.js'
import type { Plugin, PluginContext } from './plugin.js'
import { silentLog, systemClock, systemRandom } from './system.js'
import { Verifier } from './verifier.js'

export interface CreateLedgerOptions<P extends readonly Plugin[]> {
  /** The folder of this ledger: database, keys that are not given, signer's mark. */
  dataDir: string
  /** Default `main`. */
  network?: string
  /** The name in the genesis. Default `ledger`. */
  name?: string
  /** Default `public`. */
  access?: 'public' | 'private'
  /** 32 bytes, or a key that lives elsewhere. Default: made and kept in `dataDir`. */
  signingKey?: Uint8Array | SigningKey
  /** With `signingKey`: SHA-256 of the only public key that may replace it. Default null: never rotates. */
  nextKeyHash?: Hash | null
  /** Multiaddrs. Default: a free port on loopback. */
  listen?: string[]
  /** Multiaddrs with /p2p/ to join through. */
  bootstrap?: string[]
  clock?: Clock
  random?: Random
  log?: Log
  plugins?: P
}

/** The methods of each plugin, by the plugin's id. */
export type PluginMethods<P extends readonly Plugin[]> = { [One in P[number] as One['id']]: NonNullable<One['methods']> }

/** A ledger as its users see it: every call goes through the hooks. */
export interface LedgerFacade {
  readonly id: LedgerId
  append: (input: AppendInput, options?: AppendOptions) => Promise<Appended>
  appendBatch: (inputs: AppendInput[], options?: AppendOptions) => Promise<Appended[]>
  get: (pointer: EntryPointer, ledger?: LedgerId) => Promise<LedgerEntry | null>
  query: (filters: QueryFilters, ledger?: LedgerId) => Promise<QueryResult>
  verifyEntry: (pointer: EntryPointer, ledger?: LedgerId) => Promise<EntryVerification>
  verifyChain: (range?: { from?: number, limit?: number }, ledger?: LedgerId) => Promise<ChainVerification>
}
