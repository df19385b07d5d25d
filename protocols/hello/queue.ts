import { MAX_QUEUED_NOTICES, MAX_QUEUED_NOTICE_BYTES } from './limits.js'

/**
 * Queued notices. When there are too many, the oldest are dropped: notices are hints, and the newest are the most
 * useful.
 */
export class NoticeQueue<T> {
  readonly #items: { item: T; bytes: number }[] = []
  #bytes = 0
  /** Notices dropped so far. */
  dropped = 0

  push(item: T, bytes: number): void {
    this.#items.push({ item, bytes })
    this.#bytes += bytes
    // SPEC hello §7: "Either side may drop notices, oldest first, that it cannot send or handle in time."
    while (
      this.#items.length > MAX_QUEUED_NOTICES ||
      (this.#bytes > MAX_QUEUED_NOTICE_BYTES && this.#items.length > 1)
    ) {
      this.shift()
      this.dropped++
    }
  }

  shift(): T | undefined {
    const first = this.#items.shift()
    this.#bytes -= first?.bytes ?? 0
    return first?.item
  }
}
