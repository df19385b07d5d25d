/**
 * The pusher's plan against receivers that come and go, lose their disks, refuse and hang: it never believes more than
 * is there, and ends confirmed.
 */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { PushPlan, type PushEffect } from '../../../src/sync/push/push-plan.js'
import { hear, type Word } from '../../../src/sync/push/receipt.js'
import type { Flow } from '../../../src/sync/push/types.js'

const random = { bytes: (length: number) => new Uint8Array(length), next: () => 0.5 }
const flow = (remote = 'r', ledger = 'l', more: Partial<Flow> = {}): Flow => ({
  ledger,
  remote,
  durable: 0,
  store: null,
  code: 'QUEUED',
  attempts: 0,
  last: null,
  next: null,
  ...more
})

function planOf(...flows: Flow[]): {
  plan: PushPlan
  at: (event: Parameters<PushPlan['handle']>[0], now?: number) => PushEffect[]
} {
  const plan = new PushPlan({ random })
  for (const one of flows) plan.handle({ type: 'flow', flow: one }, 0)
  return { plan, at: (event, now = 0) => plan.handle(event, now).filter(({ type }) => type !== 'changed') }
}

describe('receipts', () => {
  const base = flow('r', 'l', { durable: 5, store: 'a' })
  test.each<[string, Word, Partial<Flow>]>([
    ['all of it is held', { kind: 'held', size: 8, isOurs: true, store: 'a' }, { durable: 8, code: null }],
    ['progress', { kind: 'progress', size: 7, isOurs: true }, { durable: 7, code: 'FETCHING' }],
    [
      'more than we hold ourselves: only ours counts',
      { kind: 'progress', size: 12, isOurs: true },
      { durable: 8, code: null }
    ],
    [
      'more than we hold, of which we cannot tell: what was known stays',
      { kind: 'progress', size: 12, isOurs: null },
      { durable: 5 }
    ],
    [
      'a receipt of another branch is none',
      { kind: 'progress', size: 8, isOurs: false },
      { durable: 0, code: 'DIFFERS' }
    ],
    [
      'it holds less than it said',
      { kind: 'accepted', size: 3, isOurs: true, store: 'a' },
      { durable: 3, code: 'FETCHING' }
    ],
    [
      'holding is no receipt',
      { kind: 'accepted', size: 8, isOurs: true, store: 'a' },
      { durable: 5, code: 'FETCHING' }
    ],
    [
      'another store that holds nothing',
      { kind: 'accepted', size: 0, isOurs: null, store: 'b' },
      { durable: 0, store: 'b' }
    ],
    [
      'another store that holds as much',
      { kind: 'accepted', size: 5, isOurs: true, store: 'b' },
      { durable: 0, store: 'b' }
    ],
    ['progress goes down', { kind: 'progress', size: 2, isOurs: true }, { durable: 2 }],
    [
      'refused and holding nothing',
      { kind: 'refused', size: 0, isOurs: null, reason: 'NOT_WANTED' },
      { durable: 0, code: 'NOT_WANTED' }
    ],
    [
      'refused for room, holding what it held',
      { kind: 'refused', size: 5, isOurs: true, store: 'a', reason: 'QUOTA', retryMs: 10 },
      { durable: 5, code: 'QUOTA', next: 1_010 }
    ]
  ])('%s', (_what, word, after) => {
    expect(hear(base, word, 8, 1_000)).toMatchObject(after)
  })
})

