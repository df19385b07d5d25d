/** The operating system's reason for an error, in words: it is what helps the reader. */
import { LedgermeshError } from './errors.js'

const REASONS: Record<string, string> = {
  EACCES: 'permission denied',
  EPERM: 'the system does not permit it',
  ENOENT: 'there is no such file or folder',
  ENOTDIR: 'a part of the path is a file, not a folder',
  EISDIR: 'it is a folder, not a file',
  EEXIST: 'it exists already',
  EROFS: 'the file system is read-only',
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk quota is used up',
  EFBIG: 'a file may not grow so large here',
  EIO: 'the disk failed',
  EMFILE: 'this process has too many open files',
  ENFILE: 'this machine has too many open files',
  ELOOP: 'too many symbolic links',
  ENAMETOOLONG: 'the path is too long',
  ENXIO: 'nothing is behind this special file',
  EBUSY: 'it is in use',
  EINVAL: 'the system does not do this here',
  EADDRINUSE: 'another program uses this address and port',
  EADDRNOTAVAIL: 'this machine has no such address',
  EAFNOSUPPORT: 'this machine has no addresses of this kind',
  ECONNREFUSED: 'connection refused: nothing listens there',
  ENETUNREACH: 'no route to that network',
  EHOSTUNREACH: 'no route to that host'
}

/** `permission denied (EACCES)`; null: not an error of the system. */
export function systemReason(error: unknown): string | null {
  if (
    !(error instanceof Error) ||
    !('code' in error) ||
    typeof error.code !== 'string' ||
    !('syscall' in error || 'errno' in error)
  )
    return null
  const reason = REASONS[error.code]
  return reason === undefined ? error.message : `${reason} (${error.code})`
}

/** BAD_FILE with the system's own reason; any other error is returned unchanged. */
export function fileError(error: unknown, what: string): unknown {
  const reason = systemReason(error)
  return reason === null ? error : new LedgermeshError('BAD_FILE', `${what}: ${reason}`, undefined, { cause: error })
}
