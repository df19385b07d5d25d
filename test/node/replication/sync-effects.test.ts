import { beforeAll, expect, test } from 'vitest'
import { WireError, wireError } from '../../../protocols/wire.js'
import type { Entry } from '../../../src/core/entry.js'
import { LedgermeshError } from '../../../src/core/errors.js'
import { Effects, type EffectsInit } from '../../../src/node/replication/sync-effects.js'
import type { SyncEffect, SyncEvent } from '../../../src/sync/types.js'
import { TestClock, TestLog } from '../../ledger/support.js'
import { decode, history, verifier } from '../../sim/histories.js'

const FETCH: SyncEffect = { type: 'fetch-range', fetch: 1, ledger: '', peer: 'peer', from: 0, count: 10 }

let ledger: string
let entries: Entry[]
beforeAll(async () => {
  ;({ ledger, entries } = await history('sync-effects', 20))
})

function setup() {
  const clock = new TestClock()
  const log = new TestLog()
  const events: SyncEvent[] = []
  const done: string[] = []
  const next: SyncEffect[] = []
  const state = {
    range: async (_signal: AbortSignal): Promise<unknown> => entries.slice(0, 10).map(({ raw }) => raw),
    heads: async (_signal: AbortSignal): Promise<unknown> => ({
      heads: [],
      same: [],
      none: [ledger],
      denied: [],
      unanswered: []
    }),
    ingest: async (): Promise<unknown> => ({ size: 10, headHash: 'hash' }),
    fork: async (): Promise<boolean> => false
  }
  const held = { id: ledger, size: 5, visible: 5, hashAt: async () => 'ours', ingest: async () => await state.ingest() }
  const effects = new Effects({
    sync: {
      handle: (event: SyncEvent) => {
        events.push(event)
        return next.splice(0)
      }
    },
    peerNetwork: {
      askHeads: async (_peer: string, _wanted: unknown, signal: AbortSignal) => await state.heads(signal),
      fetchRange: async (_peer: string, _asked: unknown, signal: AbortSignal) => await state.range(signal),
      drop: (peer: string, code: string) => {
        done.push(`drops ${peer}: ${code}`)
      }
    },
    findLedger: async () => {
      done.push('looks it up')
    },
    ledgers: { get: (id: string) => (id === ledger ? held : undefined) },
    verifier,
    decode,
    court: {},
    forks: {
      rules: { header: async () => false, range: async () => null, chain: async () => null },
      findFork: async () => await state.fork()
    },
    heads: { check: async () => ({ claims: [], unchecked: [], accused: [] }) },
    clock,
    log,
    filtersOf: () => null,
    mayHear: () => true,
    onConfirmed: () => {
      done.push('confirmed')
    },
    onClaims: () => {},
    onEvent: () => {}
  } as unknown as EffectsInit)
  /** Carries these out, and waits for so many more events. */
  const run = async (...given: SyncEffect[]): Promise<SyncEvent[]> => {
    const before = events.length
    next.push(...given)
    effects.dispatch({ type: 'tick' })
    await expect.poll(() => events.length).toBeGreaterThan(before + 1)
    return events.slice(before + 1)
  }
  return { effects, clock, log, events, done, state, run, next }
}

test('a range that checks is reported, stored, and then forgotten', async () => {
  const { run } = setup()
  expect(await run({ ...FETCH, ledger })).toMatchObject([{ type: 'batch-verified', fetch: 1, count: 10 }])
  expect(await run({ type: 'store', fetch: 1, ledger })).toEqual([
    { type: 'stored', ledger, fetch: 1, size: 10, headHash: 'hash' }
  ])
  expect(await run({ type: 'store', fetch: 1, ledger })).toMatchObject([{ type: 'store-failed', code: 'NOT_FOUND' }])
})

test('what fails says why, whose fault it is, and when to come again', async () => {
  const { run, state } = setup()
  state.range = async () => {
    throw new WireError('BUSY', 'no time', { retryMs: 500 })
  }
  expect(await run({ ...FETCH, ledger })).toMatchObject([
    { type: 'batch-failed', code: 'OVERLOADED', fault: 'none', retryMs: 500 }
  ])
  state.range = async () => entries.slice(1, 10).map(({ raw }) => raw)
  expect(await run({ ...FETCH, ledger })).toMatchObject([{ type: 'batch-failed', code: 'MALFORMED', fault: 'peer' }])
})

