/**
 * Writers that merge what they see, cut off from each other now and then: it comes to an end, and with few merges (SYNC
 * §3: "against merge storms").
 */
import { expect, test } from 'vitest'
import { sha256Text, type Hash } from '../../src/core/hash.js'
import { ledgerIdOf, type LedgerId } from '../../src/core/ledger-id.js'
import { conflictId } from '../../src/conflict/claims.js'
import { mergeDelayMs } from '../../src/conflict/election.js'
import { judge, type Sibling } from '../../src/conflict/judge.js'
import { ELECTION_STEP_MS, MERGES_PER_HOUR } from '../../src/conflict/limits.js'
import { mergeFields } from '../../src/conflict/merge-fields.js'
import { readRule } from '../../src/conflict/rule.js'
import { siblingsOf } from '../../src/conflict/siblings.js'
import { dice, type Dice } from '../helpers/dice.js'

const WRITERS = Array.from({ length: 5 }, (_, i) => ledgerIdOf(sha256Text(`writer ${i}`)))
const STEP_MS = ELECTION_STEP_MS / 3
const STEPS = 200
/** From this step on everybody hears everybody. */
const CALM = 60

interface Entry {
  ledger: LedgerId
  seq: number
  hash: Hash
  saw: Hash[]
  value: string
}
type Merge = (values: string[], roll: Dice) => string

/** How many merges there were until all saw one claim, or the same in all. Throws when it does not end. */
function storm(seed: number, merge: Merge): number {
  const roll = dice(seed)
  const writers = WRITERS.slice(0, 3 + Math.floor(roll() * 3))
  const rule = readRule({ name: 'storm', key: ['id'], scope: writers, strategy: 'merge' })
  const id = conflictId(rule.name, { id: 'x' })
  const entries: Entry[] = []
  const held = new Map(writers.map((writer) => [writer, new Set<Hash>()]))
  const due = new Map<LedgerId, { siblings: string; at: number }>()
  let merges = 0
  const put = (ledger: LedgerId, saw: Hash[], value: string): void => {
    const seq = entries.filter((one) => one.ledger === ledger).length
    const entry = { ledger, seq, hash: sha256Text(`${seed} ${ledger} ${seq} ${value}`), saw, value }
    entries.push(entry)
    held.get(ledger)!.add(entry.hash)
  }
  const siblingsAt = (writer: LedgerId): { standing: Entry[]; verdict: ReturnType<typeof judge> } => {
    const mine = entries.filter(({ hash }) => held.get(writer)!.has(hash))
    const newest = writers.flatMap((ledger) => mine.filter((one) => one.ledger === ledger).slice(-1))
    const sightings = mine.flatMap(({ ledger, seq, saw }) =>
      saw.map((target) => ({ target, by: ledger, seq, kind: 'claim' as const }))
    )
    const standing = siblingsOf(rule, newest, sightings)
    const siblings = standing.map(({ value, ...claim }): Sibling => ({
      ...claim,
      id: claim.hash,
      timestamp: 0,
      storedAt: 0,
      stream: 's',
      type: 't',
      issuer_oid: null,
      subject_oid: null,
      payload: 'present',
      content: sha256Text(value)
    }))
    return {
      standing,
      verdict: judge(rule, {
        own: writer,
        siblings,
        sightings,
        words: [],
        waiting: 0,
        mergeFailed: false,
        withdrawn: [],
        taken: []
      })
    }
  }
  for (const [i, writer] of writers.entries()) put(writer, [], 'abcde'[i]!)
  for (let step = 0; step < STEPS; step++) {
    for (const from of writers) {
      for (const to of writers)
        if (step >= CALM || roll() < 0.1)
          for (const { hash, ledger } of entries) if (ledger === from) held.get(to)!.add(hash)
    }
    for (const writer of writers) {
      const { standing, verdict } = siblingsAt(writer)
      if (verdict.state !== 'open') continue
      const names = standing.map(({ hash }) => hash).join()
      const delay = mergeDelayMs(
        rule,
        id,
        standing.map(({ ledger }) => ledger),
        writer
      )
      if (delay === null) continue
      if (due.get(writer)?.siblings !== names) due.set(writer, { siblings: names, at: step * STEP_MS + delay })
      if (due.get(writer)!.at > step * STEP_MS) continue
      put(
        writer,
        standing.map(({ hash }) => hash),
        merge(
          standing.map(({ value }) => value),
          roll
        )
      )
      merges++
    }
  }
  for (const writer of writers) expect(['single', 'agreed']).toContain(siblingsAt(writer).verdict.state)
  return merges
}

const union: Merge = (values) =>
  (
    mergeFields(
      { '*': 'union' },
      values.map((value) => value.split('')),
      undefined
    ) as { payload: string[] }
  ).payload.join('')
const careless: Merge = (values, roll) => `${values.join('+').slice(0, 40)}${Math.floor(roll() * 1e6)}`

test.each([
  ['a union', union],
  ['a handler that never gives the same twice', careless]
])('%s: every storm ends, with few merges', (_, merge) => {
  const merges = Array.from({ length: 30 }, (_unused, i) => storm(i + 1, merge)).sort((a, b) => a - b)
  expect(merges[15]).toBeLessThanOrEqual(8)
  expect(merges.at(-1)).toBeLessThan(MERGES_PER_HOUR)
})
