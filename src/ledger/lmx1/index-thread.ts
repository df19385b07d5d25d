/**
 * The thread that grows indexes: it reads entries and writes rows by itself, so that an append costs the same with an
 * index and without. One step of one index at a time.
 */
import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import { LedgermeshError, type ErrorCode } from '../../core/errors.js'
import type { Hash } from '../../core/hash.js'
import { Mutex } from '../../core/mutex.js'
import type { Store } from '../../store/store.js'
import type { TopCopy, TopNodes } from './map-top.js'

/** What of an index is in memory, as it is handed over. */
export interface StateCopy extends TopCopy {
  sizes: Float64Array<ArrayBuffer>
}

export interface Step {
  ledgerNumber: number
  from: number
  to: number
  /** SlotSizes.pinned. */
  pinned: number
}

/** To the thread. `state` null: as the last step left it. */
export type StepMessage = Step & { state: StateCopy | null }
/** Or: is the stored index of this ledger the one of its entries (audit-index.ts)? */
export interface AuditMessage {
  audit: number
}

/** From it. */
export interface Stepped {
  root: Hash
  slots: Uint16Array<ArrayBuffer>
  nodes: TopNodes
}
export type ThreadReply =
  | { stepped: Stepped }
  | { wrong: string | null }
  | { failed: { code: ErrorCode; message: string; details: Record<string, unknown> | undefined } }

export class IndexThread {
  readonly #store: Pick<Store, 'fail'>
  readonly #dir: string | null
  readonly #mutex = new Mutex()
  #worker: Worker | null = null
  /** The index that it has in memory. */
  #has: { ledgerNumber: number; size: number } | null = null
  #closed = false

  private constructor(store: Store) {
    this.#store = store
    this.#dir = store.share(this)
  }

  /** Null: the store cannot be shared. */
  static beside(store: Store): IndexThread | null {
    const thread = new IndexThread(store)
    return thread.#dir === null ? null : thread
  }

  /** `copy` is called if the thread has another index, or another size of it. Throws what growIndex does, and CLOSED. */
  async grow(step: Step, copy: () => StateCopy): Promise<Stepped> {
    return await this.#mutex.run(async () => {
      if (this.#closed) throw new LedgermeshError('CLOSED', 'the thread of the index is closed')
      const { ledgerNumber, from, to } = step
      const state = this.#has?.ledgerNumber === ledgerNumber && this.#has.size === from ? null : copy()
      this.#has = null
      const transfer = state === null ? [] : [state.hashes.buffer, state.below.buffer, state.sizes.buffer]
      const reply = await this.#ask({ ...step, state }, transfer)
      this.#has = { ledgerNumber, size: to }
      return (reply as { stepped: Stepped }).stepped
    })
  }

  /** As auditIndex. Throws CLOSED, too. */
  async audit(ledgerNumber: number): Promise<string | null> {
    return await this.#mutex.run(async () => {
      if (this.#closed) throw new LedgermeshError('CLOSED', 'the thread of the index is closed')
      return ((await this.#ask({ audit: ledgerNumber })) as { wrong: string | null }).wrong
    })
  }

  async idle(): Promise<void> {
    await this.#mutex.idle()
  }

  /** Resolves when its database is closed. */
  async close(): Promise<void> {
    this.#closed = true
    await this.#mutex.run(async () => {
      const worker = this.#worker
      this.#worker = null
      if (worker === null) return
      const ended = once(worker, 'exit')
      worker.ref()
      worker.postMessage(null)
      await ended
    })
  }

  async #ask(
    message: StepMessage | AuditMessage,
    transfer: ArrayBuffer[] = []
  ): Promise<Exclude<ThreadReply, { failed: unknown }>> {
    const reply = await this.#exchange(message, transfer)
    if (!('failed' in reply)) return reply
    const { code, message: what, details } = reply.failed
    const error = new LedgermeshError(code, what, details)
    if (code === 'STORE_FAILED') this.#store.fail(error)
    throw error
  }

  async #exchange(message: StepMessage | AuditMessage, transfer: ArrayBuffer[]): Promise<ThreadReply> {
    const worker = (this.#worker ??= this.#start())
    const over = new AbortController()
    const { signal } = over
    // Somebody waits for it; otherwise it keeps no process alive.
    worker.ref()
    try {
      const replied = once(worker, 'message', { signal }) as Promise<[ThreadReply]>
      worker.postMessage(message, transfer)
      const ended = once(worker, 'exit', { signal }).then((): never => {
        throw new Error('the thread of the index has ended')
      })
      const [reply] = await Promise.race([replied, ended])
      return reply
    } catch (error) {
      // It may still run: the next one begins with a copy.
      this.#worker = null
      await worker.terminate()
      throw error
    } finally {
      over.abort()
      worker.unref()
    }
  }

  #start(): Worker {
    const worker = new Worker(new URL('./index-worker.js', import.meta.url), { workerData: this.#dir })
    worker.unref()
    const gone = (): void => {
      if (this.#worker !== worker) return
      this.#worker = null
      this.#has = null
    }
    // Whoever waits for an answer is told by it, too.
    worker.on('error', gone).on('exit', gone)
    return worker
  }
}
