import { expect, test } from 'vitest'
import { sha256Text } from '../../../src/core/hash.js'
import type { HeldEntries } from '../../../src/ledger/read/reference-target.js'
import { MAX_JUDGED_AGAIN, MAX_TARGETS, ReferenceCounts } from '../../../src/node/topology/reference-counts.js'
import { A, B, C } from './world.js'

/** A ledger of headers, each with the references given. */
class FakeLedger {
  readonly id: string
  readonly headers: Uint8Array[] = []
  visible = 0
  cuts = 0
  reads = 0
  constructor(id: string) {
    this.id = id
  }

  add(...metas: unknown[]): void {
    for (const meta of metas) this.headers.push(Buffer.from(JSON.stringify({ meta })))
    this.visible = this.headers.length
  }

  range = async (
    from: number,
    { count }: { count: number }
  ): Promise<{ header: Uint8Array; signature: Uint8Array; payload: null }[]> => {
    this.reads++
    await new Promise(setImmediate)
    return this.headers
      .slice(from, Math.min(from + count, this.visible))
      .map((header) => ({ header, signature: new Uint8Array(64), payload: null }))
  }
}

/** No target is held. */
const nothing: HeldEntries = {
  isHeld: () => false,
  isPrivate: () => false,
  byHash: async () => null,
  byId: async () => null
}

const to = (ledgerId: string, referenceType = 'source', entryHash: string | null = 'ab'.repeat(32)): object => ({
  crossLedgerRefs: [{ ledgerId, entryId: 'e', entryHash, referenceType }]
})

test('counts each entry once, however often it is asked', async () => {
  const ledger = new FakeLedger(A)
  ledger.add({}, to(B), to(B, 'related', null), to(C), to(A), { note: '"crossLedgerRefs"' })
  const counts = new ReferenceCounts(() => [ledger], nothing)
  await Promise.all([counts.update(), counts.update()])
  await counts.update()
  expect(counts.pairs()).toEqual([
    {
      from: A,
      to: B,
      count: 2,
      types: { source: 1, derived: 0, related: 1, transaction: 0 },
      unresolved: 1,
      contradicted: 0
    },
    {
      from: A,
      to: C,
      count: 1,
      types: { source: 1, derived: 0, related: 0, transaction: 0 },
      unresolved: 0,
      contradicted: 0
    }
  ])
  expect(counts.progress()).toEqual({ counted: 6, held: 6 })
  ledger.add(to(C))
  expect(counts.progress()).toEqual({ counted: 6, held: 7 })
  await counts.update()
  expect(counts.pairs()[1]).toMatchObject({ to: C, count: 2 })
})

test('what is not a reference counts for nothing', async () => {
  const ledger = new FakeLedger(A)
  ledger.add(
    { crossLedgerRefs: null },
    { crossLedgerRefs: 'x' },
    { crossLedgerRefs: [null, 3, {}, { ledgerId: B }] },
    { crossLedgerRefs: [{ ledgerId: '__proto__', entryId: 'e', entryHash: null, referenceType: 'source' }] },
    to(B, 'toString'),
    null
  )
  const counts = new ReferenceCounts(() => [ledger], nothing)
  await counts.update()
  expect(counts.pairs()).toEqual([])
})

test('a ledger that names ever more ledgers does not grow our memory', async () => {
  const ledger = new FakeLedger(A)
  const fake = (at: number): string => `b${at.toString(2).replaceAll('0', 'x').replaceAll('1', 'y').padStart(51, 'x')}a`
  ledger.add(...Array.from({ length: MAX_TARGETS + 500 }, (_value, at) => to(fake(at))), to(fake(0)))
  const counts = new ReferenceCounts(() => [ledger], nothing)
  await counts.update()
  expect(counts.pairs()).toHaveLength(MAX_TARGETS)
  expect(counts.pairs()[0]).toMatchObject({ to: fake(0), count: 2 })
})

