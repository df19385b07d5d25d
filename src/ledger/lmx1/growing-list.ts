/** A list of the index that only grows: what has to be known of it to add the next posting. */
import { joinRefs, leafRef, type ListRef } from '../../core/lmx1/list.js'
import type { Posting } from '../../core/lmx1/posting.js'

/** Levels whose perfect subtrees are stored, beside the postings themselves. */
export const STORED_LEVELS: readonly number[] = [8, 16, 24]
/** Children of such a subtree. */
export const GROUP = 256

/** A subtree that is complete, of 2^level postings. */
export interface Completed {
  level: number
  index: number
  ref: ListRef
}

export class GrowingList {
  #count: number
  readonly #frontier: ListRef[]

  /** `frontier`: the refs of the perfect subtrees, largest first. */
  constructor(count = 0, frontier: readonly ListRef[] = []) {
    this.#count = count
    this.#frontier = [...frontier]
  }

  get count(): number {
    return this.#count
  }

  get frontier(): readonly ListRef[] {
    return this.#frontier
  }

  append(posting: Posting): Completed[] {
    const completed: Completed[] = []
    let [ref, index, level] = [leafRef(posting), this.#count, 0]
    while (index % 2 === 1) {
      ref = joinRefs(this.#frontier.pop()!, ref)
      index = (index - 1) / 2
      level++
      if (STORED_LEVELS.includes(level)) completed.push({ level, index, ref })
    }
    this.#frontier.push(ref)
    this.#count++
    return completed
  }

  /** Of the whole list. */
  ref(): ListRef {
    return this.#frontier.reduceRight((right, left) => joinRefs(left, right))
  }
}
