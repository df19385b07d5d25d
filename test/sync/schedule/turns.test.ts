import { describe, expect, it } from 'vitest'
import { START } from '../desk.js'
import { Slots } from './slots.js'

const MIB = 1024 * 1024
const FAST = 8 * MIB

describe('slots for fetching', () => {
  it('are given by priority: each step doubles a share, within 10 %', () => {
    const slots = new Slots({ fetchesTotal: 1 })
    for (const priority of [4, 5, 6, 7])
      slots.add({ ledger: `p${priority}`, bytesPerSecond: FAST, terms: { priority } })
    slots.run(300_000)
    const unit = slots.bytesOf('p5')
    for (const [ledger, share] of [
      ['p4', 0.5],
      ['p6', 2],
      ['p7', 4]
    ] as const) {
      expect(slots.bytesOf(ledger) / unit).toBeGreaterThan(share * 0.9)
      expect(slots.bytesOf(ledger) / unit).toBeLessThan(share * 1.1)
    }
  })

  it('are shared in bytes, not in ranges: large entries win nothing', () => {
    const slots = new Slots({ fetchesTotal: 1 })
    slots.add({ ledger: 'large', bytesPerSecond: FAST, entryBytes: 8_000 })
    slots.add({ ledger: 'small', bytesPerSecond: FAST, entryBytes: 500 })
    slots.run(300_000)
    expect(slots.bytesOf('large') / slots.bytesOf('small')).toBeGreaterThan(0.9)
    expect(slots.bytesOf('large') / slots.bytesOf('small')).toBeLessThan(1.1)
  })

  it('are not all taken by one introducer, however many ledgers he brings', () => {
    const slots = new Slots({ fetchesTotal: 4 })
    for (let n = 0; n < 200; n++)
      slots.add({ ledger: `flood ${n}`, bytesPerSecond: MIB, terms: { share: 'push peer' } })
    slots.run(5_000)
    slots.add({ ledger: 'honest', bytesPerSecond: MIB })
    const before = [...slots.bytes.values()].reduce((sum, bytes) => sum + bytes, 0)
    slots.run(120_000)
    const total = [...slots.bytes.values()].reduce((sum, bytes) => sum + bytes, 0) - before
    expect(slots.bytesOf('honest') / total).toBeGreaterThan(0.45)
  })

  it('that drip are paid for: 32 peers which hold all slots nearly free do not starve an honest ledger', () => {
    const slots = new Slots()
    for (let n = 0; n < 32; n++) slots.add({ ledger: `drip ${n}`, bytesPerSecond: 4_000 })
    slots.run(1_000)
    slots.add({ ledger: 'honest', bytesPerSecond: FAST })
    slots.run(600_000)
    // It waits for the first slot that is given up, once.
    expect(slots.cameAt.get('honest')! - START).toBeLessThan(160_000)
    expect(slots.bytesOf('honest')).toBeGreaterThan(256 * MIB)
    for (let n = 0; n < 32; n++) expect(slots.bytesOf(`drip ${n}`)).toBeLessThan(slots.bytesOf('honest') / 100)
  })

  it('that never answer come back to the others', () => {
    const slots = new Slots()
    for (let n = 0; n < 64; n++) slots.add({ ledger: `dead ${n}`, bytesPerSecond: 0 })
    slots.add({ ledger: 'honest', bytesPerSecond: FAST })
    expect(slots.word('honest')).toBe('syncing')
    slots.run(40_000)
    expect(slots.status('honest')).toMatchObject({ status: 'stalled', code: 'QUEUED', since: START })
    slots.run(600_000)
    expect(slots.bytesOf('honest')).toBeGreaterThan(64 * MIB)
  })

  it('starve nobody: 1,000 ledgers, 32 slots, each served within twice its fair time', () => {
    const slots = new Slots({ batchEntries: 128 })
    for (let n = 0; n < 1000; n++) slots.add({ ledger: `ledger ${n}`, bytesPerSecond: MIB })
    // A range of 128 KiB takes 125 ms; one round of all of them 1,000 / 32 of that.
    slots.run(2 * (1000 / 32) * 125 + 1_000)
    const starved = Array.from({ length: 1000 }, (_, n) => `ledger ${n}`).filter(
      (ledger) => slots.bytesOf(ledger) === 0
    )
    expect(starved).toEqual([])
    expect(slots.mostInFlight).toBe(32)
  })

  it('of a share that a ledger leaves are paid to the end, and no longer', () => {
    const slots = new Slots({ fetchesTotal: 1 })
    slots.add({ ledger: 'a', bytesPerSecond: MIB, terms: { share: 'together' } })
    slots.add({ ledger: 'b', bytesPerSecond: MIB, terms: { share: 'together' } })
    slots.add({ ledger: 'c', bytesPerSecond: MIB })
    slots.run(10_000)
    slots.on({ type: 'terms', ledger: 'a', terms: { priority: 5, share: 'a', bytesPerSecond: null } })
    slots.run(300_000)
    for (const ledger of ['a', 'b', 'c']) expect(slots.bytesOf(ledger)).toBeGreaterThan(80 * MIB)
  })

  it('do not hold up the own ledger and what is below evidence', () => {
    const slots = new Slots({ fetchesTotal: 1, bytesPerSecond: 16 * 1024 })
    slots.add({ ledger: 'busy', bytesPerSecond: 0 })
    slots.source({ ledger: 'own', bytesPerSecond: 0 })
    slots.source({ ledger: 'frozen', bytesPerSecond: 0 })
    slots.on({ type: 'followed', ledger: 'own', size: 0, headHash: null, stall: 'RESTORING', closed: { next: null } })
    slots.on({
      type: 'followed',
      ledger: 'frozen',
      size: 0,
      headHash: null,
      stall: 'FROZEN',
      frozenAt: 1000,
      closed: { next: null }
    })
    slots.add({ ledger: 'other', bytesPerSecond: 0 })
    for (const ledger of ['own', 'frozen']) {
      slots.on({
        type: 'heads',
        peer: 'peer of other',
        heads: [{ ledger, size: 1000, hash: 'x' }],
        none: [],
        denied: []
      })
      expect(slots.sync.details(ledger, slots.now)!.inFlight).toBeGreaterThan(0)
    }
    expect(slots.sync.details('other', slots.now)!.inFlight).toBe(0)
  })
})

