import type { Clock } from '../../ports.js'

/** Callers that wait for a condition; `look` is to be called after every possible change of it. */
export class WaitUntil {
  readonly #clock: Clock
  readonly #waiting = new Map<() => void, () => void>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Resolves once `isDone` after `begin`, after `timeoutMs`, or at the stop. */
  async until(isDone: () => boolean, begin: () => void, timeoutMs: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    const look = (): void => {
      if (isDone()) resolve()
    }
    const cancel = this.#clock.after(timeoutMs, resolve)
    this.#waiting.set(look, resolve)
    begin()
    await promise
    this.#waiting.delete(look)
    cancel()
  }

  look(): void {
    for (const look of this.#waiting.keys()) look()
  }

  stop(): void {
    for (const end of this.#waiting.values()) end()
  }
}
