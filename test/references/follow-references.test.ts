/** Following on graphs that are made up: against a plain search, and where it stops. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { ReferenceType } from '../../src/core/reference.js'
import { followReferences } from '../../src/references/follow-references.js'
import type { Followable, FollowLimits, PlacedReference, ReferenceSource } from '../../src/references/types.js'

const LIMITS: FollowLimits = { maxDepth: 8, fanOut: 64, total: 1000, direction: 'out', types: null }

interface Graph {
  entries: Followable[]
  source: (over?: () => boolean, trusted?: (ledger: string) => boolean) => ReferenceSource<Followable>
}

/** Entry `i` is in ledger `i % ledgers`, and refers to those of `targets[i]`; one beyond the last is held nowhere. */
function graph(targets: number[][], { ledgers = 3, type = (): ReferenceType => 'source' } = {}): Graph {
  const name = (i: number): { ledger: string; id: string; hash: string } => ({
    ledger: `ledger-${i % ledgers}`,
    id: `id-${i}`,
    hash: `hash-${i}`
  })
  const entries = targets.map((to, i): Followable => ({
    ...name(i),
    seq: i,
    references: to.map((target): PlacedReference => ({
      where: 'header',
      ledgerId: name(target).ledger,
      entryId: name(target).id,
      entryHash: name(target).hash,
      referenceType: type()
    }))
  }))
  const byHash = new Map(entries.map((entry) => [entry.hash, entry]))
  return {
    entries,
    source: (isOver = () => false, isTrusted = () => true) => ({
      resolve: (references) =>
        Promise.resolve(
          references.map(({ entryHash }) => {
            const entry = byHash.get(entryHash!) ?? null
            return { status: entry === null ? ('unresolved' as const) : ('verified' as const), entry }
          })
        ),
      referring: (entry, limit) => {
        const found = entries.filter(({ references }) => references.some(({ entryHash }) => entryHash === entry.hash))
        return Promise.resolve({ entries: found.slice(0, limit), more: found.length > limit })
      },
      isTrusted,
      isOver
    })
  }
}

test('it reaches what a plain search reaches, each entry once and at its distance, by depth, ledger and seq', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.uniqueArray(fc.nat(29), { maxLength: 4 }), { minLength: 30, maxLength: 30 }),
      fc.constantFrom('out' as const, 'in' as const, 'both' as const),
      fc.integer({ min: 0, max: 8 }),
      async (targets, direction, maxDepth) => {
        const { entries, source } = graph(targets)
        const neighbours = (i: number): number[] => [
          ...(direction === 'in' ? [] : targets[i]!),
          ...(direction === 'out' ? [] : targets.flatMap((to, from) => (to.includes(i) ? [from] : [])))
        ]
        const distance = new Map([[0, 0]])
        for (const at of distance.keys())
          for (const next of neighbours(at)) if (!distance.has(next)) distance.set(next, distance.get(at)! + 1)
        const expected = [...distance]
          .filter(([, depth]) => depth <= maxDepth)
          .map(([i, depth]) => ({ depth, ledger: `ledger-${i % 3}`, seq: i }))
          .toSorted((a, b) => a.depth - b.depth || (a.ledger < b.ledger ? -1 : a.ledger > b.ledger ? 1 : a.seq - b.seq))
        const limits = { ...LIMITS, direction, maxDepth }
        const found = await followReferences(entries[0]!, limits, source())
        expect(found.nodes.map(({ entry: { ledger, seq }, depth }) => ({ depth, ledger, seq }))).toEqual(expected)
        expect(found.complete).toBe([...distance.values()].every((depth) => depth <= maxDepth))
        expect(found.frontier.every(({ reason }) => reason === 'depth')).toBe(true)
        expect(JSON.stringify(await followReferences(entries[0]!, limits, source()))).toBe(JSON.stringify(found))
      }
    ),
    { numRuns: 200 }
  )
})

