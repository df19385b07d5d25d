import assert from 'node:assert/strict'
import { siblingsOf } from '../../src/conflict/siblings.js'
import { dice } from '../helpers/dice.js'
import { arrivals, gather, rollHistory, siblingsByForce } from './history.js'

/** Orders of arrival that each history is played in. */
const ORDERS = 3

/** The answer is how many sets of siblings were compared. Throws for the first that differs. */
export function compareHistory(seed: number): number {
  const roll = dice(seed)
  const history = rollHistory(roll)
  let sets = 0
  for (let order = 0; order < ORDERS; order++) {
    for (const held of arrivals(history, roll)) {
      const found = new Map(
        [...gather(history.rule, held)].map(([id, { newest, sightings }]) => [
          id,
          siblingsOf(history.rule, newest, sightings).map(({ hash }) => hash)
        ])
      )
      assert.deepEqual(found, siblingsByForce(history.rule, held), `seed ${seed}`)
      sets += found.size
    }
  }
  return sets
}