describe('the plan', () => {
  test('nothing is offered before there is a connection and an entry', () => {
    const { at } = planOf(flow())
    expect(at({ type: 'connected', remote: 'r' })).toEqual([])
    expect(at({ type: 'size', ledger: 'l', size: 1 })).toEqual([{ type: 'offer', remote: 'r', ledgers: ['l'] }])
    expect(at({ type: 'size', ledger: 'l', size: 2 })).toEqual([])
  })

  test('what is appended during a session goes in the next one, not before its time', () => {
    const { plan, at } = planOf(flow())
    at({ type: 'connected', remote: 'r' })
    at({ type: 'size', ledger: 'l', size: 1 })
    at({ type: 'size', ledger: 'l', size: 2 }, 10)
    at({ type: 'word', remote: 'r', ledger: 'l', word: { kind: 'accepted', size: 0, isOurs: null, store: 'a' } }, 20)
    expect(
      at({ type: 'word', remote: 'r', ledger: 'l', word: { kind: 'progress', size: 1, isOurs: true } }, 30)
    ).toEqual([{ type: 'leave', remote: 'r' }])
    expect(at({ type: 'ended', remote: 'r', code: null }, 40)).toEqual([{ type: 'wake-at', at: 100 }])
    expect(at({ type: 'tick' }, 100)).toEqual([{ type: 'offer', remote: 'r', ledgers: ['l'] }])
    at({ type: 'word', remote: 'r', ledger: 'l', word: { kind: 'held', size: 2, isOurs: true, store: 'a' } }, 110)
    expect(at({ type: 'ended', remote: 'r', code: null }, 120)).toEqual([])
    expect(plan.flows()).toMatchObject([{ durable: 2, code: null, next: null }])
  })

  test('a session that waits does not hold another ledger up', () => {
    const { at } = planOf(flow(), flow('r', 'm'))
    at({ type: 'connected', remote: 'r' })
    at({ type: 'size', ledger: 'l', size: 1 })
    expect(at({ type: 'size', ledger: 'm', size: 1 }, 500)).toEqual([{ type: 'leave', remote: 'r' }])
    expect(at({ type: 'ended', remote: 'r', code: null }, 510)).toEqual([
      { type: 'offer', remote: 'r', ledgers: expect.arrayContaining(['l', 'm']) as string[] }
    ])
  })

  test('failures wait longer and longer, then a quarter of an hour; a connection and the operator end the waiting', () => {
    const { plan, at } = planOf(flow())
    at({ type: 'size', ledger: 'l', size: 1 })
    let now = 0
    at({ type: 'connected', remote: 'r' })
    for (const least of [500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 600_000]) {
      at({ type: 'ended', remote: 'r', code: 'FAILED' }, now)
      const { next } = plan.flows()[0]!
      expect(next! - now).toBeGreaterThanOrEqual(least)
      expect(at({ type: 'tick' }, next! - 1).map(({ type }) => type)).toEqual(['wake-at'])
      now = next!
      expect(at({ type: 'tick' }, now).map(({ type }) => type)).toEqual(['offer'])
    }
    at({ type: 'ended', remote: 'r', code: 'DENIED' }, now)
    expect(at({ type: 'asked', remote: 'r', ledger: 'l' }, now + 1)).toMatchObject([{ type: 'offer' }])
    at({ type: 'ended', remote: 'r', code: 'DENIED' }, now)
    at({ type: 'disconnected', remote: 'r' }, now)
    expect(at({ type: 'connected', remote: 'r' }, now + 2)).toMatchObject([{ type: 'offer' }])
  })

  test('a remote that was confirmed is asked again when it comes back: its store says whether it is the same', () => {
    const { plan, at } = planOf(flow('r', 'l', { durable: 3, store: 'a', code: null }))
    at({ type: 'size', ledger: 'l', size: 3 })
    expect(at({ type: 'connected', remote: 'r' })).toMatchObject([{ type: 'offer' }])
    at({ type: 'word', remote: 'r', ledger: 'l', word: { kind: 'accepted', size: 0, isOurs: null, store: 'b' } })
    expect(plan.flows()).toMatchObject([{ durable: 0, store: 'b', code: 'FETCHING' }])
  })

  test('at most eight sessions at once, and 64 ledgers in one', () => {
    const { at } = planOf(
      ...Array.from({ length: 9 }, (_, i) => flow(`r${i}`)),
      ...Array.from({ length: 70 }, (_, i) => flow('r0', `l${i}`))
    )
    for (let i = 0; i < 70; i++) at({ type: 'size', ledger: `l${i}`, size: 1 })
    expect(at({ type: 'connected', remote: 'r0' })).toMatchObject([{ type: 'offer', ledgers: { length: 64 } }])
    for (let i = 1; i < 9; i++) at({ type: 'connected', remote: `r${i}` })
    // r0 has one, and its 64 are not disturbed
    expect(at({ type: 'size', ledger: 'l', size: 1 }).map(({ type }) => type)).toEqual(
      Array.from({ length: 7 }, () => 'offer')
    )
    expect(at({ type: 'ended', remote: 'r1', code: 'FAILED' })).toMatchObject([
      { type: 'offer', remote: 'r8' },
      { type: 'wake-at' }
    ])
  })

  test('another branch there: it is looked into, and not offered again by itself', () => {
    const { at } = planOf(flow())
    at({ type: 'connected', remote: 'r' })
    at({ type: 'size', ledger: 'l', size: 4 })
    expect(
      at({
        type: 'word',
        remote: 'r',
        ledger: 'l',
        word: { kind: 'refused', size: 3, isOurs: false, reason: 'FROZEN', store: 'a' }
      })
    ).toEqual([{ type: 'differs', remote: 'r', ledger: 'l', size: 3 }])
    expect(at({ type: 'ended', remote: 'r', code: null }, 99_999)).toEqual([])
  })
})

