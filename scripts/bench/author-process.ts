import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

export interface AuthorReady { ledger: string, addr: string, plainAddr: string }
/** `startedNs`: the monotonic clock, which all processes of a machine share, when the append was called. */
export interface AuthorAppended { hash: string, startedNs: string, appendMs: number }
export type FromAuthor = AuthorReady | AuthorAppended

export interface AuthorProcess extends AuthorReady {
  append: (number: number) => Promise<AuthorAppended>
  stop: () => Promise<void>
}

export async function startAuthor (folder: string): Promise<AuthorProcess> {
  const child = fork(fileURLToPath(new URL('./author.js', import.meta.url)), [folder])
  const ready = await answer(child) as AuthorReady
  return {
    ...ready,
    append: async (number) => {
      child.send(number)
      return await answer(child) as AuthorAppended
    },
    stop: async () => {
      const ended = once(child, 'exit')
      child.disconnect()
      await ended
    }
  }
}

async function answer (child: ChildProcess): Promise<FromAuthor> {
  const over = new AbortController()
  const { signal } = over
  try {
    return await Promise.race([
      once(child, 'message', { signal }).then(([message]) => message as FromAuthor),
      once(child, 'exit', { signal }).then(([code]) => { throw new Error(`the author's process ended with ${String(code)}`) })
    ])
  } finally {
    over.abort()
  }
}
