import { describe, expect, test } from 'vitest'
import { STALL_SENTENCES } from '../../src/sync/stall-codes.js'
import { Desk, hash, START } from './desk.js'
import { DEFAULT_LIMITS } from '../../src/sync/limits.js'

const L = 'ledger'

describe('the status', () => {
  test('is syncing for half a minute, then says that nobody has it', () => {
    const desk = new Desk()
    desk.follow(L)
    expect(desk.status(L)).toEqual({ status: 'syncing', size: 0, target: 0 })
    desk.wait(29_999)
    expect(desk.word(L)).toBe('syncing')
    desk.wait(1)
    expect(desk.status(L)).toMatchObject({ status: 'stalled', code: 'NO_PEERS', since: START })
  })

  test('is not synced before a peer confirmed our head', () => {
    const desk = new Desk()
    desk.follow(L, 10)
    expect(desk.word(L)).toBe('syncing')
    desk.on({ type: 'connected', peer: 'p' })
    expect(desk.word(L)).toBe('syncing')
    desk.has('p', L, 9)
    expect(desk.word(L)).toBe('syncing')
    desk.has('p', L, 10)
    expect(desk.status(L)).toEqual({ status: 'synced', size: 10 })
  })

  test('is confirmed by an announcement too', () => {
    const desk = new Desk()
    desk.follow(L, 10)
    desk.on({ type: 'connected', peer: 'p' })
    desk.announce('p', L, 10)
    expect(desk.word(L)).toBe('synced')
  })

  test('does not stay synced when everybody is gone', () => {
    const desk = new Desk()
    desk.follow(L, 10)
    desk.on({ type: 'connected', peer: 'p' })
    desk.has('p', L, 10)
    desk.on({ type: 'disconnected', peer: 'p' })
    desk.wait(179_000)
    expect(desk.word(L)).toBe('synced')
    desk.wait(31_000)
    expect(desk.word(L)).toBe('NO_PEERS')
    expect(desk.only('dial').length).toBeGreaterThan(1)
  })

  test('names a signed head that nobody backs', () => {
    const desk = new Desk()
    desk.follow(L, 10)
    desk.on({ type: 'connected', peer: 'p' })
    desk.has('p', L, 10)
    const [fetch] = desk.only('fetch-range', desk.announce('p', L, 20))
    desk.fails(fetch!, 'NOT_FOUND', { available: { earliest: 0, size: 10 } })
    for (let second = 0; second < 30; second++) {
      desk.has('p', L, 10)
      desk.wait(1000)
    }
    expect(desk.status(L)).toMatchObject({ code: 'HEAD_UNBACKED', since: START })
    expect((desk.status(L) as { next: number }).next).toBeGreaterThanOrEqual(desk.now)
    expect(desk.only('fetch-head').length).toBeGreaterThan(5)
    expect(desk.only('fetch-head').length).toBeLessThan(15)
  })

  test('says that all peers fail, also when they send wrong data', () => {
    const desk = new Desk()
    desk.follow(L)
    desk.on({ type: 'connected', peer: 'p' })
    desk.fails(desk.only('fetch-range', desk.has('p', L, 10))[0]!, 'TIMEOUT')
    desk.wait(10_000)
    expect(desk.word(L)).toBe('syncing')
    desk.wait(20_000)
    expect(desk.word(L)).toBe('PEERS_FAILING')
    desk.fails(desk.only('fetch-range').at(-1)!, 'MALFORMED', { fault: 'peer' })
    expect(desk.word(L)).toBe('PEERS_FAILING')
  })

  test('says that everybody refuses us', () => {
    const desk = new Desk()
    desk.follow(L)
    desk.on({ type: 'connected', peer: 'p' })
    desk.on({ type: 'heads', peer: 'p', heads: [], none: [], denied: [L] })
    desk.on({ type: 'connected', peer: 'q' })
    desk.fails(desk.only('fetch-range', desk.has('q', L, 10))[0]!, 'REFUSED')
    desk.wait(30_000)
    expect(desk.word(L)).toBe('DENIED')
    expect(desk.only('dial').length).toBeGreaterThan(0)
  })

  test('says that an upgrade is needed only if all who have more say so: anybody can make up a version', () => {
    const desk = new Desk()
    desk.follow(L)
    for (const peer of ['p', 'q']) {
      desk.on({ type: 'connected', peer })
      desk.has(peer, L, 10)
    }
    desk.fails(desk.only('fetch-range')[0]!, 'UPGRADE_NEEDED')
    desk.wait(1)
    expect(desk.word(L)).toBe('syncing')
    let asked = 1
    for (let second = 0; second < 30; second++) {
      for (; asked < desk.only('fetch-range').length; asked++)
        desk.fails(desk.only('fetch-range')[asked]!, 'UPGRADE_NEEDED')
      desk.wait(1000)
    }
    expect(desk.word(L)).toBe('UPGRADE_NEEDED')
    expect(desk.only('fetch-range').length).toBeGreaterThan(2)
  })

  test('ends for good at the genesis of another network', () => {
    const desk = new Desk()
    desk.follow(L)
    desk.on({ type: 'connected', peer: 'p' })
    desk.fails(desk.only('fetch-range', desk.has('p', L, 10))[0]!, 'WRONG_NETWORK')
    expect(desk.status(L)).toMatchObject({ code: 'WRONG_NETWORK', next: null })
    const before = desk.log.length
    desk.has('p', L, 20)
    desk.wait(200_000)
    expect(desk.log.slice(before).filter(({ type }) => type === 'fetch-range' || type === 'dial')).toEqual([])
  })

  test('is paused until it is resumed; what was under way is forgotten', () => {
    const desk = new Desk()
    desk.follow(L)
    desk.on({ type: 'connected', peer: 'p' })
    const [fetch] = desk.only('fetch-range', desk.has('p', L, 10))
    expect(desk.on({ type: 'paused', ledger: L })).toContainEqual({ type: 'discard', fetch: fetch!.fetch })
    expect(desk.status(L)).toMatchObject({ code: 'PAUSED', since: START, next: null })
    expect(desk.only('fetch-range', desk.wait(30_000))).toEqual([])
    const effects = desk.on({ type: 'resumed', ledger: L })
    expect(desk.only('fetch-head', effects)).toHaveLength(1)
    expect(desk.only('fetch-range', effects)).toHaveLength(1)
    expect(desk.word(L)).toBe('syncing')
  })

  test.each(['PAUSED', 'UNTRUSTED'] as const)('hears of heads, and so of evidence, while it is %s', (code) => {
    const desk = new Desk()
    desk.follow(L)
    desk.on({ type: 'paused', ledger: L, code })
    desk.on({ type: 'connected', peer: 'p' })
    expect(desk.only('fetch-head').map(({ ledgers }) => ledgers)).toEqual([[{ ledger: L, size: 0 }]])
    desk.has('p', L, 10)
    expect(desk.only('fetch-head', desk.wait(100_000)).length).toBeGreaterThan(0)
    expect(desk.only('fetch-range')).toEqual([])
    expect(desk.word(L)).toBe(code)
  })

  test('stays RESTORING while the own ledger is pulled back, until the word comes that it is', () => {
    const desk = new Desk()
    desk.on({ type: 'followed', ledger: L, size: 5, headHash: hash(4), stall: 'RESTORING' })
    desk.on({ type: 'connected', peer: 'p' })
    const [store] = desk.only('store', desk.arrives(desk.only('fetch-range', desk.has('p', L, 10))[0]!))
    desk.stores(store!, 10)
    expect(desk.word(L)).toBe('RESTORING')
    desk.on({ type: 'resumed', ledger: L })
    expect(desk.word(L)).toBe('synced')
  })

  test('does not hide missing payloads', () => {
    const desk = new Desk()
    desk.follow(L, 10)
    desk.on({ type: 'connected', peer: 'p' })
    desk.has('p', L, 10)
    desk.on({ type: 'payloads-missing', ledger: L, missing: 3, asked: true })
    expect(desk.word(L)).toBe('PAYLOADS_MISSING')
    desk.on({ type: 'payloads-missing', ledger: L, missing: 0, asked: true })
    expect(desk.word(L)).toBe('synced')
  })

  test('does not stall for payloads before somebody was asked for them, nor for ever after', () => {
    const desk = new Desk()
    desk.follow(L, 10)
    desk.on({ type: 'payloads-missing', ledger: L, missing: 3, asked: false })
    desk.on({ type: 'connected', peer: 'p' })
    desk.has('p', L, 10)
    expect(desk.word(L)).toBe('syncing')
    desk.on({ type: 'payloads-missing', ledger: L, missing: 3, asked: false })
    desk.wait(DEFAULT_LIMITS.stallMs - 1)
    desk.has('p', L, 10)
    expect(desk.word(L)).toBe('syncing')
    desk.wait(1)
    expect(desk.word(L)).toBe('PAYLOADS_MISSING')
    desk.on({ type: 'pull-requested', ledger: L })
    desk.has('p', L, 10)
    expect(desk.word(L)).toBe('syncing')
    desk.on({ type: 'payloads-missing', ledger: L, missing: 3, asked: true })
    expect(desk.word(L)).toBe('PAYLOADS_MISSING')
  })

  test('is null for what is not followed, and every code has a sentence', () => {
    const desk = new Desk()
    desk.follow(L)
    desk.on({ type: 'unfollowed', ledger: L })
    expect(desk.sync.status(L, desk.now)).toBeNull()
    expect(desk.sync.details(L, desk.now)).toBeNull()
    expect(desk.sync.list()).toEqual([])
    for (const sentence of Object.values(STALL_SENTENCES)) expect(sentence).toMatch(/\.$/)
  })
})