test('a circle ends, and is an edge', async () => {
  const { entries, source } = graph([[1], [2], [0]])
  const { nodes, edges, complete } = await followReferences(entries[0]!, LIMITS, source())
  expect(nodes.map(({ entry: { seq } }) => seq)).toEqual([0, 1, 2])
  expect(edges.map(({ from, to }) => `${from.id} ${to.id}`)).toEqual(['id-0 id-1', 'id-1 id-2', 'id-2 id-0'])
  expect(complete).toBe(true)
})

test('what it stops at is named, with the reason', async () => {
  const star = graph([Array.from({ length: 100 }, (_, i) => i + 1), ...Array.from({ length: 100 }, () => [0])])
  const few = { ...LIMITS, fanOut: 16 }
  const out = await followReferences(star.entries[0]!, few, star.source())
  expect([out.nodes.length, out.frontier.length, out.complete]).toEqual([17, 84, false])
  expect(new Set(out.frontier.map(({ reason }) => reason))).toEqual(new Set(['fan_out']))
  const back = await followReferences(star.entries[0]!, { ...few, direction: 'in' }, star.source())
  expect(back.frontier).toEqual([{ to: { ledger: 'ledger-0', id: 'id-0', hash: 'hash-0' }, reason: 'fan_out' }])
  const total = await followReferences(star.entries[0]!, { ...LIMITS, total: 5 }, star.source())
  expect([total.nodes.length, total.frontier.filter(({ reason }) => reason === 'total').length]).toEqual([5, 60])
  const chain = graph([[1], [2], [3], [9]])
  expect((await followReferences(chain.entries[0]!, LIMITS, chain.source())).frontier).toEqual([
    { to: { ledger: 'ledger-0', id: 'id-9', hash: 'hash-9' }, reason: 'unresolved' }
  ])
  const distrusted = await followReferences(
    chain.entries[0]!,
    LIMITS,
    chain.source(undefined, (ledger) => ledger !== 'ledger-2')
  )
  expect(distrusted.frontier).toEqual([{ to: { ledger: 'ledger-2', id: 'id-2', hash: 'hash-2' }, reason: 'untrusted' }])
  let looks = 0
  const late = await followReferences(
    chain.entries[0]!,
    LIMITS,
    chain.source(() => looks++ === 2)
  )
  expect(late.frontier).toEqual([{ to: { ledger: 'ledger-2', id: 'id-2', hash: 'hash-2' }, reason: 'deadline' }])
  expect(late.nodes).toHaveLength(3)
})

test('only the types that are asked for', async () => {
  const types: ReferenceType[] = ['source', 'derived', 'related']
  const { entries, source } = graph([[1, 2, 3], [], [], []], { type: () => types.shift() ?? 'source' })
  const { nodes } = await followReferences(entries[0]!, { ...LIMITS, types: ['derived', 'related'] }, source())
  expect(nodes.map(({ entry: { seq } }) => seq)).toEqual([0, 3, 2])
})

test('the targets of a level are resolved together, at most sixty-four of each ledger at once', async () => {
  const width = 40
  // The start, then two levels of 40 each, of which every entry of the first leads to one of the second.
  const first = Array.from({ length: width }, (_, n) => n + 1)
  const { entries, source } = graph([first, ...first.map((n) => [n + width]), ...first.map(() => [])])
  const { resolve, ...others } = source()
  const calls: number[] = []
  const counted = {
    ...others,
    resolve: async (references: Parameters<typeof resolve>[0]) => {
      calls.push(references.length)
      for (const ofOne of Map.groupBy(references, ({ ledgerId }) => ledgerId).values())
        expect(ofOne.length).toBeLessThanOrEqual(64)
      return await resolve(references)
    }
  }
  const { nodes } = await followReferences(entries[0]!, { ...LIMITS, fanOut: 64, total: 1_000 }, counted)
  expect([nodes.length, calls]).toEqual([1 + 2 * width, [width, width]])
})
