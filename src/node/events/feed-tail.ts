/** Follows the feed for consumers: first what they have not seen, then what comes. */
import { isCoded } from '../../core/errors.js'
import type { Arrivals } from '../../ledger/feed/arrivals.js'
import type { FeedReader } from '../../ledger/feed-reader.js'
import type { Clock, Log } from '../../ports.js'
import type { FeedNotice, FeedSubscribeOptions } from '../api/feed.js'

/** Events of one notice. */
const NOTICE_EVENTS = 256
/** What a crash could take back is synced, and told, so many ms after it came. */
export const FLUSH_WITHIN_MS = 200

export interface FeedTailInit {
  reader: Pick<FeedReader, 'read'>
  arrivals: Pick<Arrivals, 'onShown' | 'isDirty'>
  clock: Clock
  log: Log
}

type Listener = (notice: FeedNotice) => void | Promise<void>

export class FeedTail {
  readonly #init: FeedTailInit
  readonly #running = new Map<Follower, Promise<void>>()

  constructor(init: FeedTailInit) {
    this.#init = init
  }

  subscribe(options: FeedSubscribeOptions, listener: Listener): () => void {
    const follower = new Follower(this.#init, options, listener)
    const run = follower.run().finally(() => this.#running.delete(follower))
    this.#running.set(follower, run)
    return () => {
      follower.end()
    }
  }

  /** Ends all, and waits until none reads any more. */
  async stop(): Promise<void> {
    for (const follower of this.#running.keys()) follower.end()
    await Promise.all(this.#running.values())
  }
}

class Follower {
  readonly #init: FeedTailInit
  readonly #options: FeedSubscribeOptions
  readonly #listener: Listener
  #isEnded = false
  #hasNews = false
  #wake: () => void = () => {}
  readonly #ended = Promise.withResolvers<void>()

  constructor(init: FeedTailInit, options: FeedSubscribeOptions, listener: Listener) {
    this.#init = init
    this.#options = options
    this.#listener = listener
  }

  end(): void {
    this.#isEnded = true
    this.#wake()
    this.#ended.resolve()
  }

  async run(): Promise<void> {
    const { arrivals } = this.#init
    const stop = arrivals.onShown(() => {
      this.#hasNews = true
      this.#wake()
    })
    try {
      await this.#follow()
    } catch (error) {
      if (this.#isEnded || isCoded(error, 'CLOSED')) return
      await this.#tellEnd(error)
    } finally {
      stop()
    }
  }

  /** Nobody is there to hear of a listener that throws at its end, too. */
  async #tellEnd(error: unknown): Promise<void> {
    if (!isCoded(error)) this.#noteFailure(error)
    try {
      await this.#tell(isCoded(error) ? { ended: error.code, ...error.details } : { ended: 'INTERNAL' })
    } catch (failure) {
      this.#noteFailure(failure)
    }
  }

  #noteFailure(error: unknown): void {
    this.#init.log.error({ event: 'feed.follower-failed', error }, 'a consumer of the feed was ended')
  }

  async #follow(): Promise<void> {
    const { reader } = this.#init
    for (let { after } = this.#options; ;) {
      this.#hasNews = false
      const { events, last, hasMore } = await reader.read({ ...this.#options, after, limit: NOTICE_EVENTS })
      if (this.#isEnded) return
      if (last !== after) await this.#tell({ events, last })
      after = last
      if (!hasMore) await this.#news()
      if (this.#isEnded) return
    }
  }

  /** A listener that never resolves does not keep the node from stopping. */
  async #tell(notice: FeedNotice): Promise<void> {
    await Promise.race([this.#listener(notice), this.#ended.promise])
  }

  async #news(): Promise<void> {
    const { arrivals, clock } = this.#init
    while (!this.#hasNews && !this.#isEnded) await this.#woken()
    if (!arrivals.isDirty || this.#isEnded) return
    // Several that come together are synced together.
    const { promise, resolve } = Promise.withResolvers<void>()
    const cancel = clock.after(FLUSH_WITHIN_MS, resolve)
    await Promise.race([promise, this.#ended.promise])
    cancel()
  }

  async #woken(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#wake = resolve
    })
  }
}
