/** Those who want to hear of something. One that throws keeps nobody else from hearing of it. */
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

  /** Called in the order of these calls, until the returned function is called. */
  add(call: (...args: Args) => void): () => void {
    const listener = { call }
    this.#listeners.add(listener)
    return () => {
      this.#listeners.delete(listener)
    }
  }

  /** Who is added by a listener hears of the next one; who is removed by one, not of this one any more. */
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
