import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { SystemName } from './system.js'
import type { Answer, Calls } from './worker.js'

/** Milliseconds until a call counts as failed. */
const CALL_MS = 90_000

export interface WorkerProcess {
  /** One call at a time. */
  call: <Name extends keyof Calls>(
    call: Name,
    ...argument: Parameters<Calls[Name]>
  ) => Promise<Awaited<ReturnType<Calls[Name]>>>
  stop: () => Promise<void>
}

export interface WorkerOptions {
  system: SystemName
  side: 'author' | 'follower'
  folder: string
  records: number
}

/** A process with an empty folder; `call` fails with it. */
export async function startWorker({ system, side, folder, records }: WorkerOptions): Promise<WorkerProcess> {
  const child = fork(fileURLToPath(new URL('./worker.js', import.meta.url)), [system, side, folder, String(records)])
  const answer = async (call: string): Promise<unknown> => {
    const over = new AbortController()
    const signal = AbortSignal.any([over.signal, AbortSignal.timeout(CALL_MS)])
    try {
      const message = await Promise.race([
        once(child, 'message', { signal }).then(([value]) => value as Answer),
        once(child, 'exit', { signal }).then(([code]) => ({ error: `ended with ${String(code)}` }))
      ])
      if ('error' in message) throw new Error(`${system}'s ${side}, ${call}: ${message.error}`)
      return message.result
    } catch (error) {
      throw signal.aborted && !over.signal.aborted
        ? new Error(`${system}'s ${side}, ${call}: no answer within ${CALL_MS} ms`, { cause: error })
        : error
    } finally {
      over.abort()
    }
  }
  await answer('start')
  return {
    call: async (call, ...argument) => {
      child.send({ call, argument: argument[0] })
      return (await answer(call)) as never
    },
    stop: async () => {
      if (!child.connected) return
      const ended = once(child, 'exit')
      child.disconnect()
      await ended
    }
  }
}
