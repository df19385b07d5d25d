/** The feed for callers with fewer rights. */
import type { LedgerId } from '../core/ledger-id.js'
import type { LedgerEntry } from '../core/view.js'
import type { FeedApi, FeedEvent, FeedNotice } from '../node/api/feed.js'

/**
 * Nothing of private ledgers (but `privately`), or of others than `only`. `reach` throws NOT_FOUND for one that is named,
 * as for an unknown one.
 */
export function publicFeed(
  feed: FeedApi,
  {
    reach,
    privately,
    only
  }: { reach: (ledger: LedgerId) => unknown; privately: boolean; only: ReadonlySet<LedgerId> | undefined }
): FeedApi {
  const open = <Options extends { ledgers?: LedgerId[] | undefined }>(
    options: Options
  ): Options & { publicOnly: boolean } => {
    for (const ledger of options.ledgers ?? []) reach(ledger)
    return {
      ...options,
      publicOnly: !privately,
      ...(only !== undefined && { ledgers: options.ledgers ?? [...only] })
    }
  }
  return {
    snapshot: async (options = {}) => await feed.snapshot(open(options)),
    read: async (options) => await feed.read(open(options)),
    check: async (options) => {
      await feed.check(open(options))
    },
    subscribe: (options, listener) => feed.subscribe(open(options), listener)
  }
}

/** Entries as `withhold` gives them. */
export function withholdFeed(feed: FeedApi, withhold: (entry: LedgerEntry) => LedgerEntry): FeedApi {
  const guard = (event: FeedEvent): FeedEvent =>
    event.kind === 'entry' || event.kind === 'payload-filled' ? { ...event, entry: withhold(event.entry) } : event
  const guarded = (notice: FeedNotice): FeedNotice =>
    'events' in notice ? { ...notice, events: notice.events.map(guard) } : notice
  return {
    snapshot: async (options) => {
      const page = await feed.snapshot(options)
      return { ...page, entries: page.entries.map(withhold) }
    },
    read: async (options) => {
      const page = await feed.read(options)
      return { ...page, events: page.events.map(guard) }
    },
    check: async (options) => {
      await feed.check(options)
    },
    subscribe: (options, listener) => feed.subscribe(options, (notice) => listener(guarded(notice)))
  }
}
