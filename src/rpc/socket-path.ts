/**
 * Who may reach a socket: its owner (0600 in a 0700 folder), or also the members of one group (0660 in a 0750 folder).
 */
import { execFile } from 'node:child_process'
import { chmod, chown, lstat, mkdir, unlink } from 'node:fs/promises'
import type { Stats } from 'node:fs'
import { promisify } from 'node:util'
import { LedgermeshError } from '../core/errors.js'
import { makeFolder } from '../store/make-folder.js'

const run = promisify(execFile)

const MODE_BITS = 0o777
const OWN_FOLDER = 0o700
const GROUP_FOLDER = 0o750
const GROUP_SOCKET = 0o660

/** Makes the folder of a socket that is its owner's alone. Throws NOT_PERMITTED (not ours) or BAD_FILE. */
export async function prepareOwnFolder(folder: string): Promise<void> {
  makeFolder(folder)
  const { mode } = await ourFolder(folder)
  if ((mode & MODE_BITS) !== OWN_FOLDER) await chmod(folder, OWN_FOLDER)
}

/**
 * Makes the folder of a socket that a group may use; the answer is the group's number. A folder that is there already
 * is never opened or closed to anybody: it may be another program's. Throws BAD_CONFIG (with `group` in its details
 * when that is what is wrong), NOT_PERMITTED or BAD_FILE.
 */
export async function prepareGroupFolder(folder: string, group: string): Promise<number> {
  const made = await mkdir(folder, { mode: OWN_FOLDER }).then(
    () => true,
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'EEXIST') return false
      throw new LedgermeshError('BAD_CONFIG', `cannot make ${folder}: ${error.message}`, undefined, { cause: error })
    }
  )
  const { mode } = await ourFolder(folder)
  if (!made && (mode & MODE_BITS) !== GROUP_FOLDER)
    throw new LedgermeshError(
      'BAD_CONFIG',
      `${folder} is there already with other rights: give the read socket a folder of its own, or \`chmod 750 ${folder}\``
    )
  try {
    await run('chgrp', ['--', group, folder]) // Node knows no groups by name
  } catch (error) {
    throw new LedgermeshError(
      'BAD_CONFIG',
      `cannot give ${folder} to the group ${JSON.stringify(group)}: ${(error as Error).message.trim()}`,
      { group },
      { cause: error }
    )
  }
  await chmod(folder, GROUP_FOLDER)
  return (await lstat(folder)).gid
}

/** The socket was made 0600: nobody else could open it before this. */
export async function openToGroup(path: string, gid: number): Promise<void> {
  await chown(path, process.getuid!(), gid)
  await chmod(path, GROUP_SOCKET)
}

/**
 * Removes the socket file that a crash left: the caller holds the lock of the node's store, so nobody else serves here.
 * Throws BAD_FILE (something that is no socket is in the way).
 */
export async function clearSocketPath(path: string): Promise<void> {
  const old = await lstat(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null
    throw error
  })
  if (old === null) return
  if (!old.isSocket()) throw new LedgermeshError('BAD_FILE', `${path} is in the way: it is not a socket`)
  await unlink(path)
}

async function ourFolder(folder: string): Promise<Stats> {
  const stat = await lstat(folder)
  if (!stat.isDirectory()) throw new LedgermeshError('BAD_FILE', `${folder} is not a folder`)
  if (stat.uid !== process.getuid?.())
    throw new LedgermeshError('NOT_PERMITTED', `${folder} belongs to another user (uid ${stat.uid})`)
  return stat
}
