import { expect, test } from 'vitest'
import { robbery } from './thieves.js'

/** Seeds in npm test; scripts/soak plays a thousand. */
const SEEDS = 40

test(
  `thieves of each key at each time: all followers end with the same, whoever spoke first (${SEEDS} seeds)`,
  { timeout: 120_000 },
  async () => {
    for (let seed = 1; seed <= SEEDS; seed++) expect(await robbery(seed)).toHaveLength(6)
  }
)
