/**
 * How every file that Ledgermesh keeps is written: under a name that nobody can foresee or plant (O_EXCL follows no
 * symbolic link), readable by its owner alone, on the disk before it takes its place, and its place on the disk before
 * the call returns. A crash leaves the old file, or the new one.
 */
import { randomBytes } from 'node:crypto'
import { closeSync, fsyncSync, openSync } from 'node:fs'
import { link, open, rename, rm, type FileHandle } from 'node:fs/promises'
import { dirname } from 'node:path'

export type FileContent = string | Uint8Array | Iterable<string | Uint8Array> | AsyncIterable<string | Uint8Array>

/** Permission bits of a new file: its owner's. */
export const OWNER_ONLY = 0o600
/** Random bytes in the name of a file that is being written. */
const NAME_BYTES = 6

/**
 * Never replaces anything: fails with EEXIST when there is something at `path`, be it a symbolic link. Throws what the
 * system says.
 */
export async function createFile(path: string, content: FileContent): Promise<void> {
  const temporary = await writeAside(path, content)
  try {
    await link(temporary, path) // unlike a rename, a link fails where the file exists by now
  } finally {
    await rm(temporary, { force: true })
  }
  await syncFolder(dirname(path))
}

/**
 * Takes the place of what is at `path`; of a symbolic link, not of what it points to. `prepare` may give the file
 * another mode first. Throws what the system says.
 */
export async function replaceFile(
  path: string,
  content: FileContent,
  prepare?: (file: FileHandle) => Promise<void>
): Promise<void> {
  const temporary = await writeAside(path, content, prepare)
  try {
    await rename(temporary, path)
  } catch (error) {
    await rm(temporary, { force: true })
    throw error
  }
  await syncFolder(dirname(path))
}

/** The names in a folder are on the disk. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

/** The same before it returns: for what must not be interrupted by anything else of this process. */
export function syncFolderNow(folder: string): void {
  const file = openSync(folder, 'r')
  try {
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
}

/**
 * A file that was not there, on the disk before this returns; `prepare` may change it first. When it fails, it is gone.
 * Its place in its folder is for the caller to make durable. Throws what the system says.
 */
export async function writeNew(
  path: string,
  content: FileContent,
  { mode = OWNER_ONLY, prepare }: { mode?: number; prepare?: ((file: FileHandle) => Promise<void>) | undefined } = {}
): Promise<void> {
  const file = await open(path, 'wx', mode)
  try {
    try {
      await prepare?.(file)
      await file.writeFile(content)
      await file.sync()
    } finally {
      await file.close()
    }
  } catch (error) {
    await rm(path, { force: true })
    throw error
  }
}

async function writeAside(
  path: string,
  content: FileContent,
  prepare?: (file: FileHandle) => Promise<void>
): Promise<string> {
  const temporary = `${path}.${randomBytes(NAME_BYTES).toString('hex')}.part`
  await writeNew(temporary, content, { prepare })
  return temporary
}
