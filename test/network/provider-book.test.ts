/** Whose provider records are kept when there are more than places (FAULTS S7, R7). */
import { describe, expect, test } from 'vitest'
import { ProviderBook, type Rank } from '../../src/network/dht/provider-book.js'

const HOUR = 3_600_000
const ranks = new Map<string, Rank>()
const bookOf = (bounds = {}): ProviderBook =>
  new ProviderBook({ self: 'self', rankOf: (peer) => ranks.get(peer) ?? 1, bounds })
const known = (): boolean => true
/** Tells records of `count` new ids from one address; how many were taken. */
let ids = 0
function flood(
  book: ProviderBook,
  {
    key = 'KEY',
    count,
    host,
    now = 0,
    rank = 1
  }: { key?: string; count: number; host: (i: number) => string; now?: number; rank?: Rank }
): number {
  let taken = 0
  for (let i = 0; i < count; i++) {
    const peer = `sybil${ids++}`
    ranks.set(peer, rank)
    if (book.put({ key, peer }, host(i), now) !== null) taken++
  }
  return taken
}

describe('provider records', () => {
  test('ids of one host have few places for a key, however many they are', () => {
    for (const [host, places] of [
      [(i: number) => `1.2.3.${i % 256}`, 8],
      [(i: number) => `::ffff:1.2.3.${i % 256}`, 8],
      [(i: number) => `2a00:1:2:3::${i.toString(16)}`, 8],
      [(i: number) => `2a00:1:2:${(i % 256).toString(16)}::1`, 12],
      [(i: number) => `2a00:1:2:${i.toString(16)}::1`, 16]
    ] as const)
      expect(flood(bookOf(), { count: 2_000, host })).toBe(places)
  })

  test('whoever has to do with this node, and whoever comes from elsewhere, gets a place in a crowd; the own record always', () => {
    const book = bookOf()
    expect(flood(book, { count: 1_000, host: (i) => `1.2.${i % 8}.1` })).toBe(64)
    expect(flood(book, { count: 1, host: () => '9.9.9.9' })).toBe(1)
    expect(flood(book, { count: 1, host: () => '1.2.3.4' })).toBe(0)
    expect(flood(book, { count: 1, host: () => '1.2.3.4', rank: 2 })).toBe(1)
    expect(book.put({ key: 'KEY', peer: 'self' }, null, 0)).toEqual([])
    expect(book.size).toBe(64)
    expect(book.answer('KEY', 0, known).slice(0, 2)).toEqual(['self', `sybil${ids - 1}`])
  })

  test('who has left makes room for who is there', () => {
    const book = bookOf()
    flood(book, { count: 64, host: (i) => `1.2.${i % 8}.1` })
    for (const peer of ranks.keys()) ranks.set(peer, 0)
    expect(flood(book, { count: 8, host: () => '1.2.3.4' })).toBe(8)
    expect(book.size).toBe(64)
  })

  test('an answer names all hosts before it names one twice', () => {
    const book = bookOf()
    flood(book, { count: 56, host: (i) => `1.2.${i % 7}.1` })
    flood(book, { count: 1, host: () => '9.9.9.9' })
    ranks.set('late', 0)
    expect(book.put({ key: 'KEY', peer: 'late' }, '8.8.8.8', 0)).toEqual([])
    const answer = book.answer('KEY', 0, known)
    expect(answer).toHaveLength(20)
    expect(answer).toContain('late')
    expect(answer).toContain(`sybil${ids - 1}`)
    expect(book.answer('KEY', 0, (peer) => peer === 'late')).toEqual(['late'])
  })

  test('they are gone after two hours, and can be told again', () => {
    const book = bookOf()
    expect(book.put({ key: 'KEY', peer: 'a' }, '1.1.1.1', 0)).toEqual([])
    expect(book.answer('KEY', 2 * HOUR - 1, known)).toEqual(['a'])
    expect(book.answer('KEY', 2 * HOUR, known)).toEqual([])
    book.put({ key: 'KEY', peer: 'a' }, '1.1.1.1', HOUR)
    expect(book.answer('KEY', 2 * HOUR, known)).toEqual(['a'])
    // Who is there keeps his place though his new host has none.
    flood(book, { count: 8, host: () => '2.2.2.2', now: HOUR })
    expect(book.put({ key: 'KEY', peer: 'a' }, '2.2.2.3', 2 * HOUR)).toEqual([])
    expect(book.answer('KEY', 3 * HOUR - 1, known)).toContain('a')
    book.delete({ key: 'KEY', peer: 'a' })
    expect(book.answer('KEY', 2 * HOUR, known)).not.toContain('a')
  })

  test('of all keys together: a peer, a host and all of them are bounded; a full table lets in who comes from elsewhere, quickly', () => {
    const book = bookOf()
    const before = performance.now()
    let own = 0
    for (let i = 0; i < 3_000; i++) if (book.put({ key: `K${i}`, peer: 'greedy' }, '1.1.1.1', 0) !== null) own++
    expect(own).toBe(1_024)
    let taken = 0
    for (let i = 0; i < 5_000; i++) taken += flood(book, { key: `H${i}`, count: 1, host: () => '2.2.2.2' })
    expect(taken).toBe(8 * 256)
    for (let i = 0; i < 25_000; i++) flood(book, { key: `F${i}`, count: 1, host: (n) => `3.${i % 10}.${n}.1` })
    expect(book.size).toBeLessThanOrEqual(20_000)
    expect(book.size).toBeGreaterThan(19_000)
    let honest = 0
    for (let i = 0; i < 1_000; i++) honest += flood(book, { key: `K${i}`, count: 1, host: () => `4.${i % 50}.1.1` })
    expect(honest).toBe(1_000)
    expect(performance.now() - before).toBeLessThan(5_000)
  })
})
