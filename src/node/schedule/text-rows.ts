/**
 * Rows of JSON, each with a text as its key, which need not be durable when a change resolves: the newest value is
 * written.
 */
import { parseText, type JsonObject } from '../../core/canonical.js'
import { isCoded } from '../../core/errors.js'
import { isObject } from '../../core/grammar.js'
import type { Log } from '../../ports.js'
import { familyRange, textKey, textOf, type TextFamily } from '../../store/keys.js'
import type { Op, Store } from '../../store/store.js'

export interface TextRowsInit {
  store: Store
  log: Log
}

export class TextRows {
  readonly #init: TextRowsInit
  readonly #family: TextFamily
  readonly #pending = new Map<string, JsonObject | null>()
  #sync = false
  #writing: Promise<void> | null = null

  constructor(init: TextRowsInit, family: TextFamily) {
    this.#init = init
    this.#family = family
  }

  /** A row that is not a JSON object is logged and left out. */
  async load(): Promise<[key: string, row: JsonObject][]> {
    const { store, log } = this.#init
    return (await store.all(familyRange(this.#family))).flatMap(([key, value]): [string, JsonObject][] => {
      try {
        const row = parseText(value.toString())
        if (isObject(row)) return [[textOf(key), row as JsonObject]]
      } catch (error) {
        if (!isCoded(error)) throw error
      }
      log.error(
        { event: 'store.row-unreadable', family: this.#family, key: textOf(key) },
        'a stored row cannot be read; treated as absent'
      )
      return []
    })
  }

  /** null: it goes. `sync`: `idle` waits for the disk. */
  put(key: string, row: JsonObject | null, { sync = false } = {}): void {
    this.#pending.set(key, row)
    this.#sync ||= sync
    this.#writing ??= this.#flush().finally(() => {
      this.#writing = null
    })
  }

  /** Waits for what was put. */
  async idle(): Promise<void> {
    await this.#writing
  }

  async #flush(): Promise<void> {
    const { store, log } = this.#init
    // Changes of one turn are written together.
    await Promise.resolve()
    while (this.#pending.size > 0 && !store.failed) {
      const ops = [...this.#pending].map(([key, row]): Op => {
        const at = textKey(this.#family, key)
        return row === null
          ? { type: 'del', key: at }
          : { type: 'put', key: at, value: Buffer.from(JSON.stringify(row)) }
      })
      const sync = this.#sync
      this.#sync = false
      this.#pending.clear()
      try {
        await store.write(ops, { sync })
      } catch (error) {
        log.warn(
          { event: 'store.rows-failed', family: this.#family, error: (error as Error).message },
          'rows could not be stored'
        )
      }
    }
  }
}
