/** Rows of JSON, each with a text as its key: few, read once at the start, durable when a change resolves. */
import { parseText, type JsonObject } from '../../core/canonical.js'
import { isCoded, LedgermeshError } from '../../core/errors.js'
import { isObject } from '../../core/grammar.js'
import type { Log } from '../../ports.js'
import { familyRange, textKey, textOf, type TextFamily } from '../../store/keys.js'
import type { Store } from '../../store/store.js'

export class JsonRows<Row extends object> {
  readonly #store: Store
  readonly #family: TextFamily
  readonly #rows = new Map<string, Row>()

  private constructor(store: Store, family: TextFamily) {
    this.#store = store
    this.#family = family
  }

  /** `read` throws STORE_DAMAGED for an invalid row, which is logged and left out. */
  static async load<Row extends object>(
    store: Store,
    family: TextFamily,
    read: (row: JsonObject) => Row,
    log: Log
  ): Promise<JsonRows<Row>> {
    const rows = new JsonRows<Row>(store, family)
    for (const [key, value] of await store.all(familyRange(family))) {
      try {
        rows.#rows.set(textOf(key), read(objectOf(value)))
      } catch (error) {
        if (!isCoded(error)) throw error
        log.error(
          { event: 'store.row-unreadable', family, key: textOf(key), error: error.message },
          'a stored row cannot be read; treated as absent'
        )
      }
    }
    return rows
  }

  get size(): number {
    return this.#rows.size
  }
  get(key: string): Row | null {
    return this.#rows.get(key) ?? null
  }
  list(): [key: string, row: Row][] {
    return [...this.#rows]
  }

  async put(key: string, row: Row): Promise<void> {
    await this.#store.write(
      [{ type: 'put', key: textKey(this.#family, key), value: Buffer.from(JSON.stringify(row)) }],
      { sync: true }
    )
    this.#rows.set(key, row)
  }

  async delete(key: string): Promise<void> {
    await this.#store.write([{ type: 'del', key: textKey(this.#family, key) }], { sync: true })
    this.#rows.delete(key)
  }
}

function objectOf(value: Buffer): JsonObject {
  const row = parseText(value.toString())
  if (!isObject(row)) throw new LedgermeshError('STORE_DAMAGED', 'not an object')
  return row
}

/** Throws STORE_DAMAGED. */
export function damaged(what: string): never {
  throw new LedgermeshError('STORE_DAMAGED', `this is no ${what}`)
}
