import { expect, test } from 'vitest'
import { play, problems } from './play.js'

test.each([1, 2, 3, 4, 5, 6])(
  'seed %i: no receipt was above what was there, all is confirmed in the end, and the entries are the same',
  async (seed) => {
    expect(problems(await play(seed, { pushers: 4, days: 5 }))).toEqual([])
  }
)

test('60 pushers at a backup with 20 places: 20 are safe there, the others know that they are not, and why', async () => {
  const { pushers, backup } = await play(7, { pushers: 60, days: 1, places: 20, faults: false, length: 14 })
  expect(backup.follows).toHaveLength(20)
  const safe = pushers.filter(({ flow, size }) => flow.code === null && flow.durable === size)
  expect(safe.map(({ history: { ledger } }) => ledger).toSorted()).toEqual(backup.follows.toSorted())
  expect(
    pushers.filter((one) => !safe.includes(one)).map(({ flow: { code, durable } }) => `${code} ${durable}`)
  ).toEqual(Array.from({ length: 40 }, () => 'QUOTA 0'))
})

test('one seed is one history', async () => {
  expect((await play(3, { pushers: 2, days: 1 })).digest).toBe((await play(3, { pushers: 2, days: 1 })).digest)
})
