/**
 * Whatever happens in whatever order: nothing throws, no bound is exceeded, every fetch ends once, every ledger has one
 * status.
 */
import { strict as assert } from 'node:assert'
import { expect, test } from 'vitest'
import fc from 'fast-check'
import { Sync } from '../../src/sync/sync.js'
import { DEFAULT_LIMITS } from '../../src/sync/limits.js'
import { STALL_SENTENCES } from '../../src/sync/stall-codes.js'
import type { SyncEffect, SyncEvent } from '../../src/sync/types.js'
import { hash, seeded, START } from './desk.js'

const ledger = fc.constantFrom('l1', 'l2', 'l3')
const peer = fc.constantFrom('p1', 'p2', 'p3', 'p4')
const size = fc.oneof(fc.integer({ min: 0, max: 3000 }), fc.constantFrom(2 ** 53, 513, 512, 1))
const branch = fc.constantFrom('a', 'a', 'a', 'b')
const fetch = fc.nat({ max: 60 })
const code = fc.constantFrom(
  'TIMEOUT',
  'OVERLOADED',
  'NOT_FOUND',
  'REFUSED',
  'UPGRADE_NEEDED',
  'MALFORMED',
  'WRONG_NETWORK',
  'BROKEN_LINK',
  'KEY_NOT_IN_FORCE',
  'STORE_FAILED',
  'FROZEN',
  'WRONG_LEDGER'
)
const fault = fc.constantFrom('none', 'none', 'peer')

/** A step: an event, or answers to what is really open, so that sequences get somewhere. */
type Step =
  | { wait: number }
  | { event: SyncEvent }
  | {
      answer: 'good' | 'short' | 'bad'
      pick: number
      code: SyncEvent extends infer E ? (E extends { type: 'batch-failed'; code: infer C } ? C : never) : never
    }

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ wait: fc.constantFrom(1, 100, 1000, 30_000, 61_000, 700_000) }) },
  {
    weight: 8,
    arbitrary: fc.record({ answer: fc.constantFrom('good', 'good', 'short', 'bad'), pick: fc.nat(), code })
  },
  {
    weight: 6,
    arbitrary: fc
      .oneof(
        peer.map((id): SyncEvent => ({ type: 'connected', peer: id })),
        peer.map((id): SyncEvent => ({ type: 'disconnected', peer: id })),
        ledger.map((id): SyncEvent => ({ type: 'unfollowed', ledger: id })),
        ledger.map((id): SyncEvent => ({ type: 'paused', ledger: id })),
        ledger.map((id): SyncEvent => ({ type: 'resumed', ledger: id })),
        ledger.map((id): SyncEvent => ({ type: 'pull-requested', ledger: id })),
        fc.record(
          {
            type: fc.constant('followed'),
            ledger,
            size: fc.constantFrom(0, 1, 600),
            headHash: fc.constant(hash(599)),
            stall: fc.constantFrom('PAUSED', 'FROZEN', 'RESTORING', 'NO_PEERS')
          },
          { requiredKeys: ['type', 'ledger', 'size', 'headHash'] }
        ) as fc.Arbitrary<SyncEvent>,
        fc.tuple(peer, ledger, size, branch).map(([id, l, n, b]): SyncEvent => ({
          type: 'heads',
          peer: id,
          heads: [{ ledger: l, size: n, hash: hash(Math.max(0, n - 1), b) }],
          none: [],
          denied: []
        })),
        fc
          .tuple(peer, ledger)
          .map(([id, l]): SyncEvent => ({ type: 'heads', peer: id, heads: [], none: [l], denied: [] })),
        fc
          .tuple(peer, ledger)
          .map(([id, l]): SyncEvent => ({ type: 'heads', peer: id, heads: [], none: [], denied: [l] })),
        fc
          .tuple(peer, ledger, fault)
          .map(([id, l, b]): SyncEvent => ({ type: 'heads-failed', peer: id, ledgers: [l], fault: b })),
        fc.tuple(peer, ledger, size).map(([id, l, n]): SyncEvent => ({
          type: 'announced',
          peer: id,
          head: { ledger: l, size: n, hash: hash(n), prevHash: hash(Math.max(0, n - 1)) }
        })),
        fc.tuple(ledger, size).map(([l, n]): SyncEvent => ({ type: 'evidence', ledger: l, size: n })),
        fc
          .tuple(peer, ledger, fault)
          .map(([id, l, b]): SyncEvent => ({ type: 'fork-not-found', ledger: l, peer: id, fault: b })),
        fc
          .tuple(fetch, fc.nat({ max: 600 }))
          .map(([id, count]): SyncEvent => ({ type: 'batch-verified', fetch: id, count })),
        fc
          .tuple(fetch, code, fault)
          .map(([id, c, b]): SyncEvent => ({ type: 'batch-failed', fetch: id, code: c, fault: b })),
        fc
          .tuple(ledger, fetch, code)
          .map(([l, id, c]): SyncEvent => ({ type: 'store-failed', ledger: l, fetch: id, code: c }))
      )
      .map((event) => ({ event }))
  }
)

/** What an effect runner would keep: which fetches are open, verified or being stored. */
class Runner {
  readonly sync = new Sync({ random: seeded(7) })
  readonly open = new Map<number, Extract<SyncEffect, { type: 'fetch-range' }>>()
  readonly verified = new Map<number, { count: number; from: number; ledger: string }>()
  readonly storing = new Map<string, number>()
  readonly ended = new Set<number>()
  readonly connected = new Set<string>()
  now = START
  wakeAt = Infinity

