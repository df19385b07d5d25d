import { statSync, type Stats } from 'node:fs'
import { dirname } from 'node:path'

/** Whose a socket is that the system does not let us open, in words: a node may well run there. */
export function closedToUs(socketPath: string): string {
  const stat = nearest(socketPath)
  const owner =
    stat === null ? 'belongs to another user' : `belongs to uid ${stat.uid} and gid ${stat.gid}, which alone may use it`
  return `the socket ${socketPath} ${owner}; you are uid ${process.getuid?.() ?? '?'}`
}

/** Of the socket, or of the folder above it that keeps us out; null: not even that can be seen. */
function nearest(path: string): Stats | null {
  try {
    return statSync(path)
  } catch {
    // no right to see it: then its folder is what keeps us out
    return dirname(path) === path ? null : nearest(dirname(path))
  }
}
