import type { Hash } from '../core/hash.js'
import type { LedgerId } from '../core/ledger-id.js'
import type { Reference, ReferenceType } from '../core/reference.js'

/**
 * What is known here of the entry that a reference names. `verified`: it is held and audited, and is what the reference
 * says. `proved`: it is not held; somebody showed it, under its author's checkpoint. `unresolved`: not held, or not
 * audited yet. `contradicted`: what is held is another entry. `disputed`: it is
 * held at or above a freeze.
 */
export type ReferenceStatus = 'verified' | 'proved' | 'unresolved' | 'contradicted' | 'disputed'

/** Which way: to what an entry refers to, to what refers to it, or both. */
export type Direction = 'out' | 'in' | 'both'

/** An entry, as a reference names one: the hash decides, and null: it is not known. */
export interface EntryName {
  ledger: LedgerId
  id: string
  hash: Hash | null
}

/** A reference, as a line from the entry that has it to the one that it names. */
export interface NamedReference {
  from: EntryName
  to: EntryName
  type: ReferenceType
  status: ReferenceStatus
  where: ReferenceWhere
}

/**
 * In the signed header, where everybody reads it for ever and an index has it; or in the payload, where only those do who
 * have that, and what refers to an entry from there is not found.
 */
export type ReferenceWhere = 'header' | 'payload'

export type PlacedReference = Reference & { where: ReferenceWhere }

/** What following needs of an entry. */
export interface Followable {
  ledger: LedgerId
  id: string
  hash: Hash
  seq: number
  references: PlacedReference[]
}

/** What following stopped at, and why. */
export interface Frontier {
  to: EntryName
  reason: 'depth' | 'fan_out' | 'total' | 'deadline' | 'untrusted' | 'unresolved'
}

export interface FollowLimits {
  /** Steps from the start. */
  maxDepth: number
  /** References of one entry, each way. */
  fanOut: number
  /** Entries in all, the start included. */
  total: number
  direction: Direction
  /** null: all. */
  types: readonly ReferenceType[] | null
}

/** What was found; `complete`: nothing was left out, so that `frontier` is empty. */
export interface Followed<E> {
  nodes: { entry: E; depth: number }[]
  edges: NamedReference[]
  frontier: Frontier[]
  complete: boolean
}

/** Where the entries are. */
export interface ReferenceSource<E extends Followable> {
  /** What each of them leads to, in their order; `entry` is there exactly when it is verified, or proved. */
  resolve: (references: PlacedReference[]) => Promise<{ status: ReferenceStatus; entry: E | null }[]>
  /** At most `limit` entries that name this one, by ledger and seq; `more`: there are others. */
  referring: (entry: E, limit: number) => Promise<{ entries: E[]; more: boolean }>
  isTrusted: (ledger: LedgerId) => boolean
  /** The time for it is over. */
  isOver: () => boolean
}
