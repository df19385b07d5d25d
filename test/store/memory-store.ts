/** A store of rows in memory, for tests of parts: in key order, as the real one, and without a disk. */
import type { Op, Row, RowRange, Store } from '../../src/store/store.js'

export class MemoryStore implements Store {
  readonly incarnation = 'ab'.repeat(16)
  readonly failing: Store['failing'] = new AbortController().signal
  wasClean = true
  failed = false
  /** The next writes throw it. */
  fails: Error | null = null
  /** Batches that were written. */
  writes = 0
  readonly #rows = new Map<string, Buffer>()

  get size(): number {
    return this.#rows.size
  }

  async write(ops: Op[]): Promise<void> {
    if (this.fails !== null) throw this.fails
    this.writes++
    for (const op of ops) {
      const key = Buffer.from(op.key).toString('latin1')
      if (op.type === 'put') this.#rows.set(key, Buffer.from(op.value))
      else this.#rows.delete(key)
    }
  }

  async flush(): Promise<void> {}

  share(): null {
    return null
  }

  fail(): void {
    this.failed = true
  }

  async get(key: Uint8Array): Promise<Buffer | undefined> {
    return this.#rows.get(Buffer.from(key).toString('latin1'))
  }

  async getMany(keys: Uint8Array[]): Promise<(Buffer | undefined)[]> {
    return await Promise.all(keys.map(async (key) => await this.get(key)))
  }

  async all({ gte, lt, reverse = false, limit = Infinity }: RowRange): Promise<Row[]> {
    const found = [...this.#rows]
      .map(([key, value]): Row => [Buffer.from(key, 'latin1'), value])
      .filter(([key]) => Buffer.compare(key, gte) >= 0 && Buffer.compare(key, lt) < 0)
      .sort(([a], [b]) => Buffer.compare(a, b))
    return (reverse ? found.reverse() : found).slice(0, limit)
  }

  rows(range: RowRange): ReturnType<Store['rows']> {
    const all = this.all(range)
    let at = 0
    return {
      next: async (count) => {
        const rows = (await all).slice(at, at + count)
        at += rows.length
        return rows
      },
      close: async () => {}
    }
  }

  async keys(range: RowRange): Promise<Buffer[]> {
    return (await this.all(range)).map(([key]) => key)
  }

  async clear(range: RowRange): Promise<void> {
    for (const [key] of await this.all(range)) this.#rows.delete(key.toString('latin1'))
  }

  async compact(): Promise<void> {}

  async sizeOf(range: RowRange): Promise<number> {
    return (await this.all(range)).reduce((sum, [key, value]) => sum + key.length + value.length, 0)
  }

  async close(): Promise<void> {}
}