/** A receiver: what it has in memory, on its disk, and whether it wants it. */
interface Receiver {
  store: string
  stored: number
  durable: number
  wants: boolean
  connected: boolean
  session: number | null
}

test('whatever happens, no receipt is above what the receiver opens with again, and in the end all is confirmed', () => {
  const acts = fc.array(
    fc.tuple(
      fc.constantFrom(
        'append',
        'connect',
        'disconnect',
        'fetch',
        'sync',
        'crash',
        'wipe',
        'refuse',
        'want',
        'tick',
        'end',
        'fail',
        'restart'
      ),
      fc.nat(2)
    ),
    { maxLength: 120 }
  )
  fc.assert(
    fc.property(acts, (steps) => {
      const receivers: Receiver[] = Array.from({ length: 3 }, (_, i) => ({
        store: `s${i}`,
        stored: 0,
        durable: 0,
        wants: true,
        connected: false,
        session: null
      }))
      let plan = new PushPlan({ random })
      let now = 0
      let size = 1
      let wipes = 0
      const run = (event: Parameters<PushPlan['handle']>[0]): void => {
        for (const effect of plan.handle(event, now)) {
          const receiver = 'remote' in effect ? receivers[Number(effect.remote)]! : null
          if (effect.type === 'offer') {
            if (!receiver!.connected || receiver!.session !== null)
              throw new Error('an offer to nobody, or two at once')
            receiver!.session = size
            decide(effect.remote, receiver!)
          } else if (effect.type === 'leave') over(effect.remote, receiver!, null)
        }
      }
      const over = (remote: string, receiver: Receiver, code: 'FAILED' | null): void => {
        if (receiver.session === null) return
        receiver.session = null
        run({ type: 'ended', remote, code })
      }
      const say = (remote: string, word: Word): void => {
        run({ type: 'word', remote, ledger: 'l', word: { ...word, isOurs: word.size > 0 ? true : null } })
      }
      const decide = (remote: string, receiver: Receiver): void => {
        const { store, stored } = receiver
        if (stored >= size) {
          receiver.durable = stored
          say(remote, { kind: 'held', size: stored, store, isOurs: null })
        } else if (receiver.wants) return say(remote, { kind: 'accepted', size: stored, store, isOurs: null })
        else
          say(remote, {
            kind: 'refused',
            reason: 'NOT_WANTED',
            size: stored,
            ...(stored > 0 && { store }),
            isOurs: null
          })
        over(remote, receiver, null)
      }
      const progress = (remote: string, receiver: Receiver): void => {
        if (receiver.session === null) return
        say(remote, { kind: 'progress', size: receiver.durable, isOurs: null })
        if (receiver.durable >= receiver.session) over(remote, receiver, null)
      }
      const gone = (remote: string, receiver: Receiver): void => {
        over(remote, receiver, 'FAILED')
        receiver.connected = false
        run({ type: 'disconnected', remote })
      }
      const begin = (flows: Flow[]): void => {
        plan = new PushPlan({ random })
        for (const one of flows) run({ type: 'flow', flow: one })
        run({ type: 'size', ledger: 'l', size })
      }
      /** What was confirmed of the store that the receiver has now. */
      const check = (): void => {
        for (const { remote, durable, store } of plan.flows()) {
          const receiver = receivers[Number(remote)]!
          expect(durable).toBeLessThanOrEqual(store === receiver.store ? Math.min(receiver.durable, size) : size)
        }
      }
      begin(receivers.map((_, i) => flow(String(i))))
      const act = (what: string, remote: string, receiver: Receiver): void => {
        switch (what) {
          case 'append':
            size++
            run({ type: 'size', ledger: 'l', size })
            break
          case 'connect':
            if (!receiver.connected) {
              receiver.connected = true
              run({ type: 'connected', remote })
            }
            break
          case 'disconnect':
            if (receiver.connected) gone(remote, receiver)
            break
          case 'fetch':
            if (receiver.session !== null && receiver.wants)
              receiver.stored = Math.min(receiver.session, receiver.stored + 2)
            break
          case 'sync':
            receiver.durable = receiver.stored
            progress(remote, receiver)
            break
          case 'crash':
            gone(remote, receiver)
            receiver.stored = receiver.durable
            break
          case 'wipe':
            gone(remote, receiver)
            Object.assign(receiver, { store: `w${++wipes}`, stored: 0, durable: 0 })
            break
          case 'refuse':
            receiver.wants = false
            break
          case 'want':
            receiver.wants = true
            break
          case 'end':
            over(remote, receiver, null)
            break
          case 'fail':
            over(remote, receiver, 'FAILED')
            break
          case 'restart':
            for (const one of receivers) one.session = null
            {
              const kept = plan.flows()
              for (const one of receivers) one.connected = false
              begin(kept)
            }
            break
          default:
            now += 10_000
            run({ type: 'tick' })
        }
      }
      for (const [what, i] of steps) {
        now += 7
        act(what, String(i), receivers[i]!)
        check()
      }
      for (let round = 0; round < 60; round++) {
        now += 3_700_000
        for (const [i, receiver] of receivers.entries())
          for (const what of ['want', 'connect', 'tick', 'fetch', 'sync']) act(what, String(i), receiver)
        check()
      }
      expect(plan.flows().map(({ durable, code }) => ({ durable, code }))).toEqual(
        receivers.map(() => ({ durable: size, code: null }))
      )
    }),
    { numRuns: 300 }
  )
})

