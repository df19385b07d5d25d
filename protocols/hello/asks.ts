import { WireError } from '../codes.js'
import { invalid } from '../fields.js'
import { throwIfAborted, waitFor } from '../wait.js'
import { MAX_IN_FLIGHT, MAX_WAITING } from './limits.js'
import type { Answer } from './reply.js'
import type { AskOptions } from './contract.js'

interface Pending {
  resolve: (answer: Answer) => void
  fail: (error: WireError) => void
  timer: NodeJS.Timeout
}

/** Our own unanswered requests: at most MAX_IN_FLIGHT on the wire, the others wait for a place. */
export class Asks {
  readonly #pending = new Map<number, Pending>()
  readonly #waiting: (() => void)[] = []
  readonly #replyMs: number
  readonly #onLate: () => void
  #lastId = 0
  #closed: WireError | undefined

  /** `onLate`: a reply did not come within `replyMs`. An honest peer answers BUSY long before. */
  constructor(replyMs: number, onLate: () => void) {
    this.#replyMs = replyMs
    this.#onLate = onLate
  }

  /**
   * Sends one request with a new id; `check` turns the answer into the result, and throws INVALID_FRAME when it answers
   * something else.
   * Rejects with the refusal, or as the session ends.
   */
  async ask<T>(send: (id: number) => void, check: (answer: Answer) => T, { signal }: AskOptions): Promise<T> {
    throwIfAborted(signal)
    if (this.#closed !== undefined) throw this.#closed
    if (this.#pending.size >= MAX_IN_FLIGHT) await this.#place(signal)
    if (this.#closed !== undefined) throw this.#closed
    const id = ++this.#lastId
    const outcome: { value?: { result: T }; error?: WireError } = {}
    let done: (() => void) | undefined
    const timer = setTimeout(this.#onLate, this.#replyMs)
    this.#pending.set(id, {
      timer,
      // A wrong answer throws here, into the reader: it ends the session, and through `close` this request.
      resolve: (answer) => {
        if (answer.kind === 'refused') outcome.error = answer.error
        else outcome.value = { result: check(answer) }
        done?.()
      },
      fail: (error) => {
        outcome.error = error
        done?.()
      }
    })
    try {
      send(id)
    } catch (error) {
      this.#free(id)
      throw error
    }
    // When the caller stops waiting, the place stays taken until the reply is here.
    await waitFor({ signal }, (wake) => {
      done = wake
      return undefined
    })
    if (outcome.error !== undefined) throw outcome.error
    return outcome.value!.result
  }

  /** A reply arrived. Throws INVALID_FRAME when it answers nothing, or something else. */
  resolve(id: number, answer: Answer): void {
    const pending = this.#pending.get(id) ?? invalid('a reply to nothing')
    pending.resolve(answer)
    this.#free(id)
  }

  close(error: WireError): void {
    this.#closed = error
    for (const [id, { fail }] of this.#pending) {
      fail(error)
      this.#free(id)
    }
    for (const wake of this.#waiting.splice(0)) wake()
  }

  async #place(signal: AbortSignal | undefined): Promise<void> {
    if (this.#waiting.length >= MAX_WAITING) throw new WireError('BUSY', `${MAX_WAITING} requests wait for this peer`)
    while (this.#closed === undefined && this.#pending.size >= MAX_IN_FLIGHT) {
      await waitFor({ signal }, (wake) => {
        this.#waiting.push(wake)
        return () => {
          const index = this.#waiting.indexOf(wake)
          if (index !== -1) this.#waiting.splice(index, 1)
          // Woken, but the caller has just stopped waiting: the place goes to the next one.
          else if (signal?.aborted === true) this.#waiting.shift()?.()
        }
      })
    }
  }

  #free(id: number): void {
    clearTimeout(this.#pending.get(id)?.timer)
    this.#pending.delete(id)
    this.#waiting.shift()?.()
  }
}
