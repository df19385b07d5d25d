/** The feed as library and socket see it: checked options, then the reader. */
import { LedgermeshError } from '../../core/errors.js'
import { isInteger } from '../../core/grammar.js'
import { isLedgerId } from '../../core/ledger-id.js'
import { readOptions, type Members } from '../../core/options.js'
import { MAX_FEED_LIMIT, MAX_FEED_NAMES } from '../../ledger/feed/limits.js'
import { parsePosition } from '../../ledger/feed/position.js'
import { FeedReader } from '../../ledger/feed-reader.js'
import { feedSnapshot } from '../../ledger/feed-snapshot.js'
import type { Ledgers } from '../../ledger/ledgers.js'
import type { Clock, Log } from '../../ports.js'
import type { Store } from '../../store/store.js'
import type {
  FeedApi,
  FeedPage,
  FeedReadOptions,
  FeedSnapshot,
  FeedSnapshotOptions,
  FeedSubscribeOptions
} from '../api/feed.js'
import { FeedTail } from './feed-tail.js'

const SNAPSHOT: Members<FeedSnapshotOptions> = { cursor: true, limit: true, ledgers: true, publicOnly: true }
const READ: Members<FeedReadOptions> = { after: true, limit: true, ledgers: true, streams: true, publicOnly: true }
const SUBSCRIBE: Members<FeedSubscribeOptions> = { after: true, ledgers: true, streams: true, publicOnly: true }

export class FeedFacade implements FeedApi {
  readonly #ledgers: Ledgers
  readonly #reader: FeedReader
  readonly #tail: FeedTail

  /** @internal */
  constructor({ ledgers, store, clock, log }: { ledgers: Ledgers; store: Store; clock: Clock; log: Log }) {
    this.#ledgers = ledgers
    this.#reader = new FeedReader(store, ledgers)
    this.#tail = new FeedTail({ reader: this.#reader, arrivals: ledgers.arrivals, clock, log })
  }

  /** Throws INVALID_PARAMS, CURSOR_INVALID, FEED_RESET, STORE_DAMAGED, STORE_FAILED. */
  async snapshot(options: FeedSnapshotOptions = {}): Promise<FeedSnapshot> {
    const given = checked(readOptions(options, SNAPSHOT))
    if (given.cursor !== undefined && typeof given.cursor !== 'string')
      throw new LedgermeshError('INVALID_PARAMS', 'cursor is the `next` of a snapshot')
    return await feedSnapshot(this.#ledgers, given)
  }

  /** Throws INVALID_PARAMS, FEED_RESET, STORE_DAMAGED, STORE_FAILED. */
  async read(options: FeedReadOptions): Promise<FeedPage> {
    return await this.#reader.read(positioned(checked(readOptions(options, READ))))
  }

  /** Throws INVALID_PARAMS or FEED_RESET. */
  async check(options: FeedSubscribeOptions): Promise<void> {
    const { after } = positioned(checked(readOptions(options, SUBSCRIBE)))
    await this.#ledgers.arrivals.assertHeld(parsePosition(after))
  }

  /** Throws INVALID_PARAMS; whatever else is wrong ends it, and the listener hears of it. */
  subscribe(...[options, listener]: Parameters<FeedApi['subscribe']>): () => void {
    const given = positioned(checked(readOptions(options, SUBSCRIBE)))
    parsePosition(given.after)
    return this.#tail.subscribe(given, listener)
  }

  /** @internal */
  async stop(): Promise<void> {
    await this.#tail.stop()
  }
}

function positioned<Options extends { after: string }>(options: Options): Options {
  if (typeof options.after !== 'string')
    throw new LedgermeshError('INVALID_PARAMS', 'after is the `last` or `position` that the feed gave')
  return options
}

function checked<Options extends { limit?: unknown; ledgers?: unknown; streams?: unknown; publicOnly?: unknown }>(
  options: Options
): Options {
  const { limit, ledgers, streams, publicOnly } = options
  if (limit !== undefined && (!isInteger(limit as number, MAX_FEED_LIMIT) || limit === 0))
    throw new LedgermeshError('INVALID_PARAMS', `limit is 1 to ${MAX_FEED_LIMIT}`)
  if (ledgers !== undefined && !isListOf(ledgers, isLedgerId))
    throw new LedgermeshError('INVALID_PARAMS', `ledgers are at most ${MAX_FEED_NAMES} ids`)
  if (streams !== undefined && !isListOf(streams, (one) => typeof one === 'string'))
    throw new LedgermeshError('INVALID_PARAMS', `streams are at most ${MAX_FEED_NAMES} names`)
  if (publicOnly !== undefined && typeof publicOnly !== 'boolean')
    throw new LedgermeshError('INVALID_PARAMS', 'publicOnly is true or false')
  return options
}

function isListOf(list: unknown, is: (one: unknown) => boolean): boolean {
  return Array.isArray(list) && list.length <= MAX_FEED_NAMES && list.every(is)
}
