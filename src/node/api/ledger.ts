/**
 * The operations on the ledgers held here. No `ledger` given means the own one; `*` means all that are held, where it
 * is allowed.
 */
import type { Hash } from '../../core/hash.js'
import type { LedgerId } from '../../core/ledger-id.js'
import type { Reference, SyncMark } from '../../core/reference.js'
import type { EntryProof } from '../../core/verify-proof.js'
import type { LedgerEntry } from '../../core/view.js'
import type { AppendInput, AppendOptions } from '../../ledger/append/append-input.js'
import type { EntryKey } from '../../ledger/read/entry-key.js'
import type { QueryFilter, QueryResult } from '../../ledger/read/query.js'
import type { ReferenceTarget } from '../../ledger/read/reference-target.js'
import type { AccessChange, AccessReport } from './access.js'
import type { Appended } from '../../ledger/append/appender.js'
import type { EntriesEvent } from './events.js'
import type { LedgerChoice } from './ledger-choice.js'
import type { References, ReferencesOptions, ReferenceStates, ReferenceStatesOptions } from './references.js'

export type { AppendInput, AppendOptions, ReferenceInput } from '../../ledger/append/append-input.js'
export type { EntryKey as EntryPointer } from '../../ledger/read/entry-key.js'
export type { QueryResult } from '../../ledger/read/query.js'
export type { Appended, EntryProof }

/** Which entries. `withConflicts`: each entry lists the undecided conflicts that involve it; default false. */
export interface QueryFilters extends QueryFilter {
  withConflicts?: boolean | undefined
}

/**
 * A reference compared with what is held now. `unresolved`: its target is not held here, and may still arrive.
 * `contradicted`: that hash is held as another entry, or the id with another hash (`held`). `checked` false with
 * `resolved`: no entry of the target's ledger is held, so the hash is only the author's claim.
 */
export interface VerifiedReference extends Reference {
  state: 'resolved' | 'unresolved' | 'contradicted'
  checked: boolean
  held: ReferenceTarget | null
}

/**
 * An adopted entry against its original. `verified`: the original is held, audited, and equal (payloads are compared
 * where both are held). `disputed`: equal, but there is evidence against its author from there on. `voided`: equal, but
 * another branch of its ledger has replaced the original, so that it counts for nothing there. `unverified`: the original
 * is not held here, so the copy is only its author's claim. `false`: the held original differs; `differs` names the
 * members.
 */
export interface VerifiedCopy extends SyncMark {
  state: 'verified' | 'disputed' | 'voided' | 'unverified' | 'false'
  differs: string[]
}

/**
 * `references` and `copy` say nothing about `valid`: `valid` means that the author signed the entry, whatever it points
 * to.
 */
export interface EntryVerification {
  valid: boolean
  ledger: LedgerId
  seq: number
  hash: Hash
  problem: { code: string; message: string } | null
  references: VerifiedReference[]
  /** null: the entry is an original. */
  copy: VerifiedCopy | null
}

/** The result of re-reading a chain from disk. */
export interface ChainVerification {
  valid: boolean
  ledger: LedgerId
  /** First seq checked, and how many entries were. */
  from: number
  entries: number
  signatures: number
  /** `none`: entries that never had a payload. */
  payloads: { present: number; erased: number; filtered: number; missing: number; malformed: number; none: number }
  /** Entries whose timestamp is before that of the entry before them: allowed, but worth a look. */
  timestampsGoingBack: number
  problem: { seq: number; code: string; message: string } | null
}

/** `root`: RFC 6962 root over all `size` entry hashes; `header` and `signature` are those of the newest entry. */
export interface Head {
  ledger: LedgerId
  size: number
  seq: number
  hash: Hash
  root: Hash
  header: string
  signature: string
  timestamp: number
}

/** RFC 6962 proof that the tree with `root1` is the beginning of the tree with `root2`. */
export interface ConsistencyProof {
  ledger: LedgerId
  size1: number
  root1: Hash
  size2: number
  root2: Hash
  proof: Hash[]
}

/** Every promise rejects with a `LedgermeshError`. */
export interface LedgerApi {
  append: (input: AppendInput, options?: AppendOptions) => Promise<Appended>
  /** All or nothing, in one commit. */
  appendBatch: (inputs: AppendInput[], options?: AppendOptions) => Promise<Appended[]>
  get: (pointer: EntryKey, ledger?: LedgerChoice) => Promise<LedgerEntry | null>
  query: (filters: QueryFilters, ledger?: LedgerChoice) => Promise<QueryResult>
  /** May a ledger be read by its readers only? Also true for a ledger that is not held here. */
  isPrivate: (ledger: LedgerId) => boolean
  verifyEntry: (pointer: EntryKey, ledger?: LedgerId) => Promise<EntryVerification>
  /** The references of one entry, and the references to it, among the entries held here. */
  references: (pointer: EntryKey, options?: ReferencesOptions, ledger?: LedgerId) => Promise<References>
  /**
   * The number of references by status, and a page of them. Throws NOT_FOUND for a ledger whose references are not
   * tracked.
   */
  referenceStates: (options?: ReferenceStatesOptions, ledger?: LedgerId) => Promise<ReferenceStates>
  verifyChain: (range: { from?: number; limit?: number }, ledger?: LedgerId) => Promise<ChainVerification>
  head: (ledger?: LedgerId) => Promise<Head>
  checkpoint: (ledger?: LedgerId) => Promise<{ ledger: LedgerId; size: number; root: Hash; note: string }>
  prove: (pointer: EntryKey, ledger?: LedgerId) => Promise<EntryProof>
  /** RFC 6962 proof that the tree over the first `size1` entries is the beginning of the one over `size2`. */
  consistency: (size1: number, size2: number, ledger?: LedgerId) => Promise<ConsistencyProof>
  /** Appends one ledger.erase entry for each 256 hashes; none for entries without payload or erased already. */
  erase: (hashes: Hash[]) => Promise<Appended[]>
  /** Delivers until the returned function is called. The listener must be fast; it never delays a commit. */
  subscribe: (ledger: LedgerChoice, listener: (event: EntriesEvent) => void) => () => void
  /** Who may read a ledger held here; default: the own one. */
  access: (ledger?: LedgerId) => Promise<AccessReport>
  setAccess: (change: AccessChange) => Promise<Appended>
}
