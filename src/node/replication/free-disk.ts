/** The free space of the disk, checked every few seconds: writers that may fill it consult it before each batch. */
import { statfs } from 'node:fs/promises'
import type { Clock, Log } from '../../ports.js'

/** Milliseconds between two checks. */
const LOOK_MS = 5_000

export interface FreeDiskInit {
  /** A folder on the disk. */
  folder: string
  clock: Clock
  log: Log
  /** It has changed. */
  onLook: () => void
}

export class FreeDisk {
  readonly #init: FreeDiskInit
  #bytes: number | null = null
  #cancel: () => void = () => {}
  #stopped = false

  constructor(init: FreeDiskInit) {
    this.#init = init
  }

  /** null: not known. */
  get bytes(): number | null {
    return this.#bytes
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
    const before = this.#bytes
    try {
      const { bavail, bsize } = await statfs(folder)
      this.#bytes = bavail * bsize
    } catch (error) {
      this.#bytes = null
      log.warn(
        { event: 'store.disk-unmeasured', error: (error as Error).message },
        'how much room the disk has could not be found out'
      )
    }
    if (this.#stopped) return
    if (this.#bytes !== before) onLook()
    this.#cancel = clock.after(LOOK_MS, () => {
      void this.#look()
    })
  }
}
