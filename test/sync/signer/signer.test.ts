import { describe, expect, test } from 'vitest'
import {
  FOREIGN_HOLD_MS,
  JUMP_MS,
  MAX_SEEN,
  MAX_WITNESSES,
  TWIN_QUIET_MS,
  WITNESS_AGE_MS
} from '../../../src/sync/signer/limits.js'
import { hash, START } from '../desk.js'
import { Bench, witness } from './bench.js'

describe('R3: how long a start is CONFIRMING', () => {
  test('not at all: a ledger made in this process, nobody known to dial, --offline', () => {
    expect(new Bench({ made: true, identity: 'changed' }).phase).toBe('ready')
    expect(new Bench({ made: true }).start().phase).toBe('ready')
    expect(new Bench({ identity: 'changed' }).start(false).by).toBe('alone')
    expect(
      new Bench({ identity: 'changed', offline: true, witnesses: [witness('a', 4)] }, { named: ['a'] }).start().by
    ).toBe('word')
  })

  test('nothing is signed before the network is up', () => {
    expect(new Bench().phase).toBe('starting')
  })

  test('no witness: until the peers of the first 2 s have answered, and 10 s at most', () => {
    expect(new Bench().start().pass(1500).phase).toBe('confirming')
    expect(new Bench().start().pass(2000).by).toBe('peers')
    const slow = new Bench().start().connect('a').pass(1000).connect('b').pass(1500)
    expect(slow.phase).toBe('confirming')
    expect(slow.answer('a', null).phase).toBe('confirming')
    // who comes later is not waited for
    expect(slow.connect('c').phase).toBe('confirming')
    expect(slow.answer('b', 7).phase).toBe('ready')
    const mute = new Bench().start().connect('a').pass(9500)
    expect(mute.phase).toBe('confirming')
    expect(mute.pass(500).by).toBe('peers')
    const left = new Bench().start().connect('a').pass(3000)
    left.on({ type: 'disconnected', peer: 'a' })
    expect(left.phase).toBe('ready')
  })

  test('no witness, identity changed: 10 s, and providers of the own id are looked for', () => {
    const bench = new Bench({ identity: 'changed' }).start()
    expect(bench.log).toContainEqual({ type: 'seek', witnesses: [], providers: true })
    expect(bench.connect('a').answer('a', null).pass(9500).phase).toBe('confirming')
    expect(bench.pass(500).by).toBe('peers')
  })

  test('strangers as witnesses: 30 s, 10 s in the same boot; then it signs and says so, until one of them answers', () => {
    const bench = new Bench({ witnesses: [witness('a', 4)] }).start()
    expect(bench.log).toContainEqual({ type: 'seek', witnesses: ['a'], providers: false })
    expect(bench.pass(29_500).phase).toBe('confirming')
    expect(bench.pass(500).by).toBe('strangers')
    expect(bench.connect('x').answer('x', 9).by).toBe('strangers')
    expect(bench.connect('a').answer('a', 9).by).toBe('witness')
    expect(new Bench({ witnesses: [witness('a', 4)], identity: 'boot' }).start().pass(10_000).by).toBe('strangers')
  })

  test.each([
    ['a named witness', { named: ['a'] }, {}],
    ['a named witness, same boot', { named: ['a'] }, { identity: 'boot' as const }],
    ['identity changed', {}, { identity: 'changed' as const }]
  ])('%s: until one confirms, or the word', (_, options, init) => {
    const bench = new Bench({ witnesses: [witness('a', 4), witness('b', 4)], ...init }, options).start().pass(3_600_000)
    expect(bench.phase).toBe('confirming')
    // it goes on asking and dialling
    expect(bench.count('seek')).toBeGreaterThan(50)
    expect(bench.connect('b').answer('b', 4).pass(2000).by).toBe('witness')
    const word = new Bench({ witnesses: [witness('a', 4)], ...init }, options).start().pass(60_000)
    word.on({ type: 'word' })
    expect(word.by).toBe('word')
  })

  test('after the first confirmation 2 s for the others', () => {
    const bench = new Bench({ witnesses: [witness('a', 4), witness('b', 4)] }, { named: ['a'] })
      .start()
      .connect('a', 'b')
      .answer('a', 6)
    expect(bench.pass(1500).phase).toBe('confirming')
    expect(bench.pass(500).by).toBe('witness')
  })

  test.each<[string, (bench: Bench) => Bench]>([
    ['less than was noted', (bench) => bench.connect('a').answer('a', 3)],
    ['none, or same', (bench) => bench.connect('a').answer('a', null)],
    ['an entry that is not in our chain', (bench) => bench.connect('a').answer('a', 9, false)],
    ['another peer', (bench) => bench.connect('x').answer('x', 9)],
    [
      'a peer that became a witness by answering now',
      (bench) => bench.connect('x').answer('x', 9).pass(11_000).answer('x', 9)
    ],
    [
      'no answer at all',
      (bench) => {
        bench.connect('a').on({ type: 'silent', peer: 'a' })
        return bench
      }
    ]
  ])('no confirmation: %s', (_, say) => {
    expect(say(new Bench({ witnesses: [witness('a', 4)] }, { named: ['a'] }).start()).pass(60_000).phase).toBe(
      'confirming'
    )
  })

  test('a witness is forgotten after 30 days', () => {
    expect(
      new Bench({ witnesses: [witness('a', 4, { at: START - WITNESS_AGE_MS })] }, { named: ['a'] }).start().pass(2000)
        .by
    ).toBe('peers')
  })

  test('opened without a network: closed with witnesses, unless --offline', () => {
    expect(new Bench({ witnesses: [witness('a', 4)] }).start(null).phase).toBe('closed')
    expect(new Bench({ witnesses: [witness('a', 4)], offline: true }).start(null).by).toBe('word')
    expect(new Bench().start(null).by).toBe('alone')
  })

  test('the wall clock jumps against the steady one: CONFIRMING again; a slow drift and a sleep of both do not', () => {
    const bench = new Bench({ made: true }).start().connect('a').answer('a', 4).pass(5000)
    expect(bench.jump(JUMP_MS).phase).toBe('ready')
    bench.on({ type: 'tick' })
    expect(bench.phase).toBe('ready')
    const asked = bench.asked('a')
    bench.jump(JUMP_MS + 1).on({ type: 'tick' })
    expect([bench.phase, bench.asked('a')]).toEqual(['confirming', asked + 1])
    expect(bench.answer('a', 4).pass(2000).by).toBe('witness')
    for (const back of [-JUMP_MS - 1, -86_400_000]) {
      bench.jump(back).on({ type: 'tick' })
      expect(bench.phase).toBe('confirming')
      bench.answer('a', 4).pass(2000)
    }
    const alone = new Bench({ made: true }).start(false).jump(86_400_000)
    alone.on({ type: 'tick' })
    expect(alone.phase).toBe('ready')
  })
})

