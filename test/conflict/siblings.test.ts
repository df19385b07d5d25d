import { expect, test } from 'vitest'
import { siblingsOf } from '../../src/conflict/siblings.js'
import { dice } from '../helpers/dice.js'
import { compareHistory } from './compare.js'
import { gather, rollHistory, siblingsByForce } from './history.js'

/** A short form of `node dist/scripts/soak/conflicts.js`. */
const SEEDS = 1500

test('siblings equal brute force in random histories, in any order of arrival, also after rewinds', () => {
  let sets = 0
  for (let seed = 1; seed <= SEEDS; seed++) sets += compareHistory(seed)
  expect(sets).toBeGreaterThan(SEEDS)
})

test('the order in which the facts are given makes no difference', () => {
  for (let seed = 1; seed <= 300; seed++) {
    const { rule, entries } = rollHistory(dice(seed))
    for (const { newest, sightings } of gather(rule, entries).values()) {
      const once = siblingsOf(rule, newest, sightings)
      expect(siblingsOf(rule, newest.toReversed(), [...sightings.toReversed(), ...sightings]), `seed ${seed}`).toEqual(
        once
      )
      expect(new Set(once.map(({ ledger }) => ledger)).size).toBe(once.length)
    }
  }
})

test('histories have what makes them hard: silenced claims, and references of those who may not silence', () => {
  let silenced = 0
  let ignored = 0
  for (let seed = 1; seed <= 200; seed++) {
    const { rule, entries } = rollHistory(dice(seed))
    const found = siblingsByForce(rule, entries)
    const trusting = siblingsByForce({ ...rule, writers: [...new Set(entries.map(({ ledger }) => ledger))] }, entries)
    for (const [id, { newest }] of gather(rule, entries)) {
      if (found.get(id)!.length < newest.length) silenced++
      if (trusting.get(id)!.length < found.get(id)!.length) ignored++
    }
  }
  expect(silenced).toBeGreaterThan(20)
  expect(ignored).toBeGreaterThan(20)
})
