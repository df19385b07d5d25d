import { describe, expect, test } from 'vitest'
import { hash, pulling, START } from './desk.js'

const L = 'ledger'

describe('when histories differ', () => {
  test('a batch that does not continue ours makes us look for the fork, and ask others meanwhile', () => {
    const desk = pulling(L, ['a', 'b'], 60, 50)
    const [fetch] = desk.only('fetch-range')
    const [store] = desk.only('store', desk.arrives(fetch!))
    const effects = desk.on({ type: 'store-failed', ledger: L, fetch: store!.fetch, code: 'BROKEN_LINK' })
    expect(desk.only('find-fork', effects)).toEqual([{ type: 'find-fork', ledger: L, peer: fetch!.peer, before: 50 }])
    const [other] = desk.only('fetch-range', effects)
    expect(other).toMatchObject({ from: 50 })
    expect(other!.peer).not.toBe(fetch!.peer)
  })

  test('a head as long as ours with another hash makes us look for the fork', () => {
    const desk = pulling(L, ['a'], 50, 50)
    desk.on({ type: 'connected', peer: 'b' })
    expect(desk.only('find-fork', desk.has('b', L, 50, 'b'))).toEqual([
      { type: 'find-fork', ledger: L, peer: 'b', before: 50 }
    ])
  })

  test('so does one that was heard before we were that long', () => {
    const desk = pulling(L, ['a'], 50, 40)
    desk.on({ type: 'connected', peer: 'b' })
    desk.has('b', L, 50, 'b')
    const [store] = desk.only('store', desk.arrives(desk.only('fetch-range')[0]!))
    expect(desk.only('find-fork', desk.stores(store!, 50))).toMatchObject([{ peer: 'b', before: 50 }])
  })

  test('evidence freezes: batches above it are forgotten, what is below is still fetched, then only heads are exchanged', () => {
    const desk = pulling(L, ['a', 'b'], 2000)
    desk.on({ type: 'evidence', ledger: L, size: 600 })
    expect(desk.word(L)).toBe('FROZEN')
    const open = desk
      .only('fetch-range')
      .filter(({ fetch }) => !desk.only('discard').some((gone) => gone.fetch === fetch))
    for (const { from, count } of open) expect(from + count).toBeLessThanOrEqual(600)
    for (const fetch of open) desk.arrives(fetch)
    for (const store of desk.only('store')) {
      const fetch = desk.only('fetch-range').find((each) => each.fetch === store.fetch)!
      desk.stores(store, fetch.from + fetch.count)
    }
    for (const store of desk.only('store').slice(1)) desk.stores(store, 600)
    expect(desk.status(L)).toEqual({ status: 'stalled', size: 600, code: 'FROZEN', since: START, next: null })
    const before = desk.log.length
    desk.announce('a', L, 3000)
    desk.wait(1_000_000)
    expect(new Set(desk.log.slice(before).map(({ type }) => type))).toEqual(new Set(['wake-at', 'fetch-head']))
  })

  test('no fork found: the peer waits, another is asked', () => {
    const desk = pulling(L, ['a'], 60, 50)
    const [store] = desk.only('store', desk.arrives(desk.only('fetch-range')[0]!))
    desk.on({ type: 'store-failed', ledger: L, fetch: store!.fetch, code: 'BROKEN_LINK' })
    expect(desk.only('fetch-range', desk.on({ type: 'fork-not-found', ledger: L, peer: 'a', fault: 'none' }))).toEqual(
      []
    )
    expect(desk.only('fetch-range', desk.wait(2000))).toHaveLength(1)
  })

  test("a fork that the author did not sign is the peer's forgery", () => {
    const desk = pulling(L, ['a'], 60, 50)
    const [store] = desk.only('store', desk.arrives(desk.only('fetch-range')[0]!))
    desk.on({ type: 'store-failed', ledger: L, fetch: store!.fetch, code: 'BROKEN_LINK' })
    expect(desk.only('drop', desk.on({ type: 'fork-not-found', ledger: L, peer: 'a', fault: 'peer' }))).toHaveLength(1)
  })

  test("entries by a stranger's key that no fork explains are the peer's forgery", () => {
    const desk = pulling(L, ['a'], 60, 50)
    const [store] = desk.only('store', desk.arrives(desk.only('fetch-range')[0]!))
    desk.on({ type: 'store-failed', ledger: L, fetch: store!.fetch, code: 'KEY_NOT_IN_FORCE' })
    const effects = desk.on({ type: 'fork-not-found', ledger: L, peer: 'a', fault: 'none' })
    expect(desk.only('drop', effects)).toEqual([{ type: 'drop', peer: 'a', ledger: L, code: 'KEY_NOT_IN_FORCE' }])
  })

  test('peers of another branch are searched one after the other', () => {
    const desk = pulling(L, ['a'], 50, 50)
    for (const peer of ['b', 'c']) {
      desk.on({ type: 'connected', peer })
      desk.has(peer, L, 50, peer)
    }
    expect(desk.only('find-fork')).toHaveLength(1)
    expect(
      desk.only('find-fork', desk.on({ type: 'fork-not-found', ledger: L, peer: 'b', fault: 'none' }))
    ).toMatchObject([{ peer: 'c' }])
  })

  test('a search without an answer ends; the next one begins', () => {
    const desk = pulling(L, ['a'], 50, 50)
    for (const peer of ['b', 'c']) {
      desk.on({ type: 'connected', peer })
      desk.has(peer, L, 50, peer)
    }
    expect(desk.only('find-fork', desk.wait(150_000)).map(({ peer }) => peer)).toContain('c')
  })

  test('an answer to a search that nobody asked for changes nothing', () => {
    const desk = pulling(L, ['a'], 50, 50)
    expect(desk.on({ type: 'fork-not-found', ledger: L, peer: 'a', fault: 'peer' })).toEqual([])
    expect(desk.on({ type: 'stored', ledger: 'other', fetch: 99, size: 3, headHash: hash(2) })).toEqual([])
  })
})

test('a frozen ledger is asked for at every exchange, also of who showed only the other history (simulator: a fork long ago, seed 1900)', () => {
  const desk = pulling(L, ['a'], 50, 50)
  desk.on({ type: 'evidence', ledger: L, size: 40 })
  desk.on({ type: 'heads', peer: 'a', heads: [], none: [L], denied: [] })
  const before = desk.log.length
  for (let minute = 0; minute < 4; minute++) {
    desk.wait(75_000)
    desk.on({ type: 'heads', peer: 'a', heads: [], none: [L], denied: [] })
  }
  expect(desk.only('fetch-head', desk.log.slice(before)).length).toBeGreaterThanOrEqual(4)
})
