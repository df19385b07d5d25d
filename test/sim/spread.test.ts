import { expect, test } from 'vitest'
import { spread } from './spread.js'

/** Seeds in npm test; scripts/soak/freezes.ts plays a thousand. */
const SEEDS = 30

test(
  `evidence of several kinds, each heard by somebody else: all end with the same pieces, and believe the same (${SEEDS} seeds)`,
  { timeout: 120_000 },
  async () => {
    const ends = { frozen: 0, goOn: 0, several: 0 }
    for (let seed = 1; seed <= SEEDS; seed++) {
      const { kept, frozenAt } = await spread(seed)
      ends[frozenAt === null ? 'goOn' : 'frozen']++
      if (kept > 1) ends.several++
    }
    expect(Math.min(...Object.values(ends))).toBeGreaterThan(0)
  }
)
