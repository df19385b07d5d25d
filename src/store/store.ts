/**
 * The node's own LevelDB: binary keys and values, atomic batches. The meaning of the keys is in keys.ts and the ledger
 * layer.
 */
import { Level } from 'level'
import { LedgermeshError } from '../core/errors.js'
import type { Log } from '../ports.js'
import { textKey, type KeyRange } from './keys.js'
import { oldLogsGone } from './log-files.js'
import { makeFolder } from './make-folder.js'
import { INCARNATION_KEY, migrate } from './migrations.js'
import { rootCause } from './root-cause.js'

export type Op = { type: 'put'; key: Uint8Array; value: Uint8Array } | { type: 'del'; key: Uint8Array }
export type Row = [key: Buffer, value: Buffer]
export type RowRange = KeyRange & { reverse?: boolean; limit?: number }

/** Rows in key order, a chunk at a time. Must be closed. */
export interface Rows {
  /** At most `count` rows; an empty list is the end. */
  next: (count: number) => Promise<Row[]>
  close: () => Promise<void>
}

export interface Store {
  /** 32 hex digits, made with the store: a store that was made anew never takes another one's cursor for its own. */
  readonly incarnation: string
  /** Was the last stop a clean one? */
  readonly wasClean: boolean
  /**
   * After a failed write its outcome is unknown, and LevelDB may silently lose later ones (I1): every further write is
   * refused.
   */
  readonly failed: boolean
  /** Fires when `failed` becomes true. */
  readonly failing: AbortSignal
  /** One atomic batch. `sync`: on the disk before this resolves. Throws STORE_FAILED or CLOSED. */
  write: (ops: Op[], options: { sync: boolean }) => Promise<void>
  /**
   * All that was written before is on the disk when it resolves, whatever was synced. Throws STORE_FAILED or CLOSED.
   */
  flush: () => Promise<void>
  get: (key: Uint8Array) => Promise<Buffer | undefined>
  getMany: (keys: Uint8Array[]) => Promise<(Buffer | undefined)[]>
  all: (range: RowRange) => Promise<Row[]>
  rows: (range: RowRange) => Rows
  keys: (range: RowRange) => Promise<Buffer[]>
  /** Deletes the keys of a range, not atomically. */
  clear: (range: KeyRange) => Promise<void>
  /**
   * Rewrites the files of a range, so that what was deleted is gone from the disk. All keys of a range's family have
   * one length.
   */
  compact: (range: KeyRange) => Promise<void>
  /** About how many bytes of the files a range takes; what was written last is not in them yet. */
  sizeOf: (range: KeyRange) => Promise<number>
  /** A thread opens the same database (openBeside), whose folder this returns. Null: it cannot. */
  share: (thread: SharingThread) => string | null
  /** A write of such a thread failed: the same as if it had been one of this store. */
  fail: (error: Error) => void
  close: () => Promise<void>
}

/** A thread that has the same database open. */
export interface SharingThread {
  /** Resolves when nothing is read there that was begun before. */
  idle: () => Promise<void>
  /** Closes its database: LevelDB's memory belongs to the one that was opened first. */
  close: () => Promise<void>
}

/** Bytes that LevelDB gathers in memory before it writes a sorted file: fewer, larger compactions while catching up. */
const WRITE_BUFFER_BYTES = 16 * 1024 * 1024
/** Bytes of uncompressed blocks kept for reads. */
const CACHE_BYTES = 32 * 1024 * 1024
/**
 * Bytes of rows that LevelDB compresses together. Four times its default: neighbours are alike (hashes apart), and 18,642
 * real records take 514 bytes each instead of 591, at no cost in reads.
 */
const BLOCK_BYTES = 16 * 1024

export const CLEAN_KEY = textKey('meta', 'clean')
const NUL = Buffer.of(0)
/** A key that is never there: deleting it is a write that changes nothing. */
const NOTHING = textKey('meta', 'nothing')
const CLEAN = Buffer.from('1')
/** Databases that this process has open. LevelDB lets threads share one, and so would not refuse to open it twice. */
const OPEN = new Set<string>()
const ENCODING = { keyEncoding: 'buffer', valueEncoding: 'buffer' } as const

/** Throws ALREADY_RUNNING, STORE_TOO_NEW or STORE_DAMAGED. */
export async function openStore(dir: string, { log }: { log: Log }): Promise<Store> {
  makeFolder(dir)
  const db = await openOnce(dir)
  try {
    const incarnation = await migrate(db, log)
    const wasClean = (await db.get(CLEAN_KEY)) !== undefined
    await db.batch([{ type: 'del', key: CLEAN_KEY }], { sync: true })
    return new LevelStore(db, { dir, incarnation, wasClean, marksClean: true, log })
  } catch (error) {
    await db.close()
    throw error
  }
}

