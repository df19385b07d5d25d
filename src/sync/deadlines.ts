/** One deadline per key, the earliest first: a binary heap in which outdated items stay until they surface. */
export class Deadlines {
  readonly #at = new Map<string, number>()
  #heap: { key: string; at: number }[] = []

  /** Null: no deadline. */
  set(key: string, at: number | null): void {
    if (at === null) {
      this.#at.delete(key)
      return
    }
    if (this.#at.get(key) === at) return
    this.#at.set(key, at)
    this.#push({ key, at })
    if (this.#heap.length > 64 && this.#heap.length > 4 * this.#at.size) this.#rebuild()
  }

  next(): number | null {
    this.#dropOutdated()
    return this.#heap[0]?.at ?? null
  }

  /** Takes out all keys that are due. */
  due(now: number): string[] {
    const keys: string[] = []
    for (;;) {
      this.#dropOutdated()
      const first = this.#heap[0]
      if (first === undefined || first.at > now) return keys
      this.#at.delete(first.key)
      keys.push(first.key)
    }
  }

  #dropOutdated(): void {
    for (let first = this.#heap[0]; first !== undefined && this.#at.get(first.key) !== first.at; first = this.#heap[0])
      this.#pop()
  }

  #rebuild(): void {
    this.#heap = []
    for (const [key, at] of this.#at) this.#push({ key, at })
  }

  #push(item: { key: string; at: number }): void {
    const heap = this.#heap
    let index = heap.push(item) - 1
    while (index > 0) {
      const parent = (index - 1) >> 1
      if (heap[parent]!.at <= item.at) break
      heap[index] = heap[parent]!
      index = parent
    }
    heap[index] = item
  }

  #pop(): void {
    const heap = this.#heap
    const last = heap.pop()
    if (last === undefined || heap.length === 0) return
    let index = 0
    for (;;) {
      let child = 2 * index + 1
      if (child >= heap.length) break
      if (child + 1 < heap.length && heap[child + 1]!.at < heap[child]!.at) child++
      if (heap[child]!.at >= last.at) break
      heap[index] = heap[child]!
      index = child
    }
    heap[index] = last
  }
}
