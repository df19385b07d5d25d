import { describe, expect, test } from 'vitest'
import { Desk, pulling, START } from './desk.js'

const L = 'ledger'

describe('when a peer lies', () => {
  test('it is dropped, its batches are forgotten, and the pull goes on with the others', () => {
    const desk = pulling(L, ['liar', 'honest'], 2000)
    const lie = desk.only('fetch-range').find(({ peer }) => peer === 'liar')!
    const effects = desk.fails(lie, 'BAD_SIGNATURE', { fault: 'peer' })
    expect(desk.only('drop', effects)).toEqual([{ type: 'drop', peer: 'liar', ledger: L, code: 'BAD_SIGNATURE' }])
    expect(desk.only('discard', effects)).toHaveLength(3)
    const done = new Set<number>()
    for (let turn = 0; turn < 20; turn++) {
      for (const fetch of desk.only('fetch-range'))
        if (fetch.peer === 'honest' && !done.has(fetch.fetch)) {
          done.add(fetch.fetch)
          desk.arrives(fetch)
        }
      for (const store of desk.only('store'))
        if (!done.has(-store.fetch)) {
          done.add(-store.fetch)
          const fetch = desk.only('fetch-range').find((each) => each.fetch === store.fetch)!
          desk.stores(store, fetch.from + fetch.count)
        }
    }
    expect(desk.status(L)).toEqual({ status: 'synced', size: 2000 })
  })

  test('it is not asked for this ledger for ten minutes, even if it comes back and claims more', () => {
    const desk = pulling(L, ['liar'], 100)
    desk.fails(desk.only('fetch-range')[0]!, 'MALFORMED', { fault: 'peer' })
    desk.on({ type: 'disconnected', peer: 'liar' })
    desk.on({ type: 'connected', peer: 'liar' })
    const before = desk.log.length
    desk.has('liar', L, 2 ** 53)
    desk.announce('liar', L, 101)
    desk.wait(500_000)
    expect(desk.log.slice(before).filter(({ type }) => type === 'fetch-range' || type === 'fetch-head')).toEqual([])
    desk.wait(200_000)
    // At once, or when it has been given a rest for not answering our question for its head.
    expect(desk.only('fetch-range', [...desk.has('liar', L, 100), ...desk.wait(61_000)])).toHaveLength(1)
  })

  test('its claim goes with it: others decide how far the ledger reaches', () => {
    const desk = pulling(L, ['honest'], 10, 10)
    desk.on({ type: 'connected', peer: 'liar' })
    const [fetch] = desk.only('fetch-range', desk.has('liar', L, 2 ** 53))
    desk.fails(fetch!, 'WRONG_LEDGER', { fault: 'peer' })
    expect(desk.status(L)).toEqual({ status: 'synced', size: 10 })
  })

  test('a head that it could not have got honestly costs the same', () => {
    const desk = new Desk()
    desk.follow(L)
    desk.on({ type: 'connected', peer: 'liar' })
    expect(
      desk.only(
        'drop',
        desk.on({ type: 'heads-failed', peer: 'liar', ledgers: [L], code: 'BAD_SIGNATURE', fault: 'peer' })
      )
    ).toHaveLength(1)
  })

  test('heads of impossible sizes say nothing', () => {
    const desk = new Desk()
    desk.follow(L)
    desk.on({ type: 'connected', peer: 'p' })
    for (const size of [0, -1, NaN, 1.5, Infinity]) expect(desk.only('fetch-range', desk.has('p', L, size))).toEqual([])
  })
})

