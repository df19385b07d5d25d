/** Says when a store that failed can be opened anew: after a failed commit nothing is written before that (I1), and while the disk is full it would fail again. */
import { open, rm, statfs } from 'node:fs/promises'
import { join } from 'node:path'
import type { Ledgers } from '../ledger/ledgers.js'
import type { Clock, Log } from '../ports.js'

/** Between two looks at a store that works; and between two trials of a disk that takes nothing, twice as long after each, at most so long. In ms. */
const LOOK_MS = { first: 1_000, last: 10_000 }
/** Opening writes a log, a table of what the old log holds, and a manifest: a disk without that much room is as good as full. */
const ROOM_BYTES = 32 * 1024 * 1024
const CHUNK = Buffer.alloc(1024 * 1024, 1)
const TRIAL_FILE = 'room.tmp'

export interface StoreWatchInit { ledgers: Ledgers, home: string, clock: Clock, log: Log }

export class StoreWatch {
  /** Resolves once, when the store has failed and the disk takes writes again. */
  readonly writable: Promise<void>
  readonly #init: StoreWatchInit
  readonly #resolve: () => void
  #waitMs = LOOK_MS.first
  #cancel: () => void = () => {}
  #stopped = false

  constructor (init: StoreWatchInit) {
    this.#init = init
    const { promise, resolve } = Promise.withResolvers<void>()
    this.writable = promise
    this.#resolve = resolve
    this.#later()
  }

  stop (): void {
    this.#stopped = true
    this.#cancel()
  }

  #later (): void {
    if (!this.#stopped) this.#cancel = this.#init.clock.after(this.#waitMs, () => { void this.#look() })
  }

  async #look (): Promise<void> {
    const { ledgers, home, log } = this.#init
    if (ledgers.own.signer !== 'failed') {
      this.#later()
      return
    }
    const problem = await tryDisk(home)
    if (this.#stopped) return
    if (problem === null) {
      log.warn({ home }, 'the store failed, and the disk takes writes: it is opened anew')
      this.#resolve()
      return
    }
    log.warn({ home, problem }, 'the store failed, and the disk takes no writes yet')
    this.#waitMs = Math.min(2 * this.#waitMs, LOOK_MS.last)
    this.#later()
  }
}

/** Null: there is room, and it can be written to. */
async function tryDisk (home: string): Promise<string | null> {
  const path = join(home, TRIAL_FILE)
  try {
    const { bavail, bsize } = await statfs(home)
    if (bavail * bsize < ROOM_BYTES) return `${Math.floor(bavail * bsize / 2 ** 20)} MiB free, ${ROOM_BYTES / 2 ** 20} are needed`
    const file = await open(path, 'w', 0o600)
    try {
      for (let written = 0; written < ROOM_BYTES; written += CHUNK.length) await file.writeFile(CHUNK)
      await file.datasync()
    } finally {
      await file.close()
    }
    return null
  } catch (error) {
    return (error as Error).message
  } finally {
    await rm(path, { force: true }).catch(() => undefined)
  }
}
