/**
 * The one allocator of arrival numbers. A number is taken just before the batch that carries its row, and is shown once
 * that batch is stored and its entries may be seen: `last` is the highest number below which all are. A batch that
 * fails stops `last` until the next open, because only the disk knows what came of it; what was never shown may get
 * another event.
 */
import { toHex } from '../../core/hash.js'
import { LedgermeshError } from '../../core/errors.js'
import type { LedgerId } from '../../core/ledger-id.js'
import { Listeners } from '../../core/listeners.js'
import type { Clock, Log, Random } from '../../ports.js'
import { decodeFeedRow, encodeFeedRow, feedKey, feedNumberOf, feedRange, type FeedFact } from '../../store/feed-rows.js'
import { familyRange, FEED_EPOCH_KEY } from '../../store/keys.js'
import type { Op, Store } from '../../store/store.js'
import { unlessDamaged } from '../read/unless-damaged.js'
import { decodeEpoch, epochOp, type FeedEpoch } from './feed-epoch.js'
import { formatPosition, NO_CHECK, type Position } from './position.js'
import { prunedTo } from './retention.js'

export interface ArrivalsInit {
  store: Store
  clock: Clock
  random: Random
  log: Log
}

/** The ledger that a batch is of. */
export interface Place {
  id: LedgerId
  ledgerNumber: number
  isPrivate: boolean
  /** Hash of its newest entry after the batch; empty: none. */
  head: string
}

/** The rows of one batch. */
export interface Recorded {
  ops: Op[]
  /** The batch is stored, and what it changed may be seen. */
  shown: () => void
}

interface Pending {
  last: number
  check: string
  synced: boolean
  isShown: boolean
}

/** Batches after which old rows are looked for. */
const PRUNE_EVERY = 1024
/** Of a batch that the feed has nothing to tell of. */
export const NOTHING_TOLD: Recorded = { ops: [], shown: () => {} }

export class Arrivals {
  readonly #init: ArrivalsInit
  readonly #listeners: Listeners<[]>
  #epoch: FeedEpoch = { epoch: NO_CHECK, first: 1, incarnation: '' }
  #floor = 1
  #next = 1
  #last = { number: 0, check: NO_CHECK }
  #pending: Pending[] = []
  /** Counts unsynced batches, at their beginning and at their end; `#clean`: the count that the last flush covers. */
  #dirt = 0
  #clean = 0
  #sinceLook = 0
  #pruning: Promise<void> = Promise.resolve()
  #flushing: Promise<void> | null = null