/** The database of a store that this process has open already, for another of its threads. Throws STORE_DAMAGED. */
export async function openBeside(dir: string, { log }: { log: Log }): Promise<Store> {
  const db = await openLevel(dir, { createIfMissing: false, multithreading: true })
  return new LevelStore(db, { dir, incarnation: '', wasClean: true, marksClean: false, log })
}

async function openOnce(dir: string): Promise<Level<Buffer, Buffer>> {
  if (OPEN.has(dir)) throw new LedgermeshError('ALREADY_RUNNING', `this process has ${dir} open already`)
  OPEN.add(dir)
  try {
    const db = await openLevel(dir, { multithreading: true })
    db.once('closed', () => OPEN.delete(dir))
    return db
  } catch (error) {
    OPEN.delete(dir)
    throw error
  }
}

/**
 * The store as it lies there, for tools that check it: not migrated, and its clean-stop flag neither taken nor set.
 * Never makes one. Throws ALREADY_RUNNING or STORE_DAMAGED.
 */
export async function openStoreAsIs(dir: string, { log }: { log: Log }): Promise<Store> {
  const db = await openLevel(dir, { createIfMissing: false })
  const incarnation = (await db.get(INCARNATION_KEY))?.toString() ?? ''
  return new LevelStore(db, {
    dir,
    incarnation,
    wasClean: (await db.get(CLEAN_KEY)) !== undefined,
    marksClean: false,
    log
  })
}

/** The bare database. Throws ALREADY_RUNNING, BAD_FILE or STORE_DAMAGED. */
export async function openLevel(
  dir: string,
  options: { createIfMissing?: boolean; multithreading?: boolean } = {}
): Promise<Level<Buffer, Buffer>> {
  const db = new Level<Buffer, Buffer>(dir, {
    ...ENCODING,
    writeBufferSize: WRITE_BUFFER_BYTES,
    cacheSize: CACHE_BYTES,
    blockSize: BLOCK_BYTES,
    ...options
  })
  try {
    await db.open()
  } catch (error) {
    if (openErrorCode(error) === 'LEVEL_LOCKED')
      throw new LedgermeshError('ALREADY_RUNNING', `another process has ${dir} open`, undefined, { cause: error })
    const { message } = rootCause(error)
    throw new LedgermeshError(
      SYSTEM.test(message) ? 'BAD_FILE' : 'STORE_DAMAGED',
      `cannot open ${dir}: ${message}`,
      undefined,
      { cause: error }
    )
  }
  return db
}

/** What LevelDB says when the system refuses: the stored bytes may be whole. */
const SYSTEM =
  /permission denied|no space left|too many open files|read-only file system|not a directory|quota exceeded/i

function openErrorCode(error: unknown): unknown {
  const cause = (error as { cause?: unknown }).cause
  return typeof cause === 'object' && cause !== null ? (cause as { code?: unknown }).code : undefined
}

/** `level` is classic-level under Node; its types name only what browsers have too. */
interface Files {
  compactRange: (start: Uint8Array, end: Uint8Array) => Promise<void>
  approximateSize: (start: Uint8Array, end: Uint8Array) => Promise<number>
}

class LevelStore implements Store {
  readonly incarnation: string
  readonly wasClean: boolean
  readonly #db: Level<Buffer, Buffer>
  readonly #dir: string
  readonly #marksClean: boolean
  readonly #log: Log
  /** Open views of the past: a compaction keeps what any of them can still see. */
  readonly #views = new Set<Promise<unknown>>()
  readonly #threads: SharingThread[] = []
  readonly #failing = new AbortController()
  #closing: Promise<void> | undefined

  constructor(
    db: Level<Buffer, Buffer>,
    {
      dir,
      incarnation,
      wasClean,
      marksClean,
      log
    }: { dir: string; incarnation: string; wasClean: boolean; marksClean: boolean; log: Log }
  ) {
    this.#db = db
    this.#dir = dir
    this.incarnation = incarnation
    this.wasClean = wasClean
    this.#marksClean = marksClean
    this.#log = log
  }

  get failed(): boolean {
    return this.failing.aborted
  }

  get failing(): AbortSignal {
    return this.#failing.signal
  }

  async write(ops: Op[], { sync }: { sync: boolean }): Promise<void> {
    this.#assertOpen()
    if (this.failed)
      throw new LedgermeshError('STORE_FAILED', 'nothing was written: an earlier write failed with unknown outcome', {
        outcome: 'nothing written'
      })
    try {
      // Operation by operation takes half the time of handing over a list of objects: the database's binding reads each
      // of their members.
      const batch = this.#db.batch()
      for (const op of ops) {
        if (op.type === 'put') batch.put(op.key as Buffer, op.value as Buffer)
        else batch.del(op.key as Buffer)
      }
      await batch.write({ sync })
    } catch (error) {
      this.fail(error as Error)
      throw new LedgermeshError(
        'STORE_FAILED',
        `the write has an unknown outcome, it may be stored: ${(error as Error).message}`,
        { outcome: 'unknown' },
        { cause: error }
      )
    }
  }

