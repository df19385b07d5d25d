/**
 * Opening files that are written where they lie. A symbolic link in their place was put there by somebody else, or
 * leads out of the folder whose rights protect them: it is never followed. (What is written whole takes the place of a
 * link: durable-file.ts.)
 */
import { closeSync, constants, fstatSync, openSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { LedgermeshError } from '../core/errors.js'
import { fileError } from '../core/system-error.js'
import { OWNER_ONLY } from './durable-file.js'

/** A pipe that was put there must not keep us waiting. */
const PLAIN = constants.O_NOFOLLOW | constants.O_NONBLOCK
/** What O_NOFOLLOW says of a link. */
const IS_LINK = 'ELOOP'

/**
 * A file of ours, to be written into. null: there is none, or something that must not be written into: a link, a second
 * name of another file, no file at all. Whoever writes then makes a new one in its place (`replaceFile`). Throws what
 * the system says.
 */
export function openInPlace(path: string): number | null {
  let file: number
  try {
    file = openSync(path, constants.O_RDWR | PLAIN) // opening here takes less than handing it to another thread
  } catch (error) {
    if (isCode(error, 'ENOENT') || isCode(error, IS_LINK)) return null
    throw error
  }
  const stat = fstatSync(file)
  if (stat.isFile() && stat.nlink === 1) return file
  closeSync(file)
  return null
}

/**
 * Made when it is not there, for its owner alone. Throws BAD_FILE (a link, no file, the system's reason), NOT_PERMITTED
 * (another user's).
 */
export function openToAppend(path: string): number {
  let file: number
  try {
    file = openSync(path, constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT | PLAIN, OWNER_ONLY)
  } catch (error) {
    throw isCode(error, IS_LINK) ? linkError(path, error) : fileError(error, `cannot write ${path}`)
  }
  const stat = fstatSync(file)
  if (stat.isFile() && stat.uid === process.getuid?.()) return file
  closeSync(file)
  throw stat.isFile()
    ? new LedgermeshError('NOT_PERMITTED', `${path} belongs to another user (uid ${stat.uid})`)
    : new LedgermeshError('BAD_FILE', `${path} is in the way: it is not a file`)
}

/** null: there is none. Throws BAD_FILE (a link, no file, the system's reason). */
export async function readNoLink(path: string): Promise<Buffer | null> {
  try {
    const file = await open(path, constants.O_RDONLY | PLAIN)
    try {
      if (!(await file.stat()).isFile())
        throw new LedgermeshError('BAD_FILE', `${path} is in the way: it is not a file`)
      return await file.readFile()
    } finally {
      await file.close()
    }
  } catch (error) {
    if (isCode(error, 'ENOENT')) return null
    throw isCode(error, IS_LINK) ? linkError(path, error) : fileError(error, `cannot read ${path}`)
  }
}

function linkError(path: string, cause: unknown): LedgermeshError {
  return new LedgermeshError(
    'BAD_FILE',
    `${path} is a symbolic link, which is not followed: put the file itself there`,
    undefined,
    { cause }
  )
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code
}
