/**
 * The subscriptions of one connection. A slow reader never delays a commit and never grows memory: what it does not read waits in a
 * queue of bounded bytes, what does not fit is dropped, and one `{overflow: true}` notice stands in its place (query to catch up).
 */
import { LedgermeshError } from '../core/errors.js'
import type { LedgerId } from '../core/ledger-id.js'
import type { EntriesEvent, Node } from '../node/api.js'
import { toLine } from './answer.js'
import { MAX_NOTIFIED_ENTRIES, MAX_QUEUED_BYTES, MAX_SUBSCRIPTIONS } from './limits.js'

interface Subscription {
  id: string
  /** Its id is not in the client's hands yet. */
  held: boolean
  overflowed: boolean
  end: () => void
}

export class Subscriptions {
  readonly #node: Node
  readonly #write: (line: string) => void
  readonly #writable: () => boolean
  readonly #live = new Map<string, Subscription>()
  #queue: { subscription: Subscription, line: string }[] = []
  #queuedBytes = 0
  #count = 0

  /** `writable`: would a line leave at once? Call `flush` when that may have become true. */
  constructor (node: Node, write: (line: string) => void, writable: () => boolean) {
    this.#node = node
    this.#write = write
    this.#writable = writable
  }

  /** To one ledger, or to all that are held (`*`). The new subscription is held until `release`: nothing may overtake the answer that names it. */
  add (ledger: LedgerId): string {
    if (this.#live.size >= MAX_SUBSCRIPTIONS) throw new LedgermeshError('OVERLOADED', `a connection has at most ${MAX_SUBSCRIPTIONS} subscriptions`)
    this.#count++
    const subscription: Subscription = { id: String(this.#count), held: true, overflowed: false, end: () => undefined }
    subscription.end = this.#node.subscribe(ledger, (event) => this.#deliver(subscription, event))
    this.#live.set(subscription.id, subscription)
    return subscription.id
  }

  release (ids: string[]): void {
    for (const id of ids) {
      const subscription = this.#live.get(id)
      if (subscription !== undefined) subscription.held = false
    }
    if (ids.length > 0) this.flush()
  }

  remove (id: string): boolean {
    const subscription = this.#live.get(id)
    if (subscription === undefined) return false
    subscription.end()
    this.#live.delete(id)
    this.#keep((waiting) => waiting.subscription !== subscription)
    return true
  }

  close (): void {
    for (const subscription of this.#live.values()) subscription.end()
    this.#live.clear()
    this.#queue = []
    this.#queuedBytes = 0
  }

  flush (): void {
    let sent = 0
    for (const { subscription, line } of this.#queue) {
      if (subscription.held || !this.#writable()) break
      this.#write(line)
      sent++
    }
    if (sent > 0) this.#keep((_waiting, at) => at >= sent)
    if (this.#queue.length > 0) return
    for (const subscription of this.#live.values()) {
      if (!subscription.overflowed || subscription.held || !this.#writable()) continue
      subscription.overflowed = false
      this.#write(notification(subscription.id, { overflow: true }))
    }
  }

  #deliver (subscription: Subscription, { ledger, entries }: EntriesEvent): void {
    for (let at = 0; at < entries.length; at += MAX_NOTIFIED_ENTRIES) {
      if (subscription.overflowed) return
      const line = notification(subscription.id, { ledger, entries: entries.slice(at, at + MAX_NOTIFIED_ENTRIES) })
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

  #keep (wanted: (waiting: { subscription: Subscription, line: string }, at: number) => boolean): void {
    this.#queue = this.#queue.filter(wanted)
    this.#queuedBytes = this.#queue.reduce((sum, { line }) => sum + line.length, 0)
  }
}

function notification (subscription: string, result: unknown): string {
  return toLine({ jsonrpc: '2.0', method: 'ledger.entries_subscription', params: { subscription, result } })
}