  fail(error: Error): void {
    this.#log.error(
      { event: 'store.write-failed', error },
      'a write failed; the store is read-only until it is reopened'
    )
    this.#failing.abort()
  }

  share(thread: SharingThread): string {
    this.#assertOpen()
    this.#threads.push(thread)
    return this.#dir
  }

  async flush(): Promise<void> {
    await this.write([{ type: 'del', key: NOTHING }], { sync: true })
    if (!(await oldLogsGone(this.#dir, () => this.failed || this.#closing !== undefined))) {
      this.#assertOpen()
      throw new LedgermeshError('STORE_FAILED', 'it is not known whether what was written is on the disk')
    }
  }

  async get(key: Uint8Array): Promise<Buffer | undefined> {
    return await this.#read(async () => await this.#view(this.#db.get(key as Buffer)))
  }

  async getMany(keys: Uint8Array[]): Promise<(Buffer | undefined)[]> {
    return await this.#read(async () => await this.#view(this.#db.getMany(keys as Buffer[])))
  }

  async all(range: RowRange): Promise<Row[]> {
    return await this.#read(
      async () => await this.#view(this.#db.iterator({ ...(range as { gte: Buffer; lt: Buffer }), ...ENCODING }).all())
    )
  }

  rows(range: RowRange): Rows {
    this.#assertOpen()
    const iterator = this.#db.iterator({ ...(range as { gte: Buffer; lt: Buffer }), ...ENCODING })
    const { promise: closed, resolve } = Promise.withResolvers<void>()
    void this.#view(closed)
    return {
      next: async (count) => await this.#read(async () => await iterator.nextv(count)),
      close: async () => {
        await iterator.close()
        resolve()
      }
    }
  }

  async keys(range: RowRange): Promise<Buffer[]> {
    return await this.#read(
      async () =>
        await this.#view(this.#db.keys({ ...(range as { gte: Buffer; lt: Buffer }), keyEncoding: 'buffer' }).all())
    )
  }

  async clear(range: KeyRange): Promise<void> {
    this.#assertOpen()
    if (this.failed)
      throw new LedgermeshError('STORE_FAILED', 'nothing was written: an earlier write failed with unknown outcome', {
        outcome: 'nothing written'
      })
    await this.#db.clear(range as { gte: Buffer; lt: Buffer })
  }

  async compact(range: KeyRange): Promise<void> {
    await this.#compact(range)
    // LevelDB never rewrites the lowest level by itself, and may put a fresh file there that holds value and deletion
    // alike.
    // Deletions just outside the range (of keys too short and too long to exist) make a file that overlaps it all: the
    // second run
    // merges the two.
    await this.write(
      [
        { type: 'del', key: range.gte.subarray(0, -1) },
        { type: 'del', key: Buffer.concat([range.lt, NUL]) }
      ],
      { sync: false }
    )
    await this.#compact(range)
    // A read that began before the compaction ended keeps the old files, and LevelDB deletes such files only after its
    // next flush.
    const beside = range.gte.subarray(0, -1)
    await this.write([{ type: 'del', key: beside }], { sync: false })
    await this.#compact({ gte: beside, lt: beside })
  }

  async #compact(range: KeyRange): Promise<void> {
    // What was deleted stays on the disk for as long as a view from before the deletion is open.
    await Promise.allSettled([...this.#views, ...this.#threads.map(async (thread) => await thread.idle())])
    this.#assertOpen()
    await this.#files.compactRange(range.gte, range.lt)
  }

  async sizeOf({ gte, lt }: KeyRange): Promise<number> {
    return await this.#read(async () => await this.#files.approximateSize(gte, lt))
  }

  get #files(): Files {
    return this.#db as unknown as Files
  }

  async close(): Promise<void> {
    this.#closing ??= this.#close()
    await this.#closing
  }

  async #close(): Promise<void> {
    try {
      for (const thread of this.#threads) await thread.close()
      if (this.#marksClean && !this.failed)
        await this.#db.batch([{ type: 'put', key: CLEAN_KEY, value: CLEAN }], { sync: true })
    } finally {
      await this.#db.close()
    }
  }

  #view<T>(view: Promise<T>): Promise<T> {
    this.#views.add(view)
    const end = (): void => {
      this.#views.delete(view)
    }
    view.then(end, end)
    return view
  }

  async #read<T>(read: () => Promise<T>): Promise<T> {
    this.#assertOpen()
    try {
      return await read()
    } catch (error) {
      this.#assertOpen() // closed while it was reading
      throw new LedgermeshError('STORE_DAMAGED', `the store cannot be read: ${(error as Error).message}`, undefined, {
        cause: error
      })
    }
  }

  #assertOpen(): void {
    if (this.#closing !== undefined) throw new LedgermeshError('CLOSED', 'the store is closed')
  }
}
