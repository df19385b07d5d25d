/**
 * A list of the index lmx1: the postings of one value, by rising seq, as a tree in RFC 6962's shape. Each subtree is a
 * ref, its hash with the earliest and the latest timestamp below it, so that what lies outside a time range can be left
 * out unopened.
 */
import { fromHex, sha256 } from '../hash.js'
import { largestPowerBelow } from '../merkle.js'
import { hashPosting, type Posting } from './posting.js'

/** A ref: 44 bytes as 88 hex digits. Hash (32 bytes), earliest timestamp (6), latest timestamp (6). */
export type ListRef = string

/** Hex digits of a ref. */
export const REF_DIGITS = 88
const EARLIEST = 64
const LATEST = 76

/** The ref of one posting. */
export function leafRef(posting: Posting): ListRef {
  const timestamp = posting.slice(12, 24)
  return hashPosting(posting) + timestamp + timestamp
}

/** SHA-256(0x11 ‖ left ‖ right), and the timestamps of both. Hex of one length compares as its numbers do. */
export function joinRefs(left: ListRef, right: ListRef): ListRef {
  const [earliest, latest] = [left.slice(EARLIEST, LATEST), left.slice(LATEST)]
  const [otherEarliest, otherLatest] = [right.slice(EARLIEST, LATEST), right.slice(LATEST)]
  return (
    sha256(fromHex(`11${left}${right}`)) +
    (earliest < otherEarliest ? earliest : otherEarliest) +
    (latest > otherLatest ? latest : otherLatest)
  )
}

/** Are they of the same parts, whatever times they say? */
export function isSameTree(one: ListRef, other: ListRef): boolean {
  return one.slice(0, EARLIEST) === other.slice(0, EARLIEST)
}

export function earliestOf(ref: ListRef): number {
  return Number.parseInt(ref.slice(EARLIEST, LATEST), 16)
}

export function latestOf(ref: ListRef): number {
  return Number.parseInt(ref.slice(LATEST), 16)
}

/** Is every timestamp below the ref outside of [from, to)? */
export function isOutside(ref: ListRef, { from, to }: { from?: number | undefined; to?: number | undefined }): boolean {
  return latestOf(ref) < (from ?? 0) || earliestOf(ref) >= (to ?? Infinity)
}

/** A posting with its ref: the same one in each of its lists. */
export interface Leaf {
  posting: Posting
  ref: ListRef
}

/** An append-only list: its state at any smaller count can still be proved. */
export class PostingList {
  readonly #leaves: Leaf[] = []
  /** By level, from 1: the refs of the perfect subtrees of 2^level postings. */
  readonly #levels: ListRef[][] = []

  get count(): number {
    return this.#leaves.length
  }

  append(leaf: Leaf): void {
    let index = this.#leaves.push(leaf) - 1
    let ref = leaf.ref
    for (let level = 0; index % 2 === 1; level++) {
      ref = joinRefs(level === 0 ? this.#leaves[index - 1]!.ref : this.#levels[level - 1]![index - 1]!, ref)
      index = (index - 1) / 2
      ;(this.#levels[level] ??= []).push(ref)
    }
  }

  posting(position: number): Posting {
    return this.#leaves[position]!.posting
  }

  /** The subtree of RFC 6962 over `width` positions from `start` on. */
  ref(start: number, width: number): ListRef {
    if (width === 1) return this.#leaves[start]!.ref
    const left = largestPowerBelow(width)
    if (left * 2 === width) return this.#levels[Math.log2(width) - 1]![start / width]!
    return joinRefs(this.ref(start, left), this.ref(start + left, width - left))
  }
}
