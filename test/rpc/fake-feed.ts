/** The feed of the fake node: one event, and what was asked. */
import type { FeedApi, FeedNotice, FeedPage, FeedSnapshot } from '../../src/node/api/feed.js'
import { LedgermeshError } from '../../src/core/errors.js'
import { METHODS } from '../../src/rpc/methods/index.js'

export const EXPIRED = 'f3a1c2d4e5b60718.1.0000000000000000'

export interface FakeFeed extends FeedApi {
  /** Subscribers hear of it; resolves when all have taken it. */
  tell: (notice: FeedNotice) => Promise<void>
}

export function fakeFeed(calls: { method: string; args: unknown[] }[]): FakeFeed {
  const listeners = new Set<(notice: FeedNotice) => void | Promise<void>>()
  const check = async ({ after }: { after: string }): Promise<void> => {
    if (after === EXPIRED)
      throw new LedgermeshError('FEED_RESET', 'begin again', { epoch: 'f3a1c2d4e5b60718', floor: 7 })
  }
  return {
    snapshot: async (options) => {
      calls.push({ method: 'feed.snapshot', args: [options] })
      return structuredClone(METHODS['feed.snapshot'].example.result) as unknown as FeedSnapshot
    },
    read: async (options) => {
      await check(options)
      calls.push({ method: 'feed.read', args: [options] })
      return structuredClone(METHODS['feed.read'].example.result) as unknown as FeedPage
    },
    check,
    subscribe: (options, listener) => {
      calls.push({ method: 'feed.subscribe', args: [options] })
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    tell: async (notice) => {
      await Promise.all([...listeners].map(async (listener) => await listener(notice)))
    }
  }
}
