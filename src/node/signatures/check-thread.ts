/** A worker thread that decides signatures. It is started with its first question, and again after a failure. */
import { Worker } from 'node:worker_threads'
import { LedgermeshError } from '../../core/errors.js'
import type { Log } from '../../ports.js'

/** A signature to decide. */
export interface SlowItem {
  key: Uint8Array
  message: Uint8Array
  signature: Uint8Array
}

/**
 * The place of a stored entry in `bytes`: its signature at `at`, its header at `headerAt`. It is signed by the `key`
 * that it names.
 */
export interface PackedEntry {
  at: number
  headerAt: number
  end: number
}
export type Work = SlowItem[] | { bytes: Uint8Array<ArrayBuffer>; items: PackedEntry[] }

interface Job {
  resolve: (valid: boolean[]) => void
  reject: (error: Error) => void
}

export class CheckThread {
  readonly #log: Log
  readonly #jobs = new Map<number, Job>()
  #worker: Worker | null = null
  #nextJob = 0
  #closed = false

  constructor(log: Log) {
    this.#log = log
  }

  /** One answer for each item, in their order. Throws CLOSED, or why the thread ended. Takes the packed bytes away. */
  async ask(work: Work): Promise<boolean[]> {
    if (this.#closed) throw new LedgermeshError('CLOSED', 'the verifier is closed')
    const { promise, resolve, reject } = Promise.withResolvers<boolean[]>()
    const id = this.#nextJob++
    this.#jobs.set(id, { resolve, reject })
    this.#start().postMessage({ id, work }, Array.isArray(work) ? [] : [work.bytes.buffer])
    return await promise
  }

  async close(): Promise<void> {
    this.#closed = true
    this.#fail(new LedgermeshError('CLOSED', 'the verifier is closed'))
    await this.#worker?.terminate()
  }

  #start(): Worker {
    if (this.#worker !== null) return this.#worker
    const worker = new Worker(new URL('./audit-worker.js', import.meta.url))
    worker.unref()
    worker.on('message', ({ id, valid }: { id: number; valid: boolean[] }) => {
      this.#jobs.get(id)?.resolve(valid)
      this.#jobs.delete(id)
    })
    worker.on('error', (error) => {
      this.#log.error({ event: 'audit.worker-failed', error: error.message }, 'the audit worker failed')
      this.#worker = null
      this.#fail(error)
    })
    this.#worker = worker
    return worker
  }

  #fail(error: Error): void {
    for (const job of this.#jobs.values()) job.reject(error)
    this.#jobs.clear()
  }
}
