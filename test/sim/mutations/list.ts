/**
 * Rules that a simulated network must miss when they are broken, and the seed that did, or the test of the part itself
 * where no network tells the difference: `node dist/scripts/soak/mutations.js` breaks them one by one.
 */
import type { Mutation } from './mutation.js'
import { AUDIT } from './parts/audit.js'
import { EFFECTS } from './parts/effects.js'
import { ENGINE } from './parts/engine.js'
import { FETCHING } from './parts/fetching.js'
import { FORKS } from './parts/forks.js'
import { HEADS } from './parts/heads.js'
import { JUDGE } from './parts/judge.js'
import { JUDGEMENT } from './parts/judgement.js'
import { PAYLOAD_BACKFILL } from './parts/payload-backfill.js'
import { RANGE_STORE } from './parts/range-store.js'

export const MUTATIONS: readonly Mutation[] = [
  ...AUDIT,
  ...EFFECTS,
  ...ENGINE,
  ...FETCHING,
  ...FORKS,
  ...HEADS,
  ...JUDGE,
  ...JUDGEMENT,
  ...PAYLOAD_BACKFILL,
  ...RANGE_STORE
]