describe('when a peer fails', () => {
  test('another one is asked at once', () => {
    const desk = pulling(L, ['a', 'b'], 100)
    const [fetch] = desk.only('fetch-range')
    const [again] = desk.only('fetch-range', desk.fails(fetch!, 'TIMEOUT'))
    expect(again).toMatchObject({ from: 0, count: 100 })
    expect(again!.peer).not.toBe(fetch!.peer)
  })

  test('the only one is asked again later and later, with jitter, at most a minute apart', () => {
    const desk = pulling(L, ['p'], 100)
    const waits: number[] = []
    let [fetch] = desk.only('fetch-range')
    for (let turn = 0; turn < 12; turn++) {
      const before = desk.now
      let [again] = desk.only('fetch-range', desk.fails(fetch!, 'TIMEOUT'))
      while (again === undefined) {
        ;[again] = desk.only('fetch-range', desk.wait(100))
        desk.has('p', L, 100)
      }
      waits.push(desk.now - before)
      fetch = again
    }
    expect(waits[0]).toBeLessThanOrEqual(1100)
    for (const [turn, wait] of waits.entries())
      expect(wait).toBeGreaterThanOrEqual(Math.min(60_000, 1000 * 2 ** turn) / 2)
    for (const wait of waits) expect(wait).toBeLessThanOrEqual(60_100)
  })

  test('one that is busy is asked again when it said, and has not failed', () => {
    const desk = pulling(L, ['p'], 100)
    desk.fails(desk.only('fetch-range')[0]!, 'OVERLOADED', { retryMs: 3000 })
    expect(desk.only('fetch-range', desk.wait(2999))).toEqual([])
    expect(desk.only('fetch-range', desk.wait(1))).toHaveLength(1)
    expect(desk.sync.details(L, desk.now)!.peers[0]!.failures).toBe(0)
  })

  test('a peer that is busy with ranges is still asked for its heads, and so for evidence', () => {
    const desk = pulling(L, ['p'], 100)
    desk.fails(desk.only('fetch-range')[0]!, 'OVERLOADED', { retryMs: 30_000 })
    const effects = desk.on({ type: 'pull-requested', ledger: L })
    expect(desk.only('fetch-range', effects)).toEqual([])
    expect(desk.only('fetch-head', effects)).toHaveLength(1)
  })

  test('one that is busy for a year is asked again within a minute', () => {
    const desk = pulling(L, ['p'], 100)
    desk.fails(desk.only('fetch-range')[0]!, 'OVERLOADED', { retryMs: 3e10 })
    expect(desk.only('fetch-range', desk.wait(60_000))).toHaveLength(1)
  })

  test('one that is too busy for a head exchange is asked again when it said, at most a minute later', () => {
    for (const [retryMs, waits] of [
      [3000, 3000],
      [3e10, 60_000]
    ] as const) {
      const desk = new Desk()
      desk.follow(L)
      desk.on({ type: 'connected', peer: 'p' })
      desk.on({ type: 'heads-failed', peer: 'p', ledgers: [L], code: 'OVERLOADED', fault: 'none', retryMs })
      expect(desk.only('fetch-head', desk.wait(waits - 1))).toEqual([])
      expect(desk.only('fetch-head', desk.wait(1))).toHaveLength(1)
    }
  })

  test('one that lacks the range is believed: it is asked for what it has', () => {
    const desk = pulling(L, ['p'], 1000)
    const [first] = desk.only('fetch-range').sort((a, b) => a.from - b.from)
    desk.fails(first!, 'NOT_FOUND', { available: { earliest: 0, size: 40 } })
    expect(desk.only('fetch-range', desk.wait(5000))).toMatchObject([{ from: 0, count: 40 }])
  })

  test('a pruned one is not asked below what it kept', () => {
    const desk = pulling(L, ['p'], 400)
    desk.fails(desk.only('fetch-range')[0]!, 'NOT_FOUND', { available: { earliest: 300, size: 400 } })
    const asked = desk.only('fetch-range', desk.wait(60_000))
    for (const { from } of asked) expect(from).toBeGreaterThanOrEqual(300)
    expect(desk.word(L)).toBe('HEAD_UNBACKED')
  })

  test('a slow one is overtaken by another, and asked for less from then on', () => {
    const desk = pulling(L, ['a', 'b'], 300)
    const [slow] = desk.only('fetch-range')
    const effects = desk.wait(20_000)
    expect(desk.only('discard', effects)).toEqual([{ type: 'discard', fetch: slow!.fetch }])
    const [swapped] = desk.only('fetch-range', effects)
    expect(swapped).toMatchObject({ from: 0, count: 256 })
    expect(swapped!.peer).not.toBe(slow!.peer)
  })

  test('a slow one that is the only one is waited for', () => {
    const desk = pulling(L, ['a'], 300)
    expect(desk.only('discard', desk.wait(120_000))).toEqual([])
    expect(desk.only('discard', desk.wait(40_000))).toHaveLength(1)
  })

  test('a dead one does not stall the others', () => {
    const desk = pulling(L, ['dead', 'alive'], 5000)
    const answered = new Set<number>()
    for (let turn = 0; turn < 200 && desk.word(L) !== 'synced'; turn++) {
      for (const fetch of desk.only('fetch-range')) {
        if (fetch.peer === 'alive' && !answered.has(fetch.fetch)) {
          answered.add(fetch.fetch)
          desk.arrives(fetch)
        }
      }
      for (const store of desk.only('store')) {
        const fetch = desk.only('fetch-range').find((each) => each.fetch === store.fetch)!
        if (!answered.has(-store.fetch)) {
          answered.add(-store.fetch)
          desk.stores(store, fetch.from + fetch.count)
        }
      }
      desk.wait(1000)
      desk.has('alive', L, 5000)
    }
    expect(desk.status(L)).toEqual({ status: 'synced', size: 5000 })
    expect(desk.now - START).toBeLessThan(100_000)
  })

  test('reconnecting does not wipe out its failures', () => {
    const desk = pulling(L, ['p'], 100)
    for (let turn = 0; turn < 5; turn++) {
      const [fetch] = desk.only('fetch-range').slice(-1)
      desk.fails(fetch!, 'TIMEOUT')
      desk.wait(60_000)
    }
    desk.fails(desk.only('fetch-range').at(-1)!, 'TIMEOUT')
    desk.on({ type: 'disconnected', peer: 'p' })
    desk.on({ type: 'connected', peer: 'p' })
    expect(desk.only('fetch-range', desk.has('p', L, 100))).toEqual([])
  })

  test('what was in flight when it left is asked of another', () => {
    const desk = pulling(L, ['a', 'b'], 100)
    const [fetch] = desk.only('fetch-range')
    const effects = desk.on({ type: 'disconnected', peer: fetch!.peer })
    expect(desk.only('discard', effects)).toEqual([{ type: 'discard', fetch: fetch!.fetch }])
    expect(desk.only('fetch-range', effects)).toMatchObject([{ from: 0, count: 100 }])
  })

  test('an unanswered question for heads is asked again', () => {
    const desk = new Desk()
    desk.follow(L)
    desk.on({ type: 'connected', peer: 'p' })
    expect(desk.only('fetch-head', desk.wait(29_000))).toEqual([])
    expect(desk.only('fetch-head', desk.wait(3_000))).toHaveLength(1)
  })
})

describe('when our disk fails', () => {
  test('it is a stall of its own, nothing is fetched meanwhile, and it is tried again', () => {
    const desk = pulling(L, ['p'], 100)
    const [store] = desk.only('store', desk.arrives(desk.only('fetch-range')[0]!))
    const effects = desk.on({ type: 'store-failed', ledger: L, fetch: store!.fetch, code: 'STORE_FAILED' })
    expect(desk.only('fetch-range', effects)).toEqual([])
    expect(desk.word(L)).toBe('STORE_FAILED')
    const [again] = desk.only('fetch-range', desk.wait(1500))
    const [retry] = desk.only('store', desk.arrives(again!))
    desk.stores(retry!, 100)
    expect(desk.word(L)).toBe('synced')
  })
})