test('a ledger that is frozen below what was counted, made anew or gone is counted anew or not at all', async () => {
  const first = new FakeLedger(A)
  first.add(to(B), to(B), to(C))
  let held = [first]
  const counts = new ReferenceCounts(() => held, nothing)
  await counts.update()
  first.visible = 1
  expect(counts.pairs()).toEqual([])
  await counts.update()
  expect(counts.pairs()).toMatchObject([{ to: B, count: 1 }])
  const again = new FakeLedger(A)
  again.add(to(C))
  held = [again]
  await counts.update()
  expect(counts.pairs()).toMatchObject([{ to: C, count: 1 }])
  held = []
  expect(counts.pairs()).toEqual([])
})

test('a large ledger does not keep small ones waiting, and stop ends the counting', async () => {
  const [large, small] = [new FakeLedger(A), new FakeLedger(B)]
  large.add(...Array.from({ length: 10_000 }, () => ({})))
  small.add(to(C))
  const third = Promise.withResolvers<void>()
  const go = Promise.withResolvers<void>()
  const { range } = large
  large.range = async (from, limit) => {
    if (large.reads === 2) {
      third.resolve()
      await go.promise
    }
    return await range(from, limit)
  }
  const counts = new ReferenceCounts(() => [large, small], nothing)
  const running = counts.update()
  await third.promise
  expect(counts.pairs()).toMatchObject([{ from: B, to: C }])
  const stopped = counts.stop()
  go.resolve()
  await Promise.all([stopped, running])
  expect(counts.progress()).toEqual({ counted: 3 * 256 + 1, held: 10_001 })
})

/**
 * Ledgers whose entries are named by id; the hash of one is said by `hashOf`. What others refer to is looked up in
 * them, as far as it is visible.
 */
class World implements HeldEntries {
  readonly ledgers = new Map<string, FakeLedger>()
  readonly ids = new Map<string, string[]>()
  readonly hashes = new Map<string, { ledgerId: string; entryId: string; at: number }>()
  readonly counts = new ReferenceCounts(() => [...this.ledgers.values()], this)
  lookUps = 0

  hold(id: string): FakeLedger {
    const ledger = new FakeLedger(id)
    this.ledgers.set(id, ledger)
    this.ids.set(id, [])
    return ledger
  }

  /** One more entry for each. */
  add(ledger: string, ...ids: string[]): void {
    const held = this.ids.get(ledger)!
    for (const entryId of ids)
      this.hashes.set(hashOf(ledger, entryId), { ledgerId: ledger, entryId, at: held.push(entryId) - 1 })
    this.ledgers.get(ledger)!.add(...ids.map(() => ({})))
  }

  isPrivate = () => false
  isHeld = (ledger: string): boolean => this.ledgers.has(ledger)

  byHash = async (hash: string): Promise<{ ledgerId: string; entryId: string; entryHash: string } | null> => {
    this.lookUps++
    const found = this.hashes.get(hash)
    return found !== undefined && found.at < (this.ledgers.get(found.ledgerId)?.visible ?? 0)
      ? { ledgerId: found.ledgerId, entryId: found.entryId, entryHash: hash }
      : null
  }

  byId = async (ledger: string, id: string): Promise<string | null> => {
    const held = this.ids.get(ledger)?.slice(0, this.ledgers.get(ledger)?.visible ?? 0) ?? []
    return held.includes(id) ? hashOf(ledger, id) : null
  }

  async judged(): Promise<{ to: string; count: number; unresolved: number; contradicted: number }[]> {
    await this.counts.update()
    return this.counts
      .pairs()
      .map(({ to: target, count, unresolved, contradicted }) => ({ to: target, count, unresolved, contradicted }))
  }
}

const hashOf = (ledger: string, id: string): string => sha256Text(`${ledger} ${id}`)
const points = (ledgerId: string, entryId: string, entryHash: string | null = hashOf(ledgerId, entryId)): object => ({
  crossLedgerRefs: [{ ledgerId, entryId, entryHash, referenceType: 'source' }]
})

