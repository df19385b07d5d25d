import { describe, expect, test } from 'vitest'
import { Desk, hash, pulling } from './desk.js'

const L = 'ledger'

function ranges(effects: { from: number; count: number }[]): [number, number][] {
  return effects.map(({ from, count }): [number, number] => [from, count]).sort(([a], [b]) => a - b)
}

describe('a pull', () => {
  test('asks a new peer for the heads of all that is followed, 512 at a time, one question after the other', () => {
    const desk = new Desk()
    for (let n = 0; n < 1030; n++) desk.follow(`ledger-${n}`)
    const [first, ...more] = desk.only('fetch-head', desk.on({ type: 'connected', peer: 'p' }))
    expect(first?.ledgers).toHaveLength(512)
    expect(more).toEqual([])
    const none = (asked: { ledger: string }[]): string[] => asked.map(({ ledger }) => ledger)
    const second = desk.only(
      'fetch-head',
      desk.on({ type: 'heads', peer: 'p', heads: [], none: none(first!.ledgers), denied: [] })
    )[0]!
    expect(second.ledgers).toHaveLength(512)
    const third = desk.only(
      'fetch-head',
      desk.on({ type: 'heads', peer: 'p', heads: [], none: none(second.ledgers), denied: [] })
    )[0]!
    expect(third.ledgers).toHaveLength(6)
    expect(new Set([first!, second, third].flatMap(({ ledgers }) => none(ledgers))).size).toBe(1030)
  })

  test('starts at the genesis when nothing is held', () => {
    const desk = new Desk()
    desk.follow(L)
    desk.on({ type: 'connected', peer: 'p' })
    expect(ranges(desk.only('fetch-range', desk.has('p', L, 10)))).toEqual([[0, 10]])
  })

  test('is planned lazily: a head at 2^53 costs four fetches to its only peer', () => {
    const desk = new Desk()
    desk.follow(L)
    desk.on({ type: 'connected', peer: 'p' })
    expect(ranges(desk.only('fetch-range', desk.has('p', L, 2 ** 53)))).toEqual([
      [0, 512],
      [512, 512],
      [1024, 512],
      [1536, 512]
    ])
    expect(desk.status(L)).toEqual({ status: 'syncing', size: 0, target: 2 ** 53 })
  })

  test('spreads over all peers that have the range, four fetches each, eight batches ahead', () => {
    const desk = new Desk()
    desk.follow(L)
    for (const peer of ['a', 'b', 'c', 'd', 'e', 'f']) {
      desk.on({ type: 'connected', peer })
      desk.has(peer, L, 100_000)
    }
    const fetches = desk.only('fetch-range')
    expect(fetches).toHaveLength(8)
    for (const peer of ['a', 'b']) expect(fetches.filter((fetch) => fetch.peer === peer)).toHaveLength(4)
    expect(ranges(fetches).map(([from]) => from)).toEqual([0, 512, 1024, 1536, 2048, 2560, 3072, 3584])
  })

  test('asks a peer only for what it has', () => {
    const desk = new Desk()
    desk.follow(L)
    for (const peer of ['short', 'long']) desk.on({ type: 'connected', peer })
    desk.has('short', L, 100)
    desk.has('long', L, 2000)
    const ends = desk
      .only('fetch-range')
      .filter(({ peer }) => peer === 'short')
      .map(({ from, count }) => from + count)
    expect(Math.max(...ends)).toBeLessThanOrEqual(100)
  })

  test('stores in order, one at a time, whatever arrives first', () => {
    const desk = new Desk()
    desk.follow(L)
    for (const peer of ['a', 'b']) desk.on({ type: 'connected', peer })
    desk.has('a', L, 1200)
    desk.has('b', L, 1200)
    const [first, second, third] = desk.only('fetch-range').sort((x, y) => x.from - y.from)
    expect(desk.only('store', desk.arrives(third!))).toEqual([])
    expect(desk.only('store', desk.arrives(second!))).toEqual([])
    const [store] = desk.only('store', desk.arrives(first!))
    expect(store?.fetch).toBe(first!.fetch)
    const [next] = desk.only('store', desk.stores(store!, 512))
    expect(next?.fetch).toBe(second!.fetch)
    const [last] = desk.only('store', desk.stores(next!, 1024))
    expect(last?.fetch).toBe(third!.fetch)
    desk.stores(last!, 1200)
    expect(desk.status(L)).toEqual({ status: 'synced', size: 1200 })
  })

  test('asks again for the rest of a short batch', () => {
    const desk = new Desk()
    desk.follow(L)
    desk.on({ type: 'connected', peer: 'p' })
    const [fetch] = desk.only('fetch-range', desk.has('p', L, 400))
    expect(ranges(desk.only('fetch-range', desk.arrives(fetch!, 150)))).toEqual([[150, 250]])
  })

  test('a batch of none, or of more than was asked for, counts for nothing', () => {
    for (const count of [0, -1, 401, NaN]) {
      const desk = new Desk()
      desk.follow(L)
      desk.on({ type: 'connected', peer: 'p' })
      const [fetch] = desk.only('fetch-range', desk.has('p', L, 400))
      const effects = desk.arrives(fetch!, count)
      expect(desk.only('discard', effects)).toEqual([{ type: 'discard', fetch: fetch!.fetch }])
      expect(desk.only('store', effects)).toEqual([])
      expect(desk.only('fetch-range', desk.wait(2000))).toHaveLength(1)
    }
  })

  test('an announced next entry is fetched alone, from whoever forwarded it', () => {
    const desk = new Desk()
    desk.follow(L, 10)
    for (const peer of ['a', 'b']) {
      desk.on({ type: 'connected', peer })
      desk.has(peer, L, 10)
    }
    expect(desk.word(L)).toBe('synced')
    const effects = desk.announce('b', L, 11)
    expect(desk.only('fetch-range', effects)).toMatchObject([{ peer: 'b', from: 10, count: 1 }])
    expect(desk.only('fetch-range', desk.announce('a', L, 11))).toEqual([])
  })

  test('a forwarder that has not got the entry yet: the others are asked at once, and it soon again', () => {
    const desk = new Desk()
    desk.follow(L, 10)
    for (const peer of ['a', 'b']) {
      desk.on({ type: 'connected', peer })
      desk.has(peer, L, 10)
    }
    const [fetch] = desk.only('fetch-range', desk.announce('b', L, 11))
    const effects = desk.fails(fetch!, 'NOT_FOUND', { available: { earliest: 0, size: 10 } })
    expect(desk.only('fetch-head', effects).map(({ peer }) => peer)).toContain('a')
    expect(desk.only('fetch-head', desk.wait(250)).map(({ peer }) => peer)).toContain('b')
    expect(desk.only('fetch-range', desk.has('b', L, 11))).toMatchObject([{ peer: 'b', from: 10, count: 1 }])
  })

  test('heads are exchanged again about every minute, with jitter', () => {
    const desk = new Desk()
    desk.follow(L, 10)
    desk.on({ type: 'connected', peer: 'p' })
    desk.has('p', L, 10)
    const times: number[] = []
    for (let turn = 0; turn < 6; turn++) {
      const before = desk.now
      while (desk.only('fetch-head', desk.wait(1000)).length === 0)
        if (desk.now - before > 100_000) throw new Error('never asked again')
      desk.has('p', L, 10)
      times.push(desk.now - before)
      expect(desk.word(L)).toBe('synced')
    }
    for (const time of times) {
      expect(time).toBeGreaterThanOrEqual(44_000)
      expect(time).toBeLessThanOrEqual(76_000)
    }
    expect(new Set(times).size).toBeGreaterThan(1)
  })

  test('a peer that answered none is left alone while others have it, until it announces', () => {
    const desk = new Desk()
    desk.follow(L, 5)
    for (const peer of ['p', 'q']) desk.on({ type: 'connected', peer })
    desk.on({ type: 'heads', peer: 'p', heads: [], none: [L], denied: [] })
    for (let minute = 0; minute < 5; minute++) {
      desk.has('q', L, 5)
      expect(desk.only('fetch-head', desk.wait(60_000)).filter(({ peer }) => peer === 'p')).toEqual([])
    }
    expect(desk.only('fetch-range', desk.announce('p', L, 6))).toHaveLength(1)
  })

  test('when nobody has it, those who are connected are asked again: they may have got it since', () => {
    const desk = new Desk()
    desk.follow(L, 5)
    desk.on({ type: 'connected', peer: 'p' })
    let asked = 0
    for (let second = 0; second < 120; second++) {
      desk.on({ type: 'heads', peer: 'p', heads: [], none: [L], denied: [] })
      asked += desk.only('fetch-head', desk.wait(1000)).length
    }
    expect(asked).toBeGreaterThanOrEqual(6)
    expect(asked).toBeLessThanOrEqual(12)
  })

  test('a lookup that names a connected peer makes us ask it', () => {
    const desk = new Desk()
    desk.follow(L, 5)
    desk.on({ type: 'connected', peer: 'p' })
    desk.on({ type: 'heads', peer: 'p', heads: [], none: [L], denied: [] })
    expect(desk.only('fetch-head', desk.on({ type: 'found', ledger: L, peer: 'p' }))).toHaveLength(1)
    expect(desk.on({ type: 'found', ledger: L, peer: 'stranger' })).toEqual([])
  })

  test('ledgers take turns: one with a million entries does not keep a small one waiting', () => {
    const desk = new Desk()
    desk.follow('big')
    desk.follow('small')
    desk.on({ type: 'connected', peer: 'p' })
    desk.has('p', 'big', 1_000_000)
    desk.has('p', 'small', 5)
    const [first, second] = desk.only('fetch-range')
    const next = [...desk.arrives(first!), ...desk.arrives(second!)]
    expect(desk.only('fetch-range', next).map(({ ledger }) => ledger)).toEqual(['small', 'big'])
  })

  test('never more than 32 fetches are in flight, and none is forgotten', () => {
    const desk = new Desk()
    for (let n = 0; n < 100; n++) desk.follow(`ledger-${n}`)
    for (let p = 0; p < 40; p++) desk.on({ type: 'connected', peer: `peer-${p}` })
    for (let n = 0; n < 100; n++) for (let p = 0; p < 40; p++) desk.has(`peer-${p}`, `ledger-${n}`, 700)
    const open = desk.only('fetch-range')
    expect(open).toHaveLength(32)
    const sizes = new Map<string, number>()
    for (let turn = 0; turn < 1000 && open.length > 0; turn++) {
      const effects = desk.arrives(open.shift()!)
      for (let [store] = desk.only('store', effects); store !== undefined; [store] = desk.only('store', effects)) {
        const fetch = desk.only('fetch-range').find((each) => each.fetch === store!.fetch)!
        sizes.set(store.ledger, fetch.from + fetch.count)
        effects.splice(effects.indexOf(store), 1)
        effects.push(...desk.stores(store, fetch.from + fetch.count))
      }
      open.push(...desk.only('fetch-range', effects))
      expect(open.length).toBeLessThanOrEqual(32)
    }
    expect(sizes.size).toBe(100)
    for (let n = 0; n < 100; n++) expect(desk.status(`ledger-${n}`)).toEqual({ status: 'synced', size: 700 })
  })

  test('entries that came another way move the pull on, and overlapping batches are forgotten', () => {
    const desk = new Desk()
    desk.follow(L)
    desk.on({ type: 'connected', peer: 'p' })
    const [fetch] = desk.only('fetch-range', desk.has('p', L, 10))
    const effects = desk.on({ type: 'stored', ledger: L, fetch: 0, size: 10, headHash: hash(9) })
    expect(effects).toContainEqual({ type: 'discard', fetch: fetch!.fetch })
    expect(desk.word(L)).toBe('synced')
    expect(desk.only('store', desk.arrives(fetch!))).toEqual([])
  })
})

