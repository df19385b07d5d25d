import { expect, test } from 'vitest'
import { keyFork } from './key-forks.js'

/** Seeds in npm test; scripts/soak plays a thousand. */
const SEEDS = 40

test(
  `two rotations by one key: frozen, or on one branch and saying so; with the owner's key written down always on his (${SEEDS} seeds)`,
  { timeout: 120_000 },
  async () => {
    const ends = { frozen: 0, owners: 0, others: 0 }
    for (let seed = 1; seed <= SEEDS; seed++) {
      const { frozen, owners, others } = await keyFork(seed)
      ends.frozen += frozen
      ends.owners += owners
      ends.others += others
    }
    // Each of the three has been seen.
    expect(Math.min(...Object.values(ends))).toBeGreaterThan(0)
  }
)
