/** Two real daemons, of which one adopts what the other signs. */
import { expect, test } from 'vitest'
import { adoptHistory } from './adopt-run.js'

test('kill -9 of the one or the other: one copy each, and none has what was erased', async () => {
  const figures = await adoptHistory(3, 4)
  expect(figures.killsOfSource + figures.killsOfAdopter).toBe(4)
  expect(figures.copies).toBeGreaterThan(20)
}, 240_000)
