import { chmodSync, mkdirSync, statSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { LedgermeshError } from '../core/errors.js'
import { fileError } from '../core/system-error.js'

/** Permission bits: of a folder of its owner alone, and of everybody else. */
const OWNER_ONLY = 0o700
const OTHERS = 0o077

/**
 * A folder that only its owner can enter, with the folders above it; one that is there stays as it is. Throws BAD_FILE
 * with the system's reason.
 * Not mkdir's own `recursive`: that one spins for ever where the system says "no such file" though the folder above is
 * there, as in /proc.
 */
export function makeFolder(path: string): void {
  const folder = resolve(path)
  let problem = makeOne(folder)
  if (problem !== null && isCode(problem, 'ENOENT') && dirname(folder) !== folder && !isFolder(dirname(folder))) {
    makeFolder(dirname(folder))
    problem = makeOne(folder)
  }
  if (problem !== null) throw fileError(problem, `cannot make the folder ${folder}`)
}

/** The same, and it is ours, and nobody else can enter: before anything is opened in it. Throws NOT_PERMITTED too. */
export function makeOwnFolder(path: string): void {
  makeFolder(path)
  const { mode, uid } = statSync(path)
  if (uid !== process.getuid?.())
    throw new LedgermeshError('NOT_PERMITTED', `${path} belongs to another user (uid ${uid})`)
  if ((mode & OTHERS) !== 0) chmodSync(path, OWNER_ONLY)
}

/** null: it is there now. */
function makeOne(folder: string): unknown {
  try {
    mkdirSync(folder, { mode: OWNER_ONLY })
    return null
  } catch (error) {
    return isCode(error, 'EEXIST') && isFolder(folder) ? null : error
  }
}

function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory()
  } catch {
    return false // what is in the way is said by mkdir
  }
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code
}
