import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'

/** The next message of a process. Throws when it ends instead. */
export async function answer<T>(child: ChildProcess): Promise<T> {
  const over = new AbortController()
  const { signal } = over
  try {
    return await Promise.race([
      once(child, 'message', { signal }).then(([message]) => message as T),
      once(child, 'exit', { signal }).then(([code]) => {
        throw new Error(`${child.spawnargs[1] ?? 'a process'} ended with ${String(code)}`)
      })
    ])
  } finally {
    over.abort()
  }
}

/** Lets the process end by itself. */
export async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = once(child, 'exit')
  child.disconnect()
  await ended
}
