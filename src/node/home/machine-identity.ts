/**
 * Are this machine and this mark file the ones with which the key signed last? This detects a copied or restored home
 * before any peer is asked (R3). The boot id only shortens the wait: a file may have been restored on a machine that
 * never rebooted.
 */
import { existsSync } from 'node:fs'
import { readFile, stat } from 'node:fs/promises'
import { hostname } from 'node:os'
import { z } from 'zod'
import { Mutex } from '../../core/mutex.js'
import type { Paths } from '../../config/paths.js'
import type { IdentityNow } from '../../sync/signer/types.js'
import { KeptFile, readKept } from './kept-file.js'

const machineSchema = z.strictObject({
  v: z.literal(1),
  machine: z.string().max(256),
  boot: z.string().max(256).nullable(),
  /** Identity of signer.json: inode, and birth time in ms since the epoch; null: there was no file. */
  mark: z.strictObject({ inode: z.string().max(32), bornMs: z.number() }).nullable(),
  /** Offline starts in a row (`--offline`). */
  offlineStarts: z.number().int().min(0)
})

type Machine = z.output<typeof machineSchema>

/** Where Linux and the BSDs keep the ids of the machine and of the boot. */
const MACHINE_FILES = ['/etc/machine-id', '/var/lib/dbus/machine-id', '/etc/hostid']
const BOOT_FILE = '/proc/sys/kernel/random/boot_id'

export class MachineIdentity {
  readonly #paths: Paths
  readonly #file: KeptFile<Machine>
  #noted: Machine | null
  #next: Machine | null = null
  readonly #writing = new Mutex()

  private constructor(paths: Paths, noted: Machine | null) {
    this.#paths = paths
    this.#noted = noted
    this.#file = new KeptFile(paths.machine, () => this.#next!)
  }

  /** Throws BAD_FILE. */
  static async open(paths: Paths): Promise<MachineIdentity> {
    return new MachineIdentity(paths, await readKept(paths.machine, machineSchema))
  }

  /** Offline starts in a row, this one included if it is one. */
  get offlineStarts(): number {
    return this.#noted?.offlineStarts ?? 0
  }

  /** Compares the machine with the stored identity. */
  async compare(): Promise<IdentityNow> {
    const noted = this.#noted
    if (noted === null) return 'changed'
    const now = await this.#look()
    if (
      noted.machine !== now.machine ||
      noted.mark?.inode !== now.mark?.inode ||
      noted.mark?.bornMs !== now.mark?.bornMs
    )
      return 'changed'
    return noted.boot !== null && noted.boot === now.boot ? 'boot' : 'same'
  }

  /** The key may sign here: stores this machine's identity. Throws STORE_FAILED. */
  async note(): Promise<void> {
    await this.#writing.run(async () => {
      await this.#write({ ...(await this.#look()), offlineStarts: this.offlineStarts })
    })
  }

  /** Notes an offline or a normal start. The stored identity of the machine stays. Throws STORE_FAILED. */
  async countStart(offline: boolean): Promise<void> {
    await this.#writing.run(async () => {
      const offlineStarts = offline ? this.offlineStarts + 1 : 0
      if (offlineStarts !== this.offlineStarts)
        await this.#write({ ...(this.#noted ?? { ...(await this.#look()), machine: '' }), offlineStarts })
    })
  }

  /** Resolves when nothing is being written. */
  async idle(): Promise<void> {
    await this.#writing.idle()
  }

  async #write(machine: Machine): Promise<void> {
    this.#next = machine
    if (JSON.stringify(machine) !== JSON.stringify(this.#noted)) await this.#file.save()
    this.#noted = machine
  }

  async #look(): Promise<Machine> {
    const file = MACHINE_FILES.find((path) => existsSync(path))
    const machine = file === undefined ? '' : (await readFile(file, 'utf8')).trim()
    return {
      v: 1,
      machine: machine === '' ? `host ${hostname()}` : machine,
      boot: existsSync(BOOT_FILE) ? (await readFile(BOOT_FILE, 'utf8')).trim() : null,
      mark: await this.#mark(),
      offlineStarts: 0
    }
  }

  async #mark(): Promise<Machine['mark']> {
    if (!existsSync(this.#paths.signer)) return null
    const { ino, birthtimeMs } = await stat(this.#paths.signer, { bigint: true })
    return { inode: ino.toString(), bornMs: Number(birthtimeMs) }
  }
}