describe('witnesses', () => {
  test('the largest own entry that a peer showed is noted, less takes nothing back', () => {
    const bench = new Bench({ made: true }).start().connect('a').answer('a', 5).answer('a', 3).answer('a', 9, false)
    expect(bench.signer.memory.witnesses).toEqual([witness('a', 5, { at: bench.now.wall })])
  })

  test('at most 64; strangers drive out nobody, named ones only strangers', () => {
    const named = Array.from({ length: MAX_WITNESSES + 9 }, (_, i) => `named${i}`)
    const bench = new Bench({ made: true }, { named }).start()
    for (let i = 0; i < 1000; i++) bench.connect(`s${i}`).answer(`s${i}`, 1)
    const peers = (): string[] => bench.signer.memory.witnesses.map(({ peer }) => peer)
    expect(peers()).toEqual(Array.from({ length: MAX_WITNESSES }, (_, i) => `s${i}`))
    for (const peer of named) bench.connect(peer).answer(peer, 1)
    expect(peers()).toEqual(named.slice(0, MAX_WITNESSES))
  })

  test('while ready those that are connected are asked now and then, a few at a time', () => {
    const bench = new Bench({ made: true }).start()
    for (let i = 0; i < 20; i++) bench.connect(`p${i}`).answer(`p${i}`, 1)
    const before = bench.count('ask')
    bench.pass(20_000)
    expect(bench.count('ask') - before).toBe(8)
  })
})

