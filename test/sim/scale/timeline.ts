/**
 * Virtual time for millions of timers: a binary heap by (time, number). Work that awaits is waited for with the clock
 * standing still.
 */
import { setImmediate } from 'node:timers/promises'
import type { Clock } from '../../../src/ports.js'
import { EPOCH } from '../world.js'

interface Timer {
  at: number
  number: number
  run: () => void
}

export class Timeline implements Clock {
  #now = EPOCH
  #number = 0
  #pending = 0
  #failure: Error | null = null
  readonly #heap: Timer[] = []

  now(): number {
    return this.#now
  }

  after(ms: number, run: () => void): () => void {
    const timer = { at: this.#now + Math.max(0, ms), number: ++this.#number, run }
    const heap = this.#heap
    let index = heap.push(timer) - 1
    while (index > 0) {
      const parent = (index - 1) >> 1
      if (isBefore(heap[parent]!, timer)) break
      heap[index] = heap[parent]!
      index = parent
    }
    heap[index] = timer
    return () => {
      timer.run = () => {}
    }
  }

  track(work: Promise<unknown>): void {
    this.#pending++
    work
      .catch((error: Error) => {
        this.#failure ??= error
      })
      .finally(() => {
        this.#pending--
      })
  }

  /** Ends early as soon as `isDone`. */
  async run(ms: number, isDone: () => boolean = () => false): Promise<void> {
    const until = this.#now + ms
    for (let next = this.#heap[0]; next !== undefined && next.at <= until && !isDone(); next = this.#heap[0]) {
      this.#pop()
      this.#now = next.at
      next.run()
      while (this.#pending > 0) await setImmediate()
      if (this.#failure !== null) throw this.#failure
    }
    if (!isDone()) this.#now = until
  }

  #pop(): void {
    const heap = this.#heap
    const last = heap.pop()!
    if (heap.length === 0) return
    let index = 0
    for (;;) {
      let child = 2 * index + 1
      if (child >= heap.length) break
      if (child + 1 < heap.length && isBefore(heap[child + 1]!, heap[child]!)) child++
      if (!isBefore(heap[child]!, last)) break
      heap[index] = heap[child]!
      index = child
    }
    heap[index] = last
  }
}

function isBefore(a: Timer, b: Timer): boolean {
  return a.at < b.at || (a.at === b.at && a.number < b.number)
}
