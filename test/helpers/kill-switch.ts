/**
 * Ends a home within this process as SIGKILL ends a process, at one of its writes: the write is on the disk or not, and
 * from then on nothing that asks the database is ever answered. Its timers never fire again. What was written before is
 * there, as the system keeps it when a process dies.
 */
import { Level } from 'level'
import type { Clock } from '../../src/ports.js'
import { systemClock } from '../../src/node/runtime/system.js'

type Database = Level<Buffer, Buffer>
type Method = (this: Database, ...args: unknown[]) => unknown
interface Batch {
  write: (...args: unknown[]) => Promise<void>
}
interface Armed {
  /** Writes that are still done. */
  left: number
  /** Is the fatal write on the disk? */
  persisted: boolean
  reached: () => void
}

const READS = ['get', 'getMany', 'iterator', 'keys', 'clear'] as const
const NEVER = new Promise<never>(() => undefined)

export class KillSwitch {
  readonly #open = new Map<Database, string>()
  readonly #dead = new WeakSet<Database>()
  readonly #armed = new Map<string, Armed>()
  readonly #restore: (() => void)[] = []

  /** From here on databases that are opened can be killed, until `end`. */
  constructor() {
    const { batch: begin, open } = Level.prototype as unknown as { batch: Method; open: Method }
    const { dead, write, opened } = {
      dead: this.#dead,
      write: this.#write.bind(this),
      opened: (db: Database) => this.#open.set(db, db.location)
    }
    this.#replace('open', function (...args) {
      opened(this)
      return open.apply(this, args)
    })
    this.#replace('batch', function (...args) {
      if (args.length > 0) return write(this, async () => await (begin.apply(this, args) as Promise<void>))
      const batch = begin.apply(this, []) as Batch
      const inner = batch.write.bind(batch)
      batch.write = async (...options) => {
        await write(this, async () => {
          await inner(...options)
        })
      }
      return batch
    })
    for (const name of READS) {
      const read = (Level.prototype as unknown as Record<string, Method>)[name]!
      this.#replace(name, function (...args) {
        if (!dead.has(this)) return read.apply(this, args)
        return name === 'iterator' || name === 'keys'
          ? { all: async () => await NEVER, nextv: async () => await NEVER, close: async () => await NEVER }
          : NEVER
      })
    }
  }

  end(): void {
    for (const restore of this.#restore) restore()
  }

  /** After so many writes to databases below the folder comes the fatal one; resolves when it has come. */
  async arm(folder: string, { writes, persisted }: { writes: number; persisted: boolean }): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#armed.set(folder, { left: writes, persisted, reached: resolve })
    await promise
  }

  /** Kills it now, if that has not happened yet. */
  kill(folder: string): void {
    for (const [db, location] of this.#open) if (location.startsWith(folder)) this.#dead.add(db)
    const armed = this.#armed.get(folder)
    this.#armed.delete(folder)
    armed?.reached()
  }

  /** The databases of a killed home are let go, as the system does for a process that is gone. */
  async release(folder: string): Promise<void> {
    for (const [db, location] of [...this.#open])
      if (location.startsWith(folder) && this.#dead.has(db)) {
        this.#open.delete(db)
        await db.close()
      }
  }

  async #write(db: Database, run: () => Promise<void>): Promise<void> {
    if (this.#dead.has(db)) return await NEVER
    const [folder, armed] = [...this.#armed].find(([one]) => db.location.startsWith(one)) ?? []
    if (folder === undefined || armed!.left-- > 0) return await run()
    if (armed!.persisted) await run()
    this.kill(folder)
    return await NEVER
  }

  #replace(name: string, by: Method): void {
    const prototype = Level.prototype as unknown as Record<string, unknown>
    const own = Object.getOwnPropertyDescriptor(prototype, name)
    Object.defineProperty(prototype, name, { value: by, configurable: true, writable: true })
    this.#restore.push(() => {
      if (own === undefined) Reflect.deleteProperty(prototype, name)
      else Object.defineProperty(prototype, name, own)
    })
  }
}

/** The system's clock, whose timers end with the home that has it. */
export class MortalClock implements Clock {
  readonly #timers = new Set<() => void>()
  #ended = false

  now(): number {
    return systemClock.now()
  }

  after(delayMs: number, callback: () => void): () => void {
    if (this.#ended) return () => undefined
    const cancel = systemClock.after(delayMs, () => {
      this.#timers.delete(cancel)
      callback()
    })
    this.#timers.add(cancel)
    return () => {
      this.#timers.delete(cancel)
      cancel()
    }
  }

  end(): void {
    this.#ended = true
    for (const cancel of this.#timers) cancel()
    this.#timers.clear()
  }
}
