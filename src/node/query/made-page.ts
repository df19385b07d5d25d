import type { QueryReply } from '../../../protocols/query/index.js'
import type { PageIndex } from '../../core/answer-page.js'
import type { Entry } from '../../core/entry.js'

/** Bytes that an entry adds to a reply beside its header and payload: the signature and the encoding of the fields. */
export const ENTRY_BYTES = 80
/** Leaves below one stored node of the tree; a proof of one entry reads all of them. */
export const TILE_LEAVES = 256
/** Such nodes that one reply may read for its entries: 16,384 leaves. */
export const MAX_TILES = 64

/** The entries of a reply, before their proof is made. */
export interface MadePage {
  /** In the order of the question. */
  shown: Entry[]
  /** Seqs of matching entries, which are sent with their payloads. */
  matching: Set<number>
  ending: QueryReply['ending']
  all: boolean
  /** `seq`: of the index entry. */
  index: (PageIndex & { seq: number }) | null
  next: number | null
  examined: number
}

export function costOf({ header, raw }: Entry, withPayload: boolean): number {
  return raw.header.length + ENTRY_BYTES + (withPayload ? header.payload_size : 0)
}
