/** Ten thousand ledgers of one attacker behind a few attestations by honest ledgers (the attack edges). */
import { expect, test } from 'vitest'
import fc from 'fast-check'
import { sha256Text } from '../../src/core/hash.js'
import { ledgerIdOf, type LedgerId } from '../../src/core/ledger-id.js'
import type { AttestationStatement } from '../../src/trust/attestation.js'
import { TrustGraph } from '../../src/trust/graph.js'
import { levelsFrom } from '../../src/trust/levels.js'
import { weigh } from '../../src/trust/max-flow.js'
import { getTrustLevel } from '../../src/trust/paths.js'
import { NOW } from './ledgers.js'

const SYBILS = 10_000
const HONEST = Array.from({ length: 30 }, (_, i) => ledgerIdOf(sha256Text(`honest ${i}`)))
const EVIL = Array.from({ length: SYBILS }, (_, i) => ledgerIdOf(sha256Text(`sybil ${i}`)))

interface Attack {
  honest: { from: number; to: number; level: number; depth: number }[]
  /** From an honest ledger to a sybil. */
  attack: { from: number; to: number; level: number; depth: number }[]
  seed: number
}

const edge = (
  targets: number,
  levels: { min: number; max: number }
): fc.Arbitrary<{ from: number; to: number; level: number; depth: number }> =>
  fc.record({
    from: fc.nat({ max: HONEST.length - 1 }),
    to: fc.nat({ max: targets - 1 }),
    level: fc.integer(levels),
    depth: fc.nat({ max: 3 })
  })
const attacks: fc.Arbitrary<Attack> = fc.record({
  honest: fc.array(edge(HONEST.length, { min: 1, max: 1000 }), { minLength: 60, maxLength: 120, size: 'max' }),
  attack: fc
    .array(edge(SYBILS, { min: 1, max: 400 }), { minLength: 1, maxLength: 6 })
    .map((edges) => edges.map((one, i) => (i === 0 ? { ...one, depth: 3 } : one))),
  seed: fc.nat()
})

function build({ honest, attack, seed }: Attack, sybils: boolean, back: boolean): TrustGraph {
  const graph = new TrustGraph()
  const sizes = new Map<LedgerId, number>()
  const attest = (issuer: LedgerId, subject: LedgerId, level_milli: number, depth: number): void => {
    if (issuer === subject) return
    const seq = (sizes.get(issuer) ?? 0) + 1
    sizes.set(issuer, seq)
    const statement: AttestationStatement = {
      type: 'trust.attestation',
      issuer,
      subject,
      level_milli,
      kind: 'full',
      depth,
      expires: null,
      seq,
      hash: `${issuer}/${seq}`,
      timestamp: NOW
    }
    graph.add(statement)
  }
  for (const { from, to, level, depth } of honest) attest(HONEST[from]!, HONEST[to]!, level, depth)
  if (sybils) {
    for (const { from, to, level, depth } of attack) attest(HONEST[from]!, EVIL[to]!, level, depth)
    let random = seed
    const next = (below: number): number => {
      random = (Math.imul(random, 1_664_525) + 1_013_904_223) >>> 0
      return random % below
    }
    // everybody vouches without limit for three others, and whoever was attested for a thousand
    for (const name of EVIL) for (let i = 0; i < 3; i++) attest(name, EVIL[next(SYBILS)]!, 1000, 3)
    for (const { to } of attack) for (let i = 0; i < 1000; i++) attest(EVIL[to]!, EVIL[next(SYBILS)]!, 1000, 3)
    if (back) for (let i = 0; i < 500; i++) attest(EVIL[next(SYBILS)]!, HONEST[next(HONEST.length)]!, 1000, 3)
    if (back) for (const { to } of attack) for (const name of HONEST) attest(EVIL[to]!, name, 1000, 3)
  }
  for (const ledger of [...HONEST, ...EVIL])
    graph.setLedger({ ledger, size: (sizes.get(ledger) ?? 0) + 1, asOf: NOW, evidence: false })
  return graph
}

/** The newest attestation of a pair counts. */
function counted(edges: Attack['attack']): Attack['attack'] {
  return edges.filter(({ from, to }, i) => !edges.some((later, j) => j > i && later.from === from && later.to === to))
}

test('no sybil gets more than the best attack edge allows; all together never weigh more than the attack edges', () => {
  let reached = 0
  let weighed = 0
  fc.assert(
    fc.property(attacks, fc.boolean(), (attack, back) => {
      const graph = build(attack, true, back)
      const live = counted(attack.attack)
      const capacity = live.reduce((sum, { level }) => sum + level, 0)
      // among them one who made such a mistake himself
      for (const from of [...HONEST.slice(0, 2), HONEST[live[0]!.from]!]) {
        const levels = levelsFrom(graph, from, NOW)
        const entered = live.map((one) => ({
          ...one,
          entry:
            HONEST[one.from]! === from
              ? one.level
              : Math.floor(Math.floor(((levels.get(HONEST[one.from]!) ?? 0) * one.level) / 1000) * 0.9)
        }))
        const best = Math.max(...entered.map(({ entry }) => entry))
        const gained = EVIL.map((sybil) => levels.get(sybil) ?? 0)
        reached += gained.filter((level) => level > 0).length
        expect(Math.max(...gained)).toBeLessThanOrEqual(back ? Math.max(...live.map(({ level }) => level)) : best)
        for (const sybil of EVIL.slice(0, 40))
          expect(getTrustLevel(graph, from, sybil, NOW).level_milli).toBe(levels.get(sybil) ?? 0)
        const { total_milli: total } = weigh(graph, from, EVIL, NOW)
        expect(total).toBeLessThanOrEqual(capacity)
        weighed += total
      }
    }),
    { numRuns: 3 }
  )
  expect(reached).toBeGreaterThan(1000)
  expect(weighed).toBeGreaterThan(0)
}, 30_000)

test('adding them changes no honest pair', () => {
  fc.assert(
    fc.property(attacks, (attack) => {
      const before = build(attack, false, false)
      const after = build(attack, true, false)
      for (const from of HONEST)
        expect(new Map([...levelsFrom(after, from, NOW)].filter(([ledger]) => HONEST.includes(ledger)))).toEqual(
          levelsFrom(before, from, NOW)
        )
      for (const from of HONEST.slice(0, 5))
        expect(weigh(after, from, HONEST, NOW)).toEqual(weigh(before, from, HONEST, NOW))
    }),
    { numRuns: 2 }
  )
}, 30_000)

test('sybils that vouch for honest ledgers change nothing where no attack edge may vouch on, and elsewhere not beyond it', () => {
  fc.assert(
    fc.property(attacks, (attack) => {
      const shallow = { ...attack, attack: attack.attack.map((one) => ({ ...one, depth: 0 })) }
      const before = build(attack, false, false)
      const best = Math.max(...attack.attack.map(({ level }) => level))
      const [unchanged, bounded] = [build(shallow, true, true), build(attack, true, true)]
      for (const from of HONEST) {
        const expected = levelsFrom(before, from, NOW)
        const shallowLevels = levelsFrom(unchanged, from, NOW)
        const deepLevels = levelsFrom(bounded, from, NOW)
        for (const to of HONEST) {
          const level = expected.get(to) ?? 0
          expect(shallowLevels.get(to) ?? 0).toBe(level)
          expect(deepLevels.get(to) ?? 0).toBeLessThanOrEqual(Math.max(level, Math.floor(best * 0.9)))
          expect(deepLevels.get(to) ?? 0).toBeGreaterThanOrEqual(level)
        }
      }
    }),
    { numRuns: 2 }
  )
}, 30_000)