describe('looking for peers', () => {
  test('begins at once when no peers are connected, and slows down to once a minute', () => {
    const desk = new Desk()
    expect(desk.only('dial', desk.follow(L))).toHaveLength(1)
    expect(desk.only('dial', desk.wait(60_000)).length).toBeGreaterThanOrEqual(5)
    const later = desk.only('dial', desk.wait(600_000)).length
    expect(later).toBeGreaterThanOrEqual(9)
    expect(later).toBeLessThanOrEqual(21)
  })

  test('gives those who are connected a moment to answer', () => {
    const desk = new Desk()
    desk.on({ type: 'connected', peer: 'p' })
    expect(desk.only('dial', desk.follow(L))).toEqual([])
    desk.has('p', L, 5)
    expect(desk.only('dial', desk.wait(20_000))).toEqual([])
  })

  test('goes on after ten minutes offline: the first connection brings everything', () => {
    const desk = new Desk()
    desk.follow(L)
    desk.wait(600_000)
    expect(desk.only('fetch-head', desk.on({ type: 'connected', peer: 'p' }))).toHaveLength(1)
    expect(desk.only('fetch-range', desk.has('p', L, 5))).toHaveLength(1)
    expect(desk.word(L)).toBe('syncing')
  })

  test('never dials for thousands of ledgers at once', () => {
    const desk = new Desk()
    let atOnce = 0
    for (let n = 0; n < 5000; n++) atOnce += desk.only('dial', desk.follow(`ledger-${n}`)).length
    expect(atOnce).toBeLessThanOrEqual(16)
    const perSecond = desk.only('dial', desk.wait(60_000)).length / 60
    expect(perSecond).toBeLessThanOrEqual(21)
    expect(new Set(desk.only('dial').map(({ ledger }) => ledger)).size).toBeGreaterThan(1000)
  })

  test('an operator who wants it now gets it now, and is not told synced before somebody answered', () => {
    const desk = new Desk()
    desk.follow(L, 5)
    desk.on({ type: 'connected', peer: 'p' })
    desk.has('p', L, 5)
    expect(desk.word(L)).toBe('synced')
    desk.wait(100)
    expect(desk.only('fetch-head', desk.on({ type: 'pull-requested', ledger: L }))).toHaveLength(1)
    expect(desk.word(L)).toBe('syncing')
    desk.has('p', L, 5)
    expect(desk.word(L)).toBe('synced')
  })

  test('asking for it again and again does not hide a stall', () => {
    const desk = new Desk()
    desk.follow(L, 5)
    const words: string[] = []
    for (let second = 0; second < 40; second++) {
      desk.on({ type: 'pull-requested', ledger: L })
      desk.wait(1000)
      words.push(desk.word(L))
    }
    expect(words[28]).toBe('syncing')
    expect(words).toContain('NO_PEERS')
    expect(desk.only('dial').length).toBeLessThanOrEqual(50)
  })
})

describe('with ten thousand followed ledgers', () => {
  test('an event costs what it touches, not what is followed', () => {
    const time = (ledgers: number): number => {
      const desk = new Desk()
      for (let n = 0; n < ledgers; n++) desk.follow(`ledger-${n}`, 10)
      desk.on({ type: 'connected', peer: 'p' })
      desk.wait(1)
      const started = performance.now()
      for (let n = 0; n < 3000; n++) desk.announce('p', 'ledger-7', 10)
      return performance.now() - started
    }
    time(100)
    expect(time(10_000)).toBeLessThan(20 * time(100) + 50)
  })

  test('wake-at is said only when the next deadline changes', () => {
    const desk = new Desk()
    desk.follow(L, 10)
    desk.on({ type: 'connected', peer: 'p' })
    desk.has('p', L, 10)
    const before = desk.only('wake-at').length
    for (let n = 0; n < 100; n++) desk.has('p', L, 10)
    expect(desk.only('wake-at').length - before).toBeLessThanOrEqual(1)
  })
})
