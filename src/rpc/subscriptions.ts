/**
 * The subscriptions of one connection. A slow reader never delays a commit and never grows memory: what it does not
 * read waits in a queue of bounded bytes, what does not fit is dropped, and one `{overflow: true}` notice stands in its
 * place (query to catch up).
 */
import { LedgermeshError } from '../core/errors.js'
import { toLine } from './lines.js'
import { MAX_QUEUED_BYTES, MAX_SUBSCRIPTIONS } from './limits.js'

/**
 * Begins to deliver: each call brings the results of one event, in order, one notification each. The returned function
 * ends it. `send` is for what may not be dropped: it resolves when the client has taken it, and one result waits at a
 * time.
 */
export type Begin = (deliver: (results: object[]) => void, send: (result: object) => Promise<void>) => () => void

interface Subscription {
  id: string
  /** The method of its notifications. */
  notice: string
  /** Its id is not in the client's hands yet. */
  held: boolean
  overflowed: boolean
  end: () => void
}

export class Subscriptions {
  readonly #write: (line: string) => void
  readonly #writable: () => boolean
  readonly #live = new Map<string, Subscription>()
  #queue: { subscription: Subscription; line: string }[] = []
  #queuedBytes = 0
  #count = 0
  /** Of whoever waits for the queue to become empty. */
  #waiting: (() => void)[] = []

  /** `writable`: would a line leave at once? Call `flush` when that may have become true. */
  constructor(write: (line: string) => void, writable: () => boolean) {
    this.#write = write
    this.#writable = writable
  }

  /** The new subscription is held until `release`: nothing may overtake the answer that names it. */
  add(notice: string, begin: Begin): string {
    if (this.#live.size >= MAX_SUBSCRIPTIONS)
      throw new LedgermeshError('OVERLOADED', `a connection has at most ${MAX_SUBSCRIPTIONS} subscriptions`)
    this.#count++
    const subscription: Subscription = {
      id: String(this.#count),
      notice,
      held: true,
      overflowed: false,
      end: () => undefined
    }
    this.#live.set(subscription.id, subscription)
    try {
      subscription.end = begin(
        (results) => this.#deliver(subscription, results),
        (result) => this.#send(subscription, result)
      )
    } catch (error) {
      this.#live.delete(subscription.id)
      throw error
    }
    return subscription.id
  }

  release(ids: string[]): void {
    for (const id of ids) {
      const subscription = this.#live.get(id)
      if (subscription !== undefined) subscription.held = false
    }
    if (ids.length > 0) this.flush()
  }

  remove(id: string): boolean {
    const subscription = this.#live.get(id)
    if (subscription === undefined) return false
    subscription.end()
    this.#live.delete(id)
    this.#keep((waiting) => waiting.subscription !== subscription)
    this.#wake()
    return true
  }

  close(): void {
    for (const subscription of this.#live.values()) subscription.end()
    this.#live.clear()
    this.#queue = []
    this.#queuedBytes = 0
    this.#wake()
  }

  flush(): void {
    let sent = 0
    for (const { subscription, line } of this.#queue) {
      if (subscription.held || !this.#writable()) break
      this.#write(line)
      sent++
    }
    if (sent > 0) this.#keep((_waiting, index) => index >= sent)
    if (this.#queue.length > 0) return
    this.#wake()
    for (const subscription of this.#live.values()) {
      if (!subscription.overflowed || subscription.held || !this.#writable()) continue
      subscription.overflowed = false
      this.#write(notification(subscription, { overflow: true }))
    }
  }

  #deliver(subscription: Subscription, results: object[]): void {
    for (const result of results) {
      if (subscription.overflowed) return
      const line = notification(subscription, result)
      // One line always fits: otherwise a large entry could never be delivered.
      if (this.#queue.length > 0 && this.#queuedBytes + line.length > MAX_QUEUED_BYTES) {
        subscription.overflowed = true
        return
      }
      this.#queue.push({ subscription, line })
      this.#queuedBytes += line.length
      this.flush()
    }
  }

  /** Whatever its length, it is alone in the queue. */
  async #send(subscription: Subscription, result: object): Promise<void> {
    while (this.#queue.length > 0 && this.#live.has(subscription.id)) await this.#room()
    if (!this.#live.has(subscription.id)) return
    const line = notification(subscription, result)
    this.#queue.push({ subscription, line })
    this.#queuedBytes += line.length
    this.flush()
    while (this.#queue.some((waiting) => waiting.subscription === subscription)) await this.#room()
  }

  async #room(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#waiting.push(resolve)
    })
  }

  #wake(): void {
    for (const wake of this.#waiting.splice(0)) wake()
  }

  #keep(wanted: (waiting: { subscription: Subscription; line: string }, at: number) => boolean): void {
    this.#queue = this.#queue.filter(wanted)
    this.#queuedBytes = this.#queue.reduce((sum, { line }) => sum + line.length, 0)
  }
}

function notification({ id, notice }: Subscription, result: object): string {
  return toLine({ jsonrpc: '2.0', method: notice, params: { subscription: id, result } })
}
