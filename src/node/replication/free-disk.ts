/**
 * The free space of the disk, checked every few seconds: writers that may fill it consult it before each batch, and say
 * what they are about to write. Otherwise all that write at once would have the same room to themselves.
 */
import { statfs } from 'node:fs/promises'
import type { Clock, Log } from '../../ports.js'

/** Milliseconds between two checks. */
const LOOK_MS = 5_000
/** Bytes on the disk for each byte that is announced: it goes into the store's log, and from there into a table. */
const BYTES_OF_ONE = 2

/** Room on the disk that several writers share. */
export interface SharedDisk {
  /** Free, and announced by nobody; null: not known. */
  readonly bytes: number | null
  /** So many bytes are about to be written. */
  announce: (bytes: number) => void
}

export interface FreeDiskInit {
  /** A folder on the disk. */
  folder: string
  clock: Clock
  log: Log
  /** It has changed. */
  onLook: () => void
}

export class FreeDisk implements SharedDisk {
  readonly #init: FreeDiskInit
  #free: number | null = null
  /** Announced since the last check. */
  #announced = 0
  /** Announced in the time before: it may have been written after the check, which has not seen it then. */
  #before = 0
  #cancel: () => void = () => {}
  #stopped = false

  constructor(init: FreeDiskInit) {
    this.#init = init
  }

  get bytes(): number | null {
    return this.#free === null ? null : Math.max(0, this.#free - BYTES_OF_ONE * (this.#announced + this.#before))
  }

  announce(bytes: number): void {
    this.#announced += bytes
  }

  async start(): Promise<void> {
    await this.#look()
  }

  stop(): void {
    this.#stopped = true
    this.#cancel()
  }

  async #look(): Promise<void> {
    const { folder, clock, log, onLook } = this.#init
    const before = this.bytes
    try {
      const { bavail, bsize } = await statfs(folder)
      this.#free = bavail * bsize
    } catch (error) {
      this.#free = null
      log.warn(
        { event: 'store.disk-unmeasured', error: (error as Error).message },
        'how much room the disk has could not be found out'
      )
    }
    if (this.#stopped) return
    this.#before = this.#announced
    this.#announced = 0
    if (this.bytes !== before) onLook()
    this.#cancel = clock.after(LOOK_MS, () => {
      void this.#look()
    })
  }
}