/** A peer that never answers: only whoever asks ends it. */
async function silence(signal: AbortSignal): Promise<never> {
  return await new Promise((_resolve, reject) => {
    signal.addEventListener('abort', () => {
      reject(wireError(signal.reason))
    })
  })
}

test('a peer that never answers has failed after a time, and is not at fault', async () => {
  const { effects, events, state, next, clock } = setup()
  state.range = silence
  state.heads = silence
  next.push({ ...FETCH, ledger }, { type: 'fetch-head', peer: 'peer', ledgers: [{ ledger, size: 5 }] })
  effects.dispatch({ type: 'tick' })
  clock.pass(15_000)
  await expect.poll(() => events.slice(1)).toMatchObject([{ type: 'heads-failed', code: 'TIMEOUT', fault: 'none' }])
  expect(effects.isAsking(ledger)).toBe(false)
  clock.pass(105_000)
  await expect.poll(() => events.slice(2)).toMatchObject([{ type: 'batch-failed', code: 'TIMEOUT', fault: 'none' }])
})

test('a discarded fetch ends, and is not reported', async () => {
  const { effects, events, state, next } = setup()
  let end: (error: Error) => void = () => {}
  state.range = async () =>
    await new Promise((_resolve, reject) => {
      end = reject
    })
  next.push({ ...FETCH, ledger })
  effects.dispatch({ type: 'tick' })
  next.push({ type: 'discard', fetch: 1 })
  effects.dispatch({ type: 'tick' })
  end(new WireError('CLOSED', 'gone'))
  await new Promise(setImmediate)
  expect(events.map(({ type }) => type)).toEqual(['tick', 'tick'])
})

test('of heads that were asked for each ledger is answered for, also when the exchange fails', async () => {
  const { run, state, effects } = setup()
  const ask: SyncEffect = { type: 'fetch-head', peer: 'peer', ledgers: [{ ledger, size: 5 }] }
  expect(await run(ask)).toEqual([{ type: 'heads', peer: 'peer', heads: [], none: [ledger], denied: [] }])
  state.heads = async () => ({ heads: [], same: [ledger], none: [], denied: [], unanswered: [] })
  expect(await run(ask)).toMatchObject([{ type: 'heads', heads: [{ ledger, size: 5, hash: 'ours' }] }])
  state.heads = async () => {
    throw new WireError('TIMEOUT', 'no answer')
  }
  expect(await run(ask)).toMatchObject([{ type: 'heads-failed', ledgers: [ledger], code: 'TIMEOUT', fault: 'none' }])
  expect(effects.isAsking(ledger)).toBe(false)
})

test('a store that fails is reported with its code, and one without a code as STORE_FAILED', async () => {
  const { run, state } = setup()
  for (const [error, code] of [
    [new LedgermeshError('FROZEN', 'it is frozen'), 'FROZEN'],
    [new Error('what is this?'), 'STORE_FAILED']
  ] as const) {
    await run({ ...FETCH, ledger })
    state.ingest = async () => {
      throw error
    }
    expect(await run({ type: 'store', fetch: 1, ledger })).toMatchObject([{ type: 'store-failed', ledger, code }])
  }
})

test('a fork that is not found is reported: compared, the peer has nothing; not compared, it may have', async () => {
  const { run, state, events } = setup()
  const find: SyncEffect = { type: 'find-fork', ledger, peer: 'peer', before: 5 }
  await run(find)
  await expect
    .poll(() => events.slice(-2))
    .toMatchObject([
      { type: 'fork-not-found', fault: 'none' },
      { type: 'heads', none: [ledger] }
    ])
  state.fork = async () => {
    throw new LedgermeshError('BAD_SIGNATURE', 'made up')
  }
  expect(await run(find)).toMatchObject([{ type: 'fork-not-found', fault: 'peer' }])
})

test('it drops, looks up, confirms, and wakes sync at its time', async () => {
  const { effects, clock, events, done, next } = setup()
  next.push(
    { type: 'drop', peer: 'peer', ledger, code: 'MALFORMED' },
    { type: 'dial', ledger },
    { type: 'confirmed', ledger },
    { type: 'wake-at', at: clock.now() + 500 }
  )
  effects.dispatch({ type: 'tick' })
  expect(done).toEqual(['drops peer: MALFORMED', 'looks it up', 'confirmed'])
  clock.pass(499)
  expect(events).toHaveLength(1)
  clock.pass(1)
  expect(events).toHaveLength(2)
  effects.stop()
})
