/** Who may reach the socket: only its owner (0600 in a 0700 folder). */
import { chmod, lstat, mkdir, unlink } from 'node:fs/promises'
import { dirname } from 'node:path'
import { LedgermeshError } from '../core/errors.js'
import { MAX_SOCKET_PATH_BYTES } from './limits.js'

/**
 * Makes the folder, and removes the socket file that a crash left: the caller holds the lock of the node's store, so nobody else serves here.
 * Throws BAD_CONFIG (path too long, or not ours) or BAD_FILE (something that is no socket is in the way).
 */
export async function prepareSocketPath (path: string): Promise<void> {
  checkSocketPath(path)
  const folder = dirname(path)
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const stat = await lstat(folder)
  if (!stat.isDirectory()) throw new LedgermeshError('BAD_CONFIG', `${folder} is not a folder`)
  if (stat.uid !== process.getuid?.()) throw new LedgermeshError('BAD_CONFIG', `${folder} belongs to another user (uid ${stat.uid})`)
  if ((stat.mode & 0o777) !== 0o700) await chmod(folder, 0o700)
  const old = await lstat(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null
    throw error
  })
  if (old === null) return
  if (!old.isSocket()) throw new LedgermeshError('BAD_FILE', `${path} is in the way: it is not a socket`)
  await unlink(path)
}

/** Linux would fail with a bare EINVAL. */
export function checkSocketPath (path: string): void {
  const bytes = Buffer.byteLength(path)
  if (bytes > MAX_SOCKET_PATH_BYTES) {
    throw new LedgermeshError('BAD_CONFIG', `the socket path has ${bytes} bytes; the limit is ${MAX_SOCKET_PATH_BYTES}: choose a home with a shorter path (--home or LEDGERMESH_HOME)`)
  }
}
