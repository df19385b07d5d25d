import { expect, test } from 'vitest'
import { MAX_TARGETS, ReferenceCounts } from '../../../src/node/topology/reference-counts.js'
import { A, B, C } from './world.js'

/** A ledger of headers, each with the references given. */
class FakeLedger {
  readonly id: string
  readonly headers: Uint8Array[] = []
  visible = 0
  reads = 0
  constructor (id: string) { this.id = id }

  add (...metas: unknown[]): void {
    for (const meta of metas) this.headers.push(Buffer.from(JSON.stringify({ meta })))
    this.visible = this.headers.length
  }

  range = async (from: number, { count }: { count: number }): Promise<{ header: Uint8Array, signature: Uint8Array, payload: null }[]> => {
    this.reads++
    await new Promise(setImmediate)
    return this.headers.slice(from, Math.min(from + count, this.visible)).map((header) => ({ header, signature: new Uint8Array(64), payload: null }))
  }
}

const to = (ledgerId: string, referenceType = 'source', entryHash: string | null = 'ab'.repeat(32)): object => ({ crossLedgerRefs: [{ ledgerId, entryId: 'e', entryHash, referenceType }] })

test('counts each entry once, however often it is asked', async () => {
  const ledger = new FakeLedger(A)
  ledger.add({}, to(B), to(B, 'related', null), to(C), to(A), { note: '"crossLedgerRefs"' })
  const counts = new ReferenceCounts(() => [ledger])
  await Promise.all([counts.update(), counts.update()])
  await counts.update()
  expect(counts.pairs()).toEqual([
    { from: A, to: B, count: 2, types: { source: 1, derived: 0, related: 1, transaction: 0 }, unresolved: 1 },
    { from: A, to: C, count: 1, types: { source: 1, derived: 0, related: 0, transaction: 0 }, unresolved: 0 }
  ])
  expect(counts.progress()).toEqual({ counted: 6, held: 6 })
  ledger.add(to(C))
  expect(counts.progress()).toEqual({ counted: 6, held: 7 })
  await counts.update()
  expect(counts.pairs()[1]).toMatchObject({ to: C, count: 2 })
})

test('what is not a reference counts for nothing', async () => {
  const ledger = new FakeLedger(A)
  ledger.add({ crossLedgerRefs: null }, { crossLedgerRefs: 'x' }, { crossLedgerRefs: [null, 3, {}, { ledgerId: B }] }, { crossLedgerRefs: [{ ledgerId: '__proto__', entryId: 'e', entryHash: null, referenceType: 'source' }] }, to(B, 'toString'), null)
  const counts = new ReferenceCounts(() => [ledger])
  await counts.update()
  expect(counts.pairs()).toEqual([])
})

test('a ledger that names ever more ledgers does not grow our memory', async () => {
  const ledger = new FakeLedger(A)
  const fake = (at: number): string => `b${at.toString(2).replaceAll('0', 'x').replaceAll('1', 'y').padStart(51, 'x')}a`
  ledger.add(...Array.from({ length: MAX_TARGETS + 500 }, (_value, at) => to(fake(at))), to(fake(0)))
  const counts = new ReferenceCounts(() => [ledger])
  await counts.update()
  expect(counts.pairs()).toHaveLength(MAX_TARGETS)
  expect(counts.pairs()[0]).toMatchObject({ to: fake(0), count: 2 })
})

test('a ledger that is frozen below what was counted, made anew or gone is counted anew or not at all', async () => {
  const first = new FakeLedger(A)
  first.add(to(B), to(B), to(C))
  let held = [first]
  const counts = new ReferenceCounts(() => held)
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
  const counts = new ReferenceCounts(() => [large, small])
  const running = counts.update()
  await third.promise
  expect(counts.pairs()).toMatchObject([{ from: B, to: C }])
  const stopped = counts.stop()
  go.resolve()
  await Promise.all([stopped, running])
  expect(counts.progress()).toEqual({ counted: 3 * 256 + 1, held: 10_001 })
})
