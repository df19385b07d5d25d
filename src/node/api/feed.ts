/** The arrival feed: what became visible here, over all ledgers, in the order of its coming. */
import type { ErrorCode } from '../../core/errors.js'
import type {
  FeedEvent,
  FeedPage,
  FeedReadOptions,
  FeedSnapshot,
  FeedSnapshotOptions
} from '../../ledger/feed/feed-event.js'

export type * from '../../ledger/feed/feed-event.js'

/** `ended`: nothing more comes, and why; with FEED_RESET also where the feed is now. */
export type FeedNotice =
  | { events: FeedEvent[]; last: string }
  | { ended: ErrorCode; epoch?: string | undefined; floor?: number | undefined }

/** As for `read`; notices are as long as the node makes them. */
export type FeedSubscribeOptions = Omit<FeedReadOptions, 'limit'>

/** Every promise rejects with a `LedgermeshError`. */
export interface FeedApi {
  /** A page of what there is. The consumer goes on from `position` once it has all pages. */
  snapshot: (options?: FeedSnapshotOptions) => Promise<FeedSnapshot>
  /** The events after a position. Throws FEED_RESET when the consumer has to begin again. */
  read: (options: FeedReadOptions) => Promise<FeedPage>
  /** Throws FEED_RESET as `read` would. */
  check: (options: FeedSubscribeOptions) => Promise<void>
  /**
   * Replays the events after a position, then tells of new ones, until the returned function is called. The next ones
   * come when the listener's promise has resolved: a slow one is never passed over.
   */
  subscribe: (options: FeedSubscribeOptions, listener: (notice: FeedNotice) => void | Promise<void>) => () => void
}
