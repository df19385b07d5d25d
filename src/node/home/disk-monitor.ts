/**
 * Signals when a failed store can be reopened: after a failed commit nothing is written before that (I1), and while the
 * disk is full it would fail again.
 */
import { open, rm, statfs } from 'node:fs/promises'
import { join } from 'node:path'
import { growingMs } from '../../core/backoff.js'
import type { Clock, Log } from '../../ports.js'
import { OWNER_ONLY } from '../../store/durable-file.js'

/** Delay before the first test of the disk, and between two, doubled after each failed one, and its maximum. In ms. */
const TRIAL_MS = { first: 1_000, last: 10_000 }
/**
 * Opening writes a log, a table with the contents of the old log, and a manifest: a disk without that much room counts
 * as full.
 */
const ROOM_BYTES = 32 * 1024 * 1024
const CHUNK = Buffer.alloc(1024 * 1024, 1)
const TRIAL_FILE = 'room.tmp'

/** `failing`: fires when the store has failed. */
export interface DiskMonitorInit {
  failing: AbortSignal
  home: string
  clock: Clock
  log: Log
}

export class DiskMonitor {
  /** Resolves once, when the store has failed and the disk takes writes again. */
  readonly writable: Promise<void>
  readonly #init: DiskMonitorInit
  readonly #resolve: () => void
  /** Failed tests of the disk. */
  #trials = 0
  #cancel: () => void = () => {}
  #stopped = false

  constructor(init: DiskMonitorInit) {
    this.#init = init
    const { promise, resolve } = Promise.withResolvers<void>()
    this.writable = promise
    this.#resolve = resolve
    if (init.failing.aborted) this.#later()
    else
      init.failing.addEventListener(
        'abort',
        () => {
          this.#later()
        },
        { once: true }
      )
  }

  stop(): void {
    this.#stopped = true
    this.#cancel()
  }

  #later(): void {
    if (!this.#stopped)
      this.#cancel = this.#init.clock.after(growingMs(this.#trials, TRIAL_MS), () => {
        void this.#try()
      })
  }

  async #try(): Promise<void> {
    const { home, log } = this.#init
    const problem = await tryDisk(home)
    if (this.#stopped) return
    if (problem === null) {
      log.warn({ event: 'store.reopening', home }, 'the store failed and the disk accepts writes; reopening')
      this.#resolve()
      return
    }
    log.warn(
      { event: 'store.disk-read-only', home, error: problem },
      'the store failed and the disk accepts no writes yet'
    )
    this.#trials++
    this.#later()
  }
}

/** Null: there is room, and it can be written to. */
async function tryDisk(home: string): Promise<string | null> {
  const path = join(home, TRIAL_FILE)
  try {
    const { bavail, bsize } = await statfs(home)
    if (bavail * bsize < ROOM_BYTES)
      return `${Math.floor((bavail * bsize) / 2 ** 20)} MiB free, ${ROOM_BYTES / 2 ** 20} are needed`
    await rm(path, { force: true })
    const file = await open(path, 'wx', OWNER_ONLY)
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
