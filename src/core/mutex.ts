/** One at a time, in the order of the calls; one that fails stops no other. */
export class Mutex {
  #last: Promise<unknown> = Promise.resolve()

  /** Answers what `work` does, when those before it are done. */
  async run<T>(work: () => T | Promise<T>): Promise<T> {
    const result = this.#last.then(work)
    this.#last = result.catch(() => undefined)
    return await result
  }

  /** Resolves when all that was asked for before the call is done. */
  async idle(): Promise<void> {
    await this.#last
  }
}
