import { fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { answer, end } from './answer.js'

export interface AuthorReady {
  ledger: string
  addr: string
  plainAddr: string
}
/** `startedNs`: the monotonic clock, which all processes of a machine share, when the append was called. */
export interface AuthorAppended {
  hash: string
  startedNs: string
  appendMs: number
}
export type FromAuthor = AuthorReady | AuthorAppended

export interface AuthorProcess extends AuthorReady {
  append: (number: number) => Promise<AuthorAppended>
  stop: () => Promise<void>
}

export async function startAuthor(folder: string): Promise<AuthorProcess> {
  const child = fork(fileURLToPath(new URL('./author.js', import.meta.url)), [folder])
  const ready = await answer<AuthorReady>(child)
  return {
    ...ready,
    append: async (number) => {
      child.send(number)
      return await answer<AuthorAppended>(child)
    },
    stop: () => end(child)
  }
}
