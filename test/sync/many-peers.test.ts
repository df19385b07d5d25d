import { describe, expect, test } from 'vitest'
import { Desk, hash, pulling, type EffectOf } from './desk.js'

const L = 'ledger'

/**
 * Everybody answers at once: those in `holders` that they have `size` entries, the others nothing. Counts the questions
 * about `ledger`.
 */
function live(desk: Desk, minutes: number, holders: Map<string, number>, ledger = L): number {
  let asked = 0
  const answer = ({ peer, ledgers }: EffectOf<'fetch-head'>): EffectOf<'fetch-head'>[] => {
    if (ledgers.some((one) => one.ledger === ledger)) asked++
    const size = holders.get(peer)
    return desk.only(
      'fetch-head',
      desk.on(
        size === undefined
          ? { type: 'heads', peer, heads: [], none: ledgers.map((one) => one.ledger), denied: [] }
          : {
              type: 'heads',
              peer,
              heads: ledgers.map((one) => ({ ledger: one.ledger, size, hash: hash(size - 1) })),
              none: [],
              denied: []
            }
      )
    )
  }
  for (let second = 0; second < minutes * 60; second++) {
    let questions = desk.only('fetch-head', desk.wait(1_000))
    while (questions.length > 0) questions = questions.flatMap(answer)
  }
  return asked
}

describe('with many peers', () => {
  test('a synced ledger is asked about so often, however many are connected', () => {
    const asked = [12, 60].map((count) => {
      const peers = Array.from({ length: count }, (_, n) => `p${n}`)
      const desk = pulling(L, peers, 10, 10)
      const holders = new Map(peers.map((peer) => [peer, 10]))
      live(desk, 2, holders)
      const questions = live(desk, 30, holders)
      expect(desk.word(L)).toBe('synced')
      return questions / 30
    })
    expect(asked[0]).toBeGreaterThan(6)
    expect(asked[1]).toBeLessThan(9)
  })

  test('all of them have their turn', () => {
    const peers = Array.from({ length: 40 }, (_, n) => `p${n}`)
    const desk = pulling(L, peers, 10, 10)
    live(desk, 60, new Map(peers.map((peer) => [peer, 10])))
    const asked = new Set(desk.only('fetch-head').map(({ peer }) => peer))
    expect([...asked].toSorted()).toEqual(peers.toSorted())
  })

  test('those who have nothing are asked rarely, and heard of when they ask', () => {
    const peers = Array.from({ length: 100 }, (_, n) => `p${n}`)
    const desk = pulling(L, ['holder'], 10, 10)
    for (const peer of peers) desk.on({ type: 'connected', peer })
    const holders = new Map([['holder', 10]])
    live(desk, 2, holders)
    const asked = live(desk, 30, holders)
    // Once a minute the holder, and eight of the others in ten minutes.
    expect(asked).toBeLessThan(40 + 40)
    expect(desk.only('fetch-head', desk.on({ type: 'asked', peer: 'p7', ledgers: [L, 'another'] }))).toEqual([
      { type: 'fetch-head', peer: 'p7', ledgers: [{ ledger: L, size: 10 }] }
    ])
    expect(desk.only('fetch-head', desk.on({ type: 'asked', peer: 'holder', ledgers: [L] }))).toEqual([])
  })

  test('what is missing is asked of everybody', () => {
    const peers = Array.from({ length: 40 }, (_, n) => `p${n}`)
    const desk = pulling(L, peers, 10, 10)
    live(desk, 2, new Map(peers.map((peer) => [peer, 10])))
    desk.on({ type: 'announced', peer: 'stranger', head: { ledger: L, size: 11, hash: hash(10), prevHash: hash(9) } })
    const asked = live(desk, 2, new Map(peers.map((peer) => [peer, 10])))
    expect(asked).toBeGreaterThan(40)
  })
})

describe('when all is well', () => {
  const looks = (effects: ReturnType<Desk['only']>): number =>
    effects.filter((effect) => effect.type === 'dial' && effect.more === 1).length

  test('others are looked for within four minutes, then ever more rarely, and soon again when one leaves', () => {
    const desk = pulling(L, ['a', 'b'], 10, 10)
    const holders = new Map([
      ['a', 10],
      ['b', 10]
    ])
    live(desk, 5, holders)
    expect(desk.word(L)).toBe('synced')
    expect(looks(desk.only('dial'))).toBeGreaterThan(0)
    live(desk, 24 * 60, holders)
    const day = looks(desk.only('dial'))
    expect(day).toBeGreaterThan(24)
    expect(day).toBeLessThan(60)
    desk.on({ type: 'disconnected', peer: 'b' })
    live(desk, 5, new Map([['a', 10]]))
    expect(looks(desk.only('dial'))).toBeGreaterThan(day)
  })
})
