/**
 * A file that a person names for what a command writes. A regular file is replaced when all of the new one is on the
 * disk; it keeps its mode and owner, a new one is its owner's alone. A device, a pipe or a terminal is written to, and
 * stays what it is. A symbolic link to a file is refused: following it would write where somebody else may point,
 * replacing it would take the link away.
 */
import { constants, type Stats } from 'node:fs'
import { lstat, open, stat, type FileHandle } from 'node:fs/promises'
import { LedgermeshError } from '../core/errors.js'
import { OWNER_ONLY, replaceFile, type FileContent } from '../store/durable-file.js'

/** Permission bits of group and others. */
const GROUP = 0o070
const MODE_BITS = 0o777
/** What `fsync` answers for what has no disk behind it. */
const NOT_A_DISK = new Set(['EINVAL', 'ENOTSUP', 'EROFS'])

/**
 * `ownerOnly`: nobody else may read it, whatever mode an older file has there. Throws BAD_FILE when not all of it was
 * written.
 */
export async function writeOutput(path: string, content: FileContent, { ownerOnly = false } = {}): Promise<void> {
  try {
    const target = await look(path, stat)
    if (target !== null && !target.isFile()) {
      if (target.isDirectory()) throw new LedgermeshError('BAD_FILE', `${path} is a folder`)
      await writeInto(path, content)
      return
    }
    if ((await look(path, lstat))?.isSymbolicLink() === true)
      throw new LedgermeshError('BAD_FILE', `${path} is a symbolic link: name the file that is meant`)
    await replaceFile(path, content, async (file) => {
      if (target !== null) await keepRights(file, target, ownerOnly)
    })
  } catch (error) {
    throw failure(path, error)
  }
}

async function writeInto(path: string, content: FileContent): Promise<void> {
  const file = await open(path, constants.O_WRONLY)
  try {
    if ((await file.stat()).isFile()) throw new LedgermeshError('BAD_FILE', `${path} became another file meanwhile`)
    await file.writeFile(content)
    await file.sync().catch((error: NodeJS.ErrnoException) => {
      if (!NOT_A_DISK.has(error.code ?? '')) throw error
    })
  } finally {
    await file.close()
  }
}

/** Where the owner cannot be kept, what its group was given is not given to another group. */
async function keepRights(file: FileHandle, { mode, uid, gid }: Stats, ownerOnly: boolean): Promise<void> {
  if (ownerOnly) {
    await file.chmod(mode & OWNER_ONLY)
    return
  }
  const own = await file.stat()
  const kept =
    own.gid === gid && own.uid === uid
      ? true
      : await file.chown(uid, gid).then(
          () => true,
          () => false
        )
  await file.chmod(mode & (kept ? MODE_BITS : MODE_BITS & ~GROUP))
}

async function look(path: string, how: (path: string) => Promise<Stats>): Promise<Stats | null> {
  try {
    return await how(path)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw error
  }
}

/** The system's errors become ours; what else went wrong (the node refused, the connection ended) stays what it is. */
function failure(path: string, error: unknown): unknown {
  const { syscall, message } = error as NodeJS.ErrnoException
  if (error instanceof LedgermeshError || syscall === undefined) return error
  return new LedgermeshError('BAD_FILE', `cannot write ${path}: ${message}`, undefined, { cause: error })
}
