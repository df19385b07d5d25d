/**
 * A published folder on the disk. A file is written aside, in `.part`, and takes its name when its content is on the disk.
 * No symbolic link is followed below the folder: whoever may write there could send us elsewhere.
 */
import { randomBytes } from 'node:crypto'
import { constants } from 'node:fs'
import { link, lstat, mkdir, open, readdir, realpath, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { LedgermeshError } from '../core/errors.js'
import { syncFolder, writeNew } from '../store/durable-file.js'
import { MAX_PUBLISHED_BYTES } from './limits.js'
import type { PublicFolder } from './public-folder.js'

/** Where files are written before they take their names: not to be served or uploaded. */
export const PARTS = '.part'
/** A web server of another user serves them. */
const FILE_MODE = 0o644
const NAME_BYTES = 6

export class DiskFolder implements PublicFolder {
  readonly #root: string
  /** Folders that are known to be folders. */
  readonly #seen = new Set<string>()
  /** Folders whose names changed since they were last synced. */
  readonly #changed = new Set<string>()

  private constructor(root: string) {
    this.#root = root
  }

  /** Makes the folder if there is none. What a killed run left aside is deleted. Throws BAD_FILE. */
  static async open(path: string): Promise<DiskFolder> {
    await mkdir(path, { recursive: true })
    const folder = new DiskFolder(await realpath(path))
    await folder.#discardParts()
    return folder
  }

  async read(path: string): Promise<Uint8Array | null> {
    if (!(await this.#hasFolder(dirname(path)))) return null
    const file = await unless(['ENOENT'], open(join(this.#root, path), constants.O_RDONLY | constants.O_NOFOLLOW))
    if (file === null) return null
    try {
      const { size } = await file.stat()
      if (size > MAX_PUBLISHED_BYTES) throw new LedgermeshError('BAD_FILE', `${path} is too large to be ours`)
      return await file.readFile()
    } finally {
      await file.close()
    }
  }

  async create(path: string, content: Uint8Array): Promise<void> {
    if ((await this.#same(path, content)) === true) return
    const part = await this.#write(content)
    try {
      await this.#makeFolder(dirname(path))
      await link(part, join(this.#root, path)) // fails where there is something, as a rename does not
      this.#changed.add(dirname(path))
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST' || (await this.#same(path, content)) !== true) throw error
    } finally {
      await rm(part, { force: true })
    }
  }

  async replace(path: string, content: Uint8Array): Promise<void> {
    const part = await this.#write(content)
    try {
      await this.#makeFolder(dirname(path))
      await rename(part, join(this.#root, path))
    } catch (error) {
      await rm(part, { force: true })
      throw error
    }
    await syncFolder(dirname(join(this.#root, path)))
  }

  async remove(path: string): Promise<void> {
    if (!(await this.#hasFolder(dirname(path)))) return
    await rm(join(this.#root, path), { recursive: true, force: true })
    this.#seen.delete(path)
    this.#changed.delete(path)
    this.#changed.add(dirname(path))
  }

  async list(path: string): Promise<string[]> {
    return (await this.#hasFolder(path)) ? await readdir(join(this.#root, path)) : []
  }

  async sync(): Promise<void> {
    for (const path of this.#changed) await syncFolder(join(this.#root, path))
    this.#changed.clear()
  }

  /** null: nothing is there. Throws BAD_FILE when it has other content. */
  async #same(path: string, content: Uint8Array): Promise<true | null> {
    const there = await this.read(path)
    if (there === null) return null
    if (Buffer.compare(there, content) === 0) return true
    throw new LedgermeshError(
      'BAD_FILE',
      `${path} in the published folder has other content than the ledger: what is published is never changed, publish into a new folder`
    )
  }

  async #write(content: Uint8Array): Promise<string> {
    await this.#makeFolder(PARTS)
    const part = join(this.#root, PARTS, `${process.pid}-${randomBytes(NAME_BYTES).toString('hex')}`)
    await writeNew(part, content, { mode: FILE_MODE })
    return part
  }

  async #makeFolder(path: string): Promise<void> {
    if (path === '.' || (await this.#hasFolder(path))) return
    await this.#makeFolder(dirname(path))
    await unless(['EEXIST'], mkdir(join(this.#root, path)))
    this.#changed.add(dirname(path))
    if (!(await this.#hasFolder(path))) throw new LedgermeshError('BAD_FILE', `${path} went away meanwhile`)
  }

  /** Throws BAD_FILE when it, or a folder above it, is no folder. */
  async #hasFolder(path: string): Promise<boolean> {
    if (path === '.' || this.#seen.has(path)) return true
    if (!(await this.#hasFolder(dirname(path)))) return false
    const stats = await unless(['ENOENT'], lstat(join(this.#root, path)))
    if (stats === null) return false
    if (!stats.isDirectory()) throw new LedgermeshError('BAD_FILE', `${path} in the published folder is no folder`)
    this.#seen.add(path)
    return true
  }

  async #discardParts(): Promise<void> {
    for (const name of await this.list(PARTS)) {
      const pid = Number(name.split('-')[0])
      if (pid !== process.pid && isRunning(pid))
        throw new LedgermeshError(
          'BAD_FILE',
          `process ${pid} is publishing into this folder (else delete ${PARTS} there)`
        )
      await rm(join(this.#root, PARTS, name), { force: true })
    }
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

/** null for these codes of the system. */
async function unless<T>(codes: readonly string[], action: Promise<T>): Promise<T | null> {
  try {
    return await action
  } catch (error) {
    if (codes.includes((error as NodeJS.ErrnoException).code ?? '')) return null
    throw error
  }
}
