/** What is to happen when, in the order of (time, number): a binary heap. */
export interface Item {
  at: number
  number: number
  run: () => void
}

export class Agenda {
  readonly #heap: Item[] = []
  #number = 0

  add(at: number, run: () => void): void {
    const heap = this.#heap
    const item = { at, number: ++this.#number, run }
    let index = heap.push(item) - 1
    while (index > 0) {
      const parent = (index - 1) >> 1
      if (isBefore(heap[parent]!, item)) break
      heap[index] = heap[parent]!
      index = parent
    }
    heap[index] = item
  }

  /** The next item, unless it is later than `until`. */
  take(until: number): Item | null {
    const heap = this.#heap
    const first = heap[0]
    if (first === undefined || first.at > until) return null
    const last = heap.pop()!
    if (last !== first) this.#sink(last)
    return first
  }

  #sink(item: Item): void {
    const heap = this.#heap
    let index = 0
    for (;;) {
      let child = 2 * index + 1
      if (child >= heap.length) break
      if (child + 1 < heap.length && isBefore(heap[child + 1]!, heap[child]!)) child++
      if (isBefore(item, heap[child]!)) break
      heap[index] = heap[child]!
      index = child
    }
    heap[index] = item
  }
}

function isBefore(a: Item, b: Item): boolean {
  return a.at < b.at || (a.at === b.at && a.number < b.number)
}
