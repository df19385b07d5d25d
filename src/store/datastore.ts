import { LevelDatastore } from 'datastore-level'
import { BoundedMap } from '../core/bounded.js'
import { LedgermeshError } from '../core/errors.js'
import type { Clock, Log } from '../ports.js'
import { makeFolder } from './make-folder.js'
import { rootCause } from './root-cause.js'

/** Values kept in memory. */
const MAX_RECENT = 512
/** Milliseconds until what was put is written. */
const WRITE_AFTER_MS = 1000
/** Values that wait to be written, at most. */
const MAX_WAITING = 256

type Key = Parameters<LevelDatastore['put']>[0]
type Options = Parameters<LevelDatastore['get']>[1]
type Value = Uint8Array

/** libp2p's own datastore, open. The caller closes it. */
export async function openDatastore(dir: string, surroundings: { clock: Clock; log: Log }): Promise<LevelDatastore> {
  makeFolder(dir)
  const datastore = new RecentDatastore(dir, surroundings)
  try {
    await datastore.open()
  } catch (error) {
    const { message } = rootCause(error)
    throw new LedgermeshError(
      'BAD_FILE',
      `cannot open ${dir} (what libp2p remembers of other nodes; it may be deleted): ${message}`,
      undefined,
      { cause: error }
    )
  }
  return datastore
}

/**
 * libp2p reads and writes a peer's record for each stream that is opened, and lets the stream wait for both. What was
 * put last stays in memory here, and is written a moment later: a crash may take a second of what libp2p knows of other
 * peers, and nothing else.
 */
class RecentDatastore extends LevelDatastore {
  readonly #clock: Clock
  readonly #log: Log
  /** Longest unused first. */
  readonly #recent = new BoundedMap<string, Value>(MAX_RECENT)
  readonly #waiting = new Map<string, { key: Key; value: Value }>()
  #written: Promise<void> = Promise.resolve()
  #cancel: (() => void) | null = null

  constructor(dir: string, { clock, log }: { clock: Clock; log: Log }) {
    super(dir)
    this.#clock = clock
    this.#log = log
  }

  override async put(key: Key, value: Value): Promise<Key> {
    const name = key.toString()
    this.#keep(name, value)
    this.#waiting.set(name, { key, value })
    if (this.#waiting.size >= MAX_WAITING) await this.#write()
    else
      this.#cancel ??= this.#clock.after(WRITE_AFTER_MS, () => {
        this.#write().catch((error: Error) => {
          this.#log.warn(
            { event: 'datastore.write-failed', error: error.message },
            "libp2p's peer data could not be written"
          )
        })
      })
    return key
  }

  override async get(key: Key, options?: Options): Promise<Value> {
    const name = key.toString()
    const value = this.#waiting.get(name)?.value ?? this.#recent.get(name)
    if (value === undefined) return await super.get(key, options)
    this.#keep(name, value)
    return value
  }

  override async has(key: Key, options?: Options): Promise<boolean> {
    return this.#waiting.has(key.toString()) || (await super.has(key, options))
  }

  override async delete(key: Key, options?: Options): Promise<void> {
    await this.#write()
    this.#recent.delete(key.toString())
    await super.delete(key, options)
  }

  override batch(): ReturnType<LevelDatastore['batch']> {
    const changes: { key: Key; value: Value | null }[] = []
    return {
      put: (key, value) => {
        changes.push({ key, value })
      },
      delete: (key) => {
        changes.push({ key, value: null })
      },
      commit: async () => {
        for (const { key, value } of changes.splice(0)) await (value === null ? this.delete(key) : this.put(key, value))
      }
    }
  }

  override async *query(
    ...args: Parameters<LevelDatastore['query']>
  ): Extract<ReturnType<LevelDatastore['query']>, AsyncGenerator> {
    await this.#write()
    yield* super.query(...args)
  }

  override async *queryKeys(
    ...args: Parameters<LevelDatastore['queryKeys']>
  ): Extract<ReturnType<LevelDatastore['queryKeys']>, AsyncGenerator> {
    await this.#write()
    yield* super.queryKeys(...args)
  }

  override async close(): Promise<void> {
    await this.#write()
    await super.close()
  }

  #keep(name: string, value: Value): void {
    this.#recent.set(name, value)
  }

  /** One after the other: the database itself promises no order. */
  async #write(): Promise<void> {
    this.#cancel?.()
    this.#cancel = null
    const written = this.#written
      .catch(() => {})
      .then(async () => {
        const batch = super.batch()
        for (const { key, value } of this.#waiting.values()) batch.put(key, value)
        const waiting = [...this.#waiting]
        if (waiting.length > 0) await batch.commit()
        for (const [name, one] of waiting) if (this.#waiting.get(name) === one) this.#waiting.delete(name)
      })
    this.#written = written
    await written
  }
}
