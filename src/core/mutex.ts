/** Runs one task at a time, in the order of the calls; a task that fails does not stop the others. */
export class Mutex {
  #last: Promise<unknown> = Promise.resolve()

  /** Resolves with the result of `work`, which runs when the tasks before it are done. */
  async run<T>(work: () => T | Promise<T>): Promise<T> {
    const result = this.#last.then(work)
    this.#last = result.catch(() => undefined)
    return await result
  }

  /** Resolves when all tasks started before this call are done. */
  async idle(): Promise<void> {
    await this.#last
  }
}
