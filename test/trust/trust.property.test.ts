/** Random small graphs against the plain reading of DESIGN §7; whatever order things are told in. */
import { expect, test } from 'vitest'
import fc from 'fast-check'
import { sha256Text } from '../../src/core/hash.js'
import type { LedgerId } from '../../src/core/ledger-id.js'
import { TRUST_KINDS, type TrustStatement } from '../../src/trust/attestation.js'
import { TrustGraph, type LedgerState } from '../../src/trust/graph.js'
import { levelsFrom } from '../../src/trust/levels.js'
import { weigh } from '../../src/trust/max-flow.js'
import { explainTrust, getTrustLevel } from '../../src/trust/paths.js'
import { bruteForce, liveAttestations, smallestCut, type Plain } from './brute-force.js'
import { id, NOW } from './ledgers.js'

const LEDGERS = 'abcdefg'.split('').map(id)
const ledger = fc.constantFrom(...LEDGERS)
const level = fc.oneof(fc.integer({ min: 0, max: 1000 }), fc.constantFrom(0, 1, 33, 500, 501, 899, 900, 999, 1000))

type Said = { issuer: LedgerId } & (
  | {
      type: 'trust.attestation'
      subject: LedgerId
      level_milli: number
      kind: (typeof TRUST_KINDS)[number]
      depth: number
      expires: number | null
    }
  | { type: 'trust.revocation'; nth: number }
)

const said: fc.Arbitrary<Said> = fc.oneof(
  {
    weight: 9,
    arbitrary: fc.record({
      type: fc.constant('trust.attestation' as const),
      issuer: ledger,
      subject: ledger,
      level_milli: level,
      kind: fc.constantFrom('full', 'full', 'full', 'full', ...TRUST_KINDS),
      depth: fc.constantFrom(0, 1, 2, 3, 3, 3),
      expires: fc.constantFrom(null, null, NOW, NOW + 1, NOW + 9)
    })
  },
  {
    weight: 1,
    arbitrary: fc.record({ type: fc.constant('trust.revocation' as const), issuer: ledger, nth: fc.nat({ max: 60 }) })
  }
)

const world: fc.Arbitrary<Plain> = fc
  .record({
    all: fc.array(said, { minLength: 4, maxLength: 45, size: 'max' }),
    held: fc.array(
      fc.record({
        part: fc.constantFrom(1, 1, 1, 1, 0.5, 0),
        evidence: fc.constantFrom(false, false, false, false, false, false, false, true)
      }),
      { minLength: LEDGERS.length, maxLength: LEDGERS.length }
    )
  })
  .map(({ all, held }) => {
    const statements: TrustStatement[] = []
    const sizes = new Map<LedgerId, number>()
    all.forEach((one, i) => {
      const seq = sizes.get(one.issuer) ?? 1
      sizes.set(one.issuer, seq + 1)
      const base = { issuer: one.issuer, seq, hash: sha256Text(`entry ${i}`), timestamp: NOW }
      if (one.type === 'trust.revocation')
        statements.push({ ...base, type: one.type, attestation: sha256Text(`entry ${one.nth}`) })
      else if (one.subject !== one.issuer) statements.push({ ...base, ...one })
    })
    const states = LEDGERS.map((name, i) => ({
      ledger: name,
      size: Math.ceil((sizes.get(name) ?? 1) * held[i]!.part),
      asOf: NOW,
      evidence: held[i]!.evidence
    }))
    return { states, statements }
  })

/** Everybody held, only `full` attestations without end. */
function allFull(levels: fc.Arbitrary<number>, depths: fc.Arbitrary<number>): fc.Arbitrary<Plain> {
  return fc
    .array(fc.tuple(ledger, ledger, levels, depths), { minLength: 8, maxLength: 45, size: 'max' })
    .map((edges) => ({
      states: LEDGERS.map((name) => ({ ledger: name, size: 99, asOf: NOW, evidence: false })),
      statements: edges
        .filter(([from, to]) => from !== to)
        .map(([issuer, subject, level_milli, depth], i) => ({
          type: 'trust.attestation',
          issuer,
          subject,
          level_milli,
          kind: 'full',
          depth,
          expires: null,
          seq: i + 1,
          hash: sha256Text(`entry ${i}`),
          timestamp: NOW
        }))
    }))
}

function graphOf({ states, statements }: Plain): TrustGraph {
  const graph = new TrustGraph()
  for (const statement of statements) graph.add(statement)
  for (const state of states) graph.setLedger(state)
  return graph
}

function answers(graph: TrustGraph, now = NOW): unknown[] {
  return LEDGERS.flatMap((from) => [
    weigh(graph, from, LEDGERS, now),
    ...LEDGERS.map((to) => explainTrust(graph, from, to, now))
  ])
}

test('every pair of every small graph: the same digits and the same path as the plain reading', () => {
  let paths = 0
  fc.assert(
    fc.property(world, (plain) => {
      const graph = graphOf(plain)
      for (const from of LEDGERS) {
        const levels = levelsFrom(graph, from, NOW)
        for (const to of LEDGERS) {
          const { level_milli, kind, path } = explainTrust(graph, from, to, NOW)
          const expected = bruteForce(plain, from, to, NOW)
          if (expected.path.length > 1) paths++
          expect({ level_milli, kind, path: path.map(({ attestation }) => attestation) }).toEqual(expected)
          expect(to === from ? level_milli : (levels.get(to) ?? 0)).toBe(level_milli)
        }
      }
    }),
    { numRuns: 400 }
  )
  expect(paths).toBeGreaterThan(100)
})

