import { expect, test, vi } from 'vitest'
import { LedgermeshError } from '../../../src/core/errors.js'
import type { FeedNotice } from '../../../src/node/api/feed.js'
import { FeedTail, FLUSH_WITHIN_MS } from '../../../src/node/events/feed-tail.js'
import type { FeedPage } from '../../../src/ledger/feed/feed-event.js'
import { TestClock, TestLog } from '../../ledger/support.js'

/** A feed whose positions are numbers. */
function rig(): {
  tail: FeedTail
  clock: TestClock
  arrive: (isDirty?: boolean) => void
  fail: (error: Error) => void
  reads: () => number
  log: TestLog
} {
  const clock = new TestClock()
  const log = new TestLog()
  const listeners = new Set<() => void>()
  let [last, reads] = [2, 0]
  let failure: Error | null = null
  const arrivals = {
    isDirty: false,
    onShown: (listener: () => void) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    }
  }
  const reader = {
    read: async ({ after }: { after: string }): Promise<FeedPage> => {
      reads++
      if (failure !== null) throw failure
      arrivals.isDirty = false
      return { events: [], last: String(Math.min(last, Number(after) + 1)), hasMore: Number(after) + 1 < last }
    }
  }
  return {
    tail: new FeedTail({ reader, arrivals, clock, log }),
    clock,
    log,
    arrive: (isDirty = false) => {
      last++
      arrivals.isDirty = isDirty
      for (const listener of listeners) listener()
    },
    fail: (error) => {
      failure = error
    },
    reads: () => reads
  }
}

const lasts = (told: FeedNotice[]): unknown[] => told.map((notice) => ('last' in notice ? notice.last : notice))

test('first what was missed, page by page, then what comes', async () => {
  const { tail, arrive } = rig()
  const told: FeedNotice[] = []
  tail.subscribe({ after: '0' }, (notice) => void told.push(notice))
  await vi.waitFor(() => expect(lasts(told)).toEqual(['1', '2']))
  arrive()
  await vi.waitFor(() => expect(lasts(told)).toEqual(['1', '2', '3']))
  await tail.stop()
})

test('what a crash could take back is read, and so synced, within 200 ms', async () => {
  const { tail, arrive, clock, reads } = rig()
  const told: FeedNotice[] = []
  tail.subscribe({ after: '2' }, (notice) => void told.push(notice))
  await vi.waitFor(() => expect(reads()).toBe(1))
  arrive(true)
  arrive(true)
  await new Promise((resolve) => setImmediate(resolve))
  clock.pass(FLUSH_WITHIN_MS - 1)
  await new Promise((resolve) => setImmediate(resolve))
  expect(reads()).toBe(1)
  clock.pass(1)
  await vi.waitFor(() => expect(lasts(told)).toEqual(['3', '4']))
  await tail.stop()
})

test('a slow consumer is waited for, and misses nothing; one that never answers does not keep the node from stopping', async () => {
  const { tail, arrive, reads } = rig()
  const told: FeedNotice[] = []
  let go = (): void => {}
  tail.subscribe({ after: '2' }, async (notice) => {
    told.push(notice)
    await new Promise<void>((resolve) => (go = resolve))
  })
  await vi.waitFor(() => expect(reads()).toBe(1))
  for (let i = 0; i < 3; i++) arrive()
  await vi.waitFor(() => expect(lasts(told)).toEqual(['3']))
  const before = reads()
  await new Promise((resolve) => setImmediate(resolve))
  expect(reads()).toBe(before)
  go()
  await vi.waitFor(() => expect(lasts(told)).toEqual(['3', '4']))
  await tail.stop()
})

test('a consumer that throws is ended; one that also throws when it hears of that harms nobody', async () => {
  const { tail, arrive, log } = rig()
  const told: FeedNotice[] = []
  tail.subscribe({ after: '0' }, (notice) => {
    told.push(notice)
    throw new Error('mine')
  })
  await vi.waitFor(() => expect(told).toEqual([{ events: [], last: '1' }, { ended: 'INTERNAL' }]))
  arrive()
  await tail.stop()
  expect(told).toHaveLength(2)
  expect(new Set(log.lines.map(({ fields }) => fields.event))).toEqual(new Set(['feed.follower-failed']))
})

test('a position that is pruned meanwhile ends it, and the consumer hears why', async () => {
  const { tail, arrive, fail, reads } = rig()
  const told: FeedNotice[] = []
  tail.subscribe({ after: '2' }, (notice) => void told.push(notice))
  await vi.waitFor(() => expect(reads()).toBe(1))
  fail(new LedgermeshError('FEED_RESET', 'gone', { epoch: 'e', floor: 7 }))
  arrive()
  await vi.waitFor(() => expect(told).toEqual([{ ended: 'FEED_RESET', epoch: 'e', floor: 7 }]))
  arrive()
  await tail.stop()
  expect(told).toHaveLength(1)
})