  run(event: SyncEvent): void {
    if (event.type === 'connected') this.connected.add(event.peer)
    if (event.type === 'disconnected') this.connected.delete(event.peer)
    if (event.type === 'batch-failed' && this.open.has(event.fetch)) this.end(event.fetch)
    if (event.type === 'batch-verified' && this.open.has(event.fetch)) {
      const { from, ledger: l } = this.open.get(event.fetch)!
      this.open.delete(event.fetch)
      this.verified.set(event.fetch, { count: event.count, from, ledger: l })
    }
    if (event.type === 'stored' || event.type === 'store-failed') {
      if (this.storing.get(event.ledger) === event.fetch) {
        this.storing.delete(event.ledger)
        this.end(event.fetch)
      }
    }
    if (event.type === 'tick') this.wakeAt = Infinity
    for (const effect of this.sync.handle(event, this.now)) this.effect(effect)
    this.check()
  }

  end(id: number): void {
    assert(!this.ended.has(id), `fetch ${id} ended twice`)
    this.ended.add(id)
    this.open.delete(id)
    this.verified.delete(id)
  }

  effect(effect: SyncEffect): void {
    if (effect.type === 'wake-at') {
      assert(effect.at >= this.now, 'wakes up in the future')
      this.wakeAt = effect.at
    }
    if (effect.type === 'fetch-range') {
      assert(
        !this.ended.has(effect.fetch) && !this.open.has(effect.fetch) && !this.verified.has(effect.fetch),
        'a new fetch id'
      )
      assert(this.connected.has(effect.peer), 'asks only who is connected')
      assert(effect.count > 0 && effect.count <= DEFAULT_LIMITS.batchEntries)
      this.open.set(effect.fetch, effect)
    }
    if (effect.type === 'fetch-head')
      assert(effect.ledgers.length > 0 && effect.ledgers.length <= DEFAULT_LIMITS.headsPerAsk)
    if (effect.type === 'discard') this.end(effect.fetch)
    if (effect.type === 'store') {
      assert(this.verified.has(effect.fetch), 'stores only what was verified')
      assert(!this.storing.has(effect.ledger), 'stores one batch at a time')
      this.storing.set(effect.ledger, effect.fetch)
    }
  }

  check(): void {
    assert(this.open.size <= DEFAULT_LIMITS.fetchesTotal)
    for (const id of this.connected)
      assert([...this.open.values()].filter((each) => each.peer === id).length <= DEFAULT_LIMITS.fetchesPerPeer)
    for (const id of this.sync.list()) {
      const details = this.sync.details(id, this.now)!
      assert(details.inFlight + details.waiting <= DEFAULT_LIMITS.batchesAhead)
      assert(details.peers.length <= DEFAULT_LIMITS.peersPerLedger)
      const status = this.sync.status(id, this.now)!
      assert(['synced', 'syncing', 'stalled'].includes(status.status))
      if (status.status === 'stalled') {
        assert(STALL_SENTENCES[status.code] !== undefined)
        assert(status.since <= this.now)
      }
    }
  }

  answer(kind: 'good' | 'short' | 'bad', pick: number, failure: Extract<Step, { answer: unknown }>['code']): void {
    const stores = [...this.storing]
    if (stores.length > 0) {
      const [id, fetchId] = stores[pick % stores.length]!
      const waits = this.verified.get(fetchId)!
      const end = waits.from + waits.count
      this.run(
        kind === 'bad'
          ? { type: 'store-failed', ledger: id, fetch: fetchId, code: failure }
          : { type: 'stored', ledger: id, fetch: fetchId, size: end, headHash: hash(end - 1) }
      )
      return
    }
    const fetches = [...this.open.values()]
    if (fetches.length === 0) return
    const chosen = fetches[pick % fetches.length]!
    if (kind === 'bad')
      this.run({
        type: 'batch-failed',
        fetch: chosen.fetch,
        code: failure,
        fault: failure === 'MALFORMED' ? 'peer' : 'none',
        ...(failure === 'OVERLOADED' ? { retryMs: pick } : {})
      })
    else this.run({ type: 'batch-verified', fetch: chosen.fetch, count: kind === 'good' ? chosen.count : 1 })
  }

  wait(ms: number): void {
    const until = this.now + ms
    for (let turns = 0; this.wakeAt <= until; turns++) {
      assert(turns < 20_000, 'it never stops waking up')
      this.now = Math.max(this.now, this.wakeAt)
      this.run({ type: 'tick' })
    }
    this.now = until
  }
}

test('any sequence of events', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 120 }), (steps) => {
      const runner = new Runner()
      for (const id of ['l1', 'l2', 'l3']) runner.run({ type: 'followed', ledger: id, size: 0, headHash: null })
      for (const id of ['p1', 'p2']) runner.run({ type: 'connected', peer: id })
      for (const each of steps) {
        if ('wait' in each) runner.wait(each.wait)
        else if ('event' in each) runner.run(each.event)
        else runner.answer(each.answer, each.pick, each.code)
      }
      // Left alone, nothing stays in flight, and nothing is "syncing" for ever.
      runner.wait(1_000_000)
      for (const id of runner.sync.list()) expect(runner.sync.status(id, runner.now)!.status).not.toBe('syncing')
    }),
    { numRuns: 300 }
  )
}, 30_000)