test('levels that meet by rounding: few levels, many paths', () => {
  fc.assert(
    fc.property(
      allFull(fc.constantFrom(1, 2, 3, 997, 998, 999, 1000), fc.constant(3)),
      ledger,
      ledger,
      (plain, from, to) => {
        fc.pre(from !== to)
        const { level_milli, kind, path } = explainTrust(graphOf(plain), from, to, NOW)
        expect({ level_milli, kind, path: path.map(({ attestation }) => attestation) }).toEqual(
          bruteForce(plain, from, to, NOW)
        )
      }
    ),
    { numRuns: 500 }
  )
})

test('the order in which statements and sizes come, and in how many steps, changes nothing', () => {
  fc.assert(
    fc.property(world, fc.infiniteStream(fc.nat()), (plain, numbers) => {
      const next = (): number => numbers.next().value!
      const graph = new TrustGraph()
      const left = plain.states.map((state) => ({ state, size: 0 }))
      const shuffled = (list: TrustStatement[]): TrustStatement[] =>
        list
          .map((one) => ({ one, at: next() }))
          .sort((a, b) => a.at - b.at)
          .map(({ one }) => one)
      while (left.length > 0) {
        const at = next() % left.length
        const { state, size } = left[at]!
        const to = Math.min(state.size, size + 1 + (next() % 5))
        const step = plain.statements.filter(({ issuer, seq }) => issuer === state.ledger && seq >= size && seq < to)
        for (const statement of shuffled([...step, ...step.slice(0, 1)])) graph.add(statement)
        graph.setLedger({ ...state, size: to, evidence: state.evidence && to === state.size })
        left[at]!.size = to
        if (to === state.size) left.splice(at, 1)
      }
      expect(answers(graph)).toEqual(answers(graphOf(plain)))
    }),
    { numRuns: 150 }
  )
})

test('forgetting a ledger and adding it again changes nothing', () => {
  fc.assert(
    fc.property(world, ledger, (plain, name) => {
      const graph = graphOf(plain)
      const before = answers(graph)
      graph.forget(name)
      const without = answers(graph)
      expect(without).toEqual(
        answers(
          graphOf({
            statements: plain.statements.filter(({ issuer }) => issuer !== name),
            states: plain.states.filter((state) => state.ledger !== name)
          })
        )
      )
      for (const statement of plain.statements) if (statement.issuer === name) graph.add(statement)
      graph.setLedger(plain.states.find((state) => state.ledger === name)!)
      expect(answers(graph)).toEqual(before)
    }),
    { numRuns: 100 }
  )
})

test('an answer holds until validUntil, to the millisecond', () => {
  fc.assert(
    fc.property(world, (plain) => {
      const graph = graphOf(plain)
      for (const from of LEDGERS)
        for (const to of LEDGERS) {
          const { validUntil, ledgers: _, ...now } = explainTrust(graph, from, to, NOW)
          const { ledgers: __, ...later } = explainTrust(
            graph,
            from,
            to,
            validUntil === null ? 2 ** 52 : validUntil - 1
          )
          expect(later.path).toEqual(now.path)
          expect(later.level_milli).toBe(now.level_milli)
          const after = explainTrust(graph, from, to, validUntil ?? NOW).path
          expect(JSON.stringify(after) === JSON.stringify(now.path)).toBe(validUntil === null)
        }
    }),
    { numRuns: 100 }
  )
})

test('the total is a maximum flow (its smallest cut), nobody weighs more than his level, the split serves the first first', () => {
  const some = fc.oneof(world, allFull(level, fc.constantFrom(0, 1, 2, 3)))
  fc.assert(
    fc.property(some, ledger, fc.uniqueArray(ledger, { maxLength: 6, size: 'max' }), (plain, from, attesters) => {
      const graph = graphOf(plain)
      const { total_milli, attesters: split } = weigh(graph, from, attesters, NOW)
      expect(split.map(({ ledger: name }) => name).sort()).toEqual([...attesters].sort())
      expect(split.reduce((sum, { weight_milli }) => sum + weight_milli, 0)).toBe(total_milli)
      for (const { ledger: name, level_milli, weight_milli } of split) {
        expect(weight_milli).toBeLessThanOrEqual(level_milli)
        expect(level_milli).toBeLessThanOrEqual(getTrustLevel(graph, from, name, NOW).level_milli)
      }
      const arcs = usableArcs(plain, from)
      for (let count = 1; count <= split.length; count++) {
        const served = split.slice(0, count)
        const sinks = served.map(({ ledger: name, level_milli }) => ({
          tail: name,
          head: 'sink',
          capacity: level_milli
        }))
        expect(served.reduce((sum, { weight_milli }) => sum + weight_milli, 0)).toBe(
          smallestCut([...arcs, ...sinks], from, 'sink')
        )
      }
    }),
    { numRuns: 500 }
  )
})

/** The arcs that some path from the asker may use, by walking all of them. */
function usableArcs(plain: Plain, from: LedgerId): { tail: string; head: string; capacity: number }[] {
  const accused = new Set(plain.states.filter(({ evidence }) => evidence).map((state: LedgerState) => state.ledger))
  const live = liveAttestations(plain, NOW).filter(
    ({ kind, level_milli, subject }) => kind === 'full' && level_milli > 0 && !accused.has(subject)
  )
  const used = new Map<string, { tail: string; head: string; capacity: number }>()
  const walk = (at: LedgerId, left: number): void => {
    if (left === 0) return
    for (const { issuer, subject, hash, level_milli, depth } of live) {
      if (issuer !== at) continue
      used.set(hash, { tail: issuer, head: subject, capacity: level_milli })
      walk(subject, Math.min(left - 1, depth))
    }
  }
  walk(from, 4)
  return [...used.values()]
}