  constructor(init: ArrivalsInit) {
    this.#init = init
    this.#listeners = new Listeners((error) => {
      init.log.error(
        { event: 'feed.listener-failed', error: (error as Error).message },
        'a listener of the feed failed'
      )
    })
  }

  /** The lowest number that is held. */
  get floor(): number {
    return this.#floor
  }

  /** The number of the next event. */
  get next(): number {
    return this.#next
  }

  get last(): Position {
    return { epoch: this.#epoch.epoch, ...this.#last }
  }

  /** Could a crash take back something that can be read now? */
  get isDirty(): boolean {
    return this.#clean < this.#dirt
  }

  /** Before any ledger is opened. */
  async open(): Promise<void> {
    const { store } = this.#init
    const stored = await store.get(FEED_EPOCH_KEY)
    const epoch = stored === undefined ? null : decodeEpoch(stored)
    const all = familyRange('feed')
    const [first] = await store.keys({ ...all, limit: 1 })
    const [end] = await store.all({ ...all, reverse: true, limit: 1 })
    const row = end === undefined ? null : unlessDamaged(() => decodeFeedRow(...end))
    const highest = row !== null ? row.first + row.count - 1 : end === undefined ? 0 : feedNumberOf(end[0])
    this.#next = Math.max(highest + 1, epoch?.first ?? 1)
    if (epoch === null || epoch.incarnation !== store.incarnation || (end !== undefined && row === null)) {
      await this.begin()
      return
    }
    this.#epoch = epoch
    const held = row !== null && highest >= epoch.first
    this.#last = held ? { number: highest, check: row.check } : { number: epoch.first - 1, check: NO_CHECK }
    this.#floor = Math.max(epoch.first, held ? feedNumberOf(first!) : 0)
  }

  /** A new epoch: all positions become invalid. Its row is on the disk before the old rows go. */
  async begin(): Promise<void> {
    const { store, random } = this.#init
    this.#epoch = { epoch: toHex(random.bytes(8)), first: this.#next, incarnation: store.incarnation }
    await store.write([epochOp(this.#epoch)], { sync: true })
    this.#last = { number: this.#next - 1, check: NO_CHECK }
    this.#floor = this.#next
    this.#pending = []
    await store.clear({ ...familyRange('feed'), lt: feedKey(this.#next) })
  }

  /** Numbers for these facts, to be written with `ops` in the batch that makes them true; `sync` as that batch's. */
  record({ id, ledgerNumber, isPrivate, head }: Place, facts: readonly FeedFact[], sync: boolean): Recorded {
    if (facts.length === 0) return NOTHING_TOLD
    const time = this.#init.clock.now()
    const ops: Op[] = []
    let check = NO_CHECK
    for (const fact of facts) {
      const row = encodeFeedRow({ ...fact, first: this.#next, ledgerNumber, isPrivate, time }, id, head)
      ops.push({ type: 'put', key: feedKey(this.#next), value: row.value })
      this.#next += fact.count
      check = row.check
    }
    const pending: Pending = { last: this.#next - 1, check, synced: sync, isShown: false }
    this.#pending.push(pending)
    if (!sync) this.#dirt++
    return {
      ops,
      shown: () => {
        pending.isShown = true
        if (!pending.synced) this.#dirt++
        this.#advance()
      }
    }
  }

  /** Called after each change of `last`, until the returned function is called. */
  onShown(listener: () => void): () => void {
    return this.#listeners.add(listener)
  }

  /** Whatever could be read when it was called is on the disk when it resolves. */
  async flush(): Promise<void> {
    const wanted = this.#dirt
    // One that had begun before does not cover what came since: that is in the next.
    while (this.#clean < wanted) {
      await (this.#flushing ??= this.#flush().finally(() => {
        this.#flushing = null
      }))
    }
  }

  async #flush(): Promise<void> {
    const covers = this.#dirt
    await this.#init.store.flush()
    this.#clean = covers
  }

  /** Throws FEED_RESET unless the event at this position is the one that it was taken from, and is still held. */
  async assertHeld({ epoch, number, check }: Position): Promise<void> {
    if (epoch !== this.#epoch.epoch || number > this.#last.number) throw this.reset()
    if (number === this.#epoch.first - 1) {
      if (check !== NO_CHECK || this.#floor !== this.#epoch.first) throw this.reset()
      return
    }
    if (number < this.#floor) throw this.reset()
    const [row] = await this.#init.store.all({ ...feedRange(0, number + 1), reverse: true, limit: 1 })
    const held = row === undefined ? null : decodeFeedRow(...row)
    if (held === null || number >= held.first + held.count || held.check !== check) throw this.reset()
  }

  /** The consumer has to begin again, from a snapshot. */
  reset(): LedgermeshError {
    return new LedgermeshError('FEED_RESET', 'this position is not one of the feed as it is here now', {
      epoch: this.#epoch.epoch,
      floor: this.#floor
    })
  }

  positionAt(number: number, check: string): string {
    return formatPosition({ epoch: this.#epoch.epoch, number, check })
  }

  /** Forgets old rows, in the background. */
  prune(): void {
    this.#pruning = this.#pruning.then(async () => {
      await this.#prune()
    })
  }

  async idle(): Promise<void> {
    await this.#pruning
  }

  async #prune(): Promise<void> {
    const { store, clock, log } = this.#init
    try {
      const floor = await prunedTo(store, { floor: this.#floor, last: this.#last.number, now: clock.now() })
      if (floor === this.#floor) return
      this.#floor = floor
      await store.clear({ ...familyRange('feed'), lt: feedKey(floor) })
    } catch (error) {
      log.warn({ event: 'feed.not-pruned', error }, 'old rows of the feed could not be removed; tried again later')
    }
  }

  #advance(): void {
    let moved = false
    for (let one = this.#pending[0]; one?.isShown === true; one = this.#pending[0]) {
      this.#last = { number: one.last, check: one.check }
      this.#pending.shift()
      moved = true
      if (++this.#sinceLook % PRUNE_EVERY === 0) this.prune()
    }
    if (moved) this.#listeners.emit()
  }
}
