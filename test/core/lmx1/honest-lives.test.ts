import { expect, test } from 'vitest'
import { dice } from '../../helpers/dice.js'
import { accuseHonest, isWrong, live, rob } from './honest-lives.js'

const SEEDS = [1, 2]

test.each(SEEDS)('seed %i: who signs only what he holds is convicted by nobody, after crashes too', async (seed) => {
  const life = await live(50, dice(seed), { seed })
  expect(await accuseHonest(life, 3, seed)).toBeGreaterThan(10)
})

test('a crash between index and entries would convict who did not rebuild: these lives have such crashes', async () => {
  const lives = await Promise.all(
    Array.from({ length: 12 }, (_, at) => live(50, dice(100 + at), { seed: 100 + at, careless: true }))
  )
  expect(lives.filter(isWrong).length).toBeGreaterThan(2)
})

test('thieves of retired keys convict nobody, neither early nor late', async () => {
  const roll = dice(7)
  const worth = []
  for (let at = 0; at < 24; at++) worth.push(await rob(await live(40, roll, { seed: 200 + at }), roll))
  const robbed = worth.filter((one) => one !== null)
  expect(robbed.length).toBeGreaterThan(10)
  for (const one of robbed) expect(one).toEqual({ late: 'excused', early: 'apart' })
})