describe('when all is well', () => {
  test('others who have it are looked up now and then: those who confirm it to each other may all have missed the rest', () => {
    const desk = pulling(L, ['a'], 10, 10)
    const before = desk.log.length
    for (let minute = 0; minute < 20; minute++) {
      desk.has('a', L, 10)
      desk.wait(60_000)
    }
    expect(desk.word(L)).toBe('synced')
    const looks = desk.only('dial', desk.log.slice(before))
    expect(looks.length).toBeGreaterThanOrEqual(2)
    expect(looks.length).toBeLessThanOrEqual(5)
    expect(new Set(looks.map((look) => JSON.stringify(look)))).toEqual(
      new Set([JSON.stringify({ type: 'dial', ledger: L, more: 1 })])
    )
  })

  test('a node that follows a thousand ledgers looks up one in half a minute', () => {
    const desk = new Desk()
    desk.on({ type: 'connected', peer: 'a' })
    const ledgers = Array.from({ length: 1000 }, (_, n) => `ledger ${n}`)
    for (const ledger of ledgers) {
      desk.follow(ledger, 10)
      desk.has('a', ledger, 10)
    }
    const before = desk.log.length
    for (let minute = 0; minute < 10; minute++) {
      for (const ledger of ledgers) desk.has('a', ledger, 10)
      desk.wait(60_000)
    }
    const looks = desk.only('dial', desk.log.slice(before))
    expect(looks.length).toBeGreaterThan(12)
    expect(looks.length).toBeLessThanOrEqual(20)
    expect(new Set(looks.map(({ ledger }) => ledger)).size).toBe(looks.length)
  })
})