describe('the times of a remote', () => {
  const codes = (plan: PushPlan): unknown[] => plan.flows().map(({ code, next }) => [code, next])

  test('closed: nothing is offered, whatever happens, and it says until when; opened: it is', () => {
    const { plan, at } = planOf(flow())
    at({ type: 'size', ledger: 'l', size: 5 })
    at({ type: 'closed', remote: 'r', next: 1000 })
    expect(codes(plan)).toEqual([['SCHEDULED', 1000]])
    expect(at({ type: 'connected', remote: 'r' })).toEqual([])
    expect(at({ type: 'size', ledger: 'l', size: 6 }, 2000)).toEqual([])
    expect(at({ type: 'asked', remote: 'r', ledger: 'l' }, 2000)).toEqual([])
    at({ type: 'disconnected', remote: 'r' })
    expect(codes(plan)).toEqual([['SCHEDULED', 1000]])
    at({ type: 'opened', remote: 'r' })
    expect(codes(plan)).toEqual([['NO_CONNECTION', null]])
    expect(at({ type: 'connected', remote: 'r' }, 3000)).toEqual([{ type: 'offer', remote: 'r', ledgers: ['l'] }])
  })

  test('a session that runs is let run, and a flow that begins while it is closed waits', () => {
    const { plan, at } = planOf(flow())
    at({ type: 'size', ledger: 'l', size: 5 })
    at({ type: 'size', ledger: 'k', size: 5 })
    expect(at({ type: 'connected', remote: 'r' })).toEqual([{ type: 'offer', remote: 'r', ledgers: ['l'] }])
    expect(at({ type: 'closed', remote: 'r', next: null })).toEqual([])
    at({ type: 'flow', flow: flow('r', 'k') })
    expect(codes(plan)).toEqual([
      ['OFFERED', null],
      ['SCHEDULED', null]
    ])
    at({ type: 'ended', remote: 'r', code: null })
    expect(codes(plan)).toEqual([
      ['SCHEDULED', null],
      ['SCHEDULED', null]
    ])
    expect(at({ type: 'opened', remote: 'r' }, 5000)).toEqual([{ type: 'offer', remote: 'r', ledgers: ['l', 'k'] }])
  })

  test('closed or not, what is confirmed is confirmed', () => {
    const { plan, at } = planOf(flow('r', 'l', { durable: 5, store: 'a', code: null }))
    at({ type: 'size', ledger: 'l', size: 5 })
    at({ type: 'closed', remote: 'r', next: 1000 })
    at({ type: 'connected', remote: 'r' })
    expect(codes(plan)).toEqual([[null, null]])
  })
})
