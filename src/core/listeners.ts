/** A list of listeners. A listener that throws does not keep the others from being called. */
export class Listeners<Args extends unknown[]> {
  readonly #listeners = new Set<{ call: (...args: Args) => void }>()
  readonly #onError: (error: unknown) => void

  /** `onError`: what a listener threw. */
  constructor(onError: (error: unknown) => void) {
    this.#onError = onError
  }

  get size(): number {
    return this.#listeners.size
  }

  /** Listeners are called in the order in which they were added, until the returned function is called. */
  add(call: (...args: Args) => void): () => void {
    const listener = { call }
    this.#listeners.add(listener)
    return () => {
      this.#listeners.delete(listener)
    }
  }

  /**
   * A listener added during a call is first called for the next event; one removed during a call is not called for this
   * event any more.
   */
  emit(...args: Args): void {
    for (const listener of [...this.#listeners]) {
      if (!this.#listeners.has(listener)) continue
      try {
        listener.call(...args)
      } catch (error) {
        this.#onError(error)
      }
    }
  }
}
