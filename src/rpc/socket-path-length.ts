import { LedgermeshError } from '../core/errors.js'
import { MAX_SOCKET_PATH_BYTES } from './limits.js'

/** null: it is not. Linux would fail with a bare EINVAL. */
export function tooLongForSocket(path: string): string | null {
  const bytes = Buffer.byteLength(path)
  return bytes <= MAX_SOCKET_PATH_BYTES
    ? null
    : `the socket path has ${bytes} bytes; the limit is ${MAX_SOCKET_PATH_BYTES}`
}

/** Of a socket in a home. */
export function checkSocketPath(path: string): void {
  const problem = tooLongForSocket(path)
  if (problem !== null)
    throw new LedgermeshError('BAD_CONFIG', `${problem}: choose a home with a shorter path (--home or LEDGERMESH_HOME)`)
}