test('FAULTS §1 row 4: what is held decides what counts as resolved, and open references are judged again when more of it comes', async () => {
  const world = new World()
  const author = world.hold(A)
  author.add(
    points(B, 'first'),
    points(B, 'second', null),
    points(B, 'third', hashOf(B, 'something else')),
    points(B, 'first', hashOf(C, 'x'))
  )
  // nothing of B is held: given hashes stand, but nobody can say what an id means
  expect(await world.judged()).toEqual([{ to: B, count: 4, unresolved: 1, contradicted: 0 }])
  world.hold(B)
  expect(await world.judged()).toEqual([{ to: B, count: 4, unresolved: 4, contradicted: 0 }])
  world.add(B, 'first')
  expect(await world.judged()).toEqual([{ to: B, count: 4, unresolved: 2, contradicted: 1 }])
  world.add(B, 'second', 'third')
  expect(await world.judged()).toEqual([{ to: B, count: 4, unresolved: 0, contradicted: 2 }])
  world.add(B, 'something else')
  expect(await world.judged()).toEqual([{ to: B, count: 4, unresolved: 0, contradicted: 2 }])
  const before = world.lookUps
  expect(await world.judged()).toEqual([{ to: B, count: 4, unresolved: 0, contradicted: 2 }])
  expect(world.lookUps).toBe(before) // nothing new: nothing is looked up
})

test('what is contradicted by a third ledger is found when that one comes', async () => {
  const world = new World()
  world.hold(A).add(points(B, 'x', hashOf(C, 'y')))
  expect(await world.judged()).toEqual([{ to: B, count: 1, unresolved: 0, contradicted: 0 }])
  world.hold(C)
  world.add(C, 'y')
  expect(await world.judged()).toEqual([{ to: B, count: 1, unresolved: 0, contradicted: 1 }])
})

test('what was resolved is not, once its target is hidden by a freeze, replaced, or forgotten', async () => {
  const world = new World()
  world.hold(A).add(points(B, 'first', null), points(B, 'second', null))
  const target = world.hold(B)
  world.add(B, 'first', 'second')
  expect(await world.judged()).toMatchObject([{ unresolved: 0 }])
  target.visible = 1
  expect(await world.judged()).toMatchObject([{ count: 2, unresolved: 1 }])
  target.visible = 2
  expect(await world.judged()).toMatchObject([{ count: 2, unresolved: 0 }])
  world.ids.set(B, ['first', 'another'])
  target.cuts++
  expect(await world.judged()).toMatchObject([{ count: 2, unresolved: 1 }])
  world.ledgers.delete(B)
  expect(await world.judged()).toMatchObject([{ count: 2, unresolved: 2 }])
})

test('many open references cost a bounded number of look-ups a run, and all have their turn', async () => {
  const world = new World()
  const targets = Array.from({ length: 3 }, (_value, at) => `b${'y'.repeat(at + 1).padEnd(51, 'x')}a`)
  const author = world.hold(A)
  for (const target of targets) {
    author.add(...Array.from({ length: MAX_JUDGED_AGAIN }, () => points(target, 'z', hashOf(C, 'z'))))
  }
  await world.judged()
  world.hold(C)
  world.add(C, 'z')
  const runs: number[] = []
  for (let at = 0; at < targets.length; at++) {
    const before = world.lookUps
    await world.counts.update()
    expect(world.lookUps - before).toBe(MAX_JUDGED_AGAIN)
    runs.push(world.counts.pairs().filter(({ contradicted }) => contradicted === MAX_JUDGED_AGAIN).length)
  }
  expect(runs).toEqual([1, 2, 3])
})

test('an entry whose look-up fails is counted once, when it works again', async () => {
  const world = new World()
  world.hold(A).add(points(B, 'x'), points(B, 'y'))
  const { byHash } = world
  world.byHash = async (hash) => {
    if (hash === hashOf(B, 'y')) throw new Error('a damaged entry')
    return await byHash(hash)
  }
  await expect(world.judged()).rejects.toThrow('a damaged entry')
  world.byHash = byHash
  expect(await world.judged()).toEqual([{ to: B, count: 2, unresolved: 0, contradicted: 0 }])
})