describe('caps of bandwidth', () => {
  it.each([16, 64, 512, 4096])('of a remote are kept: %s KiB/s, within 10 %', (kib) => {
    const slots = new Slots()
    slots.add({ ledger: 'capped', bytesPerSecond: FAST, terms: { bytesPerSecond: kib * 1024 } })
    slots.add({ ledger: 'free', bytesPerSecond: FAST })
    slots.run(600_000)
    expect(slots.bytesOf('capped') / (600 * kib * 1024)).toBeGreaterThan(0.9)
    expect(slots.bytesOf('capped') / (600 * kib * 1024)).toBeLessThan(1.1)
    expect(slots.bytesOf('free')).toBeGreaterThan(500 * MIB)
  })

  it('of the node are kept, shared by priority', () => {
    const slots = new Slots({ bytesPerSecond: MIB })
    slots.add({ ledger: 'low', bytesPerSecond: FAST, terms: { priority: 4 } })
    slots.add({ ledger: 'high', bytesPerSecond: FAST, terms: { priority: 6 } })
    slots.run(600_000)
    const [low, high] = [slots.bytesOf('low'), slots.bytesOf('high')]
    expect((low + high) / (600 * MIB)).toBeGreaterThan(0.9)
    expect((low + high) / (600 * MIB)).toBeLessThan(1.1)
    expect(high / low).toBeGreaterThan(3.4)
    expect(high / low).toBeLessThan(4.6)
  })

  it('that are used up are a wait with a name and a next try', () => {
    const slots = new Slots()
    slots.add({ ledger: 'capped', bytesPerSecond: FAST, entryBytes: 2 * MIB, terms: { bytesPerSecond: 16 * 1024 } })
    slots.run(60_000)
    const status = slots.status('capped')
    expect(status).toMatchObject({ status: 'stalled', code: 'THROTTLED' })
    expect((status as { next: number }).next).toBeGreaterThan(slots.now)
    slots.run((status as { next: number }).next - slots.now + 1_000)
    expect(slots.word('capped')).toBe('syncing')
  })

  it('count payloads that came outside of ranges', () => {
    const slots = new Slots()
    slots.add({ ledger: 'capped', bytesPerSecond: FAST, terms: { bytesPerSecond: 64 * 1024 } })
    slots.on({ type: 'payloads-fetched', ledger: 'capped', bytes: 64 * 1024 * 300 })
    slots.run(290_000)
    expect(slots.bytesOf('capped')).toBeLessThan(600 * 1024)
  })

  it('can be changed and taken away while they hold', () => {
    const slots = new Slots()
    slots.add({ ledger: 'a', bytesPerSecond: FAST, terms: { bytesPerSecond: 16 * 1024 } })
    slots.run(60_000)
    slots.on({ type: 'terms', ledger: 'a', terms: { priority: 5, share: 'a', bytesPerSecond: null } })
    slots.run(10_000)
    expect(slots.bytesOf('a')).toBeGreaterThan(40 * MIB)
  })
})

describe('the times of a ledger', () => {
  it('close it: nothing is fetched, heads are heard, what was under way is stored, and the wait has a next try', () => {
    const slots = new Slots()
    slots.add({ ledger: 'a', bytesPerSecond: 256 * 1024 })
    slots.run(10_000)
    const opens = slots.now + 3_600_000
    slots.on({ type: 'closed', ledger: 'a', next: opens })
    slots.run(30_000)
    expect(slots.status('a')).toMatchObject({
      status: 'stalled',
      code: 'SCHEDULED',
      since: START + 10_000,
      next: opens
    })
    expect(slots.status('a').size * 1024).toBe(slots.bytesOf('a'))
    const held = slots.bytesOf('a')
    slots.run(3_000_000)
    expect(slots.bytesOf('a')).toBe(held)
    expect(slots.inFlight).toBe(0)
    slots.on({ type: 'opened', ledger: 'a' })
    slots.run(10_000)
    expect(slots.word('a')).toBe('syncing')
    expect(slots.bytesOf('a')).toBeGreaterThan(held)
  })

  it('say nothing of a ledger of which nothing is missing', () => {
    const slots = new Slots()
    slots.add({ ledger: 'a', bytesPerSecond: FAST, size: 700 })
    slots.run(10_000)
    slots.on({ type: 'closed', ledger: 'a', next: null })
    slots.run(600_000)
    expect(slots.word('a')).toBe('synced')
  })

  it('dial for nobody', () => {
    const slots = new Slots()
    slots.on({ type: 'followed', ledger: 'a', size: 0, headHash: null, closed: { next: null } })
    const dials = slots.sync.handle({ type: 'tick' }, START + 600_000).filter(({ type }) => type === 'dial')
    expect(dials).toEqual([])
    expect(slots.status('a')).toMatchObject({ code: 'SCHEDULED', next: null })
  })
})