describe('R4: twins', () => {
  const ready = (): Bench => new Bench({ made: true }).start().connect('a').answer('a', 4).pass(1000)

  test("a foreign record of this process's time: TWIN at once, and the other one is called", () => {
    const bench = ready().foreign(START + 500)
    expect(bench.signer.state).toMatchObject({
      phase: 'twin',
      twin: { since: bench.now.wall, issued: START + 500, peer: 'p9' }
    })
    expect([bench.count('call-out'), bench.count('keep') > 0]).toEqual([1, true])
    // again for two minutes, for those who pass records on take one in ten seconds
    expect(bench.pass(120_000).count('call-out')).toBe(10)
    expect(bench.pass(600_000).count('call-out')).toBe(10)
  })

  test('issued before this process began: CONFIRMING as on another machine, once for each record', () => {
    const bench = ready().foreign(START - 1)
    expect(bench.signer.state).toMatchObject({ phase: 'confirming', changed: true })
    expect(bench.count('call-out')).toBe(1)
    // a twin that lives has a while to answer, whoever confirms; it is called again and again
    expect(bench.answer('a', 4).pass(FOREIGN_HOLD_MS - 500).phase).toBe('confirming')
    expect(bench.count('call-out')).toBe(4)
    expect(bench.pass(500).phase).toBe('ready')
    for (let i = 0; i < 100; i++) bench.foreign(START - 1).pass(500)
    expect(bench.phase).toBe('ready')
  })

  test("a twin that answers meanwhile: TWIN; the operator's word ends the waiting", () => {
    expect(
      ready()
        .foreign(START - 1)
        .pass(20_000)
        .foreign(START + 20_000).phase
    ).toBe('twin')
    const word = ready().foreign(START - 1)
    word.on({ type: 'word' })
    expect(word.phase).toBe('ready')
    // nobody is noted: ten seconds would be too short for an answer
    const alone = new Bench({ made: true }).start().foreign(START - 1)
    expect(alone.pass(FOREIGN_HOLD_MS - 500).phase).toBe('confirming')
    expect(alone.pass(500).phase).toBe('ready')
  })

  test('an expired one says nothing, and what is remembered of them is bounded', () => {
    const bench = ready().foreign(START - 50_000_000)
    expect(bench.phase).toBe('ready')
    for (let i = 0; i < 2 * MAX_SEEN; i++) bench.foreign(START - 1 - i, { expires: START + 43_000_000 })
    expect(bench.signer.memory.seen.length).toBe(MAX_SEEN)
  })

  test("it survives a restart, and ends by the operator's word", () => {
    const bench = ready().foreign(START + 500)
    const again = new Bench({ ...bench.signer.memory, identity: 'boot' })
      .start()
      .connect('a')
      .answer('a', 4)
      .pass(60_000)
    expect(again.phase).toBe('twin')
    again.on({ type: 'word' })
    expect([again.phase, again.signer.memory.twin]).toEqual(['ready', null])
    // the same record does not bring it back, another one does
    expect(again.foreign(START + 500).phase).toBe('ready')
    expect(again.foreign(START + 600).phase).toBe('twin')
  })

  test('or after CONFIRMING, when no such record was issued for 12 h', () => {
    const bench = ready()
      .foreign(START + 500)
      .pass(TWIN_QUIET_MS - 3_600_000)
    expect(bench.foreign(bench.now.wall).pass(TWIN_QUIET_MS - 1000).phase).toBe('twin')
    bench.pass(1000)
    expect(bench.signer.state).toMatchObject({ phase: 'confirming', changed: true })
    expect(bench.signer.memory.twin).not.toBe(null)
    bench.answer('a', 4)
    expect(bench.pass(2000).phase).toBe('ready')
    expect(bench.signer.memory.twin).toBe(null)
  })

  test('a record from a clock that is years ahead holds for 12 h, no longer', () => {
    expect(
      ready()
        .foreign(START + 1e11)
        .pass(TWIN_QUIET_MS).phase
    ).toBe('confirming')
  })

  test('an own entry that says it was made since, and was not made here: TWIN; an older one: CONFIRMING once it is restored', () => {
    const twin = ready()
    twin.on({ type: 'lacking', timestamp: START + 10 })
    expect(twin.phase).toBe('twin')
    const restored = ready()
    restored.on({ type: 'lacking', timestamp: START - 10 })
    const asked = restored.asked('a')
    restored.on({ type: 'restored' })
    expect([restored.phase, restored.asked('a')]).toEqual(['confirming', asked + 1])
    expect(restored.answer('a', 4).pass(FOREIGN_HOLD_MS).phase).toBe('ready')
    // during CONFIRMING the clock may be wrong: a living twin has a while to answer, an older entry costs nothing
    const starting = (timestamp: number): Bench => {
      const bench = new Bench({ witnesses: [witness('a', 4)] }).start().connect('a')
      bench.on({ type: 'lacking', timestamp })
      return bench.answer('a', 4).pass(2000)
    }
    expect(starting(START - 10).phase).toBe('ready')
    const held = starting(START + 10)
    expect([held.phase, held.count('call-out')]).toEqual(['confirming', 1])
    expect(held.pass(FOREIGN_HOLD_MS).phase).toBe('ready')
  })
})

test('every state has a next look while something is waited for', () => {
  const bench = new Bench({ witnesses: [witness('a', 4)] }, { named: ['a'] })
  const effects = bench.start().log
  expect(effects.at(-1)).toMatchObject({ type: 'wake-at' })
  expect(bench.on({ type: 'tick' }).at(-1)).toMatchObject({ type: 'wake-at' })
  expect(hash(1).length).toBe(64)
})
