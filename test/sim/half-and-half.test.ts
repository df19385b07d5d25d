import { expect, test } from 'vitest'
import { verifyEvidence } from '../../src/core/verify-evidence.js'
import { NETWORK, verify } from './histories.js'
import type { Storm } from './storm.js'
import { StormRun } from './storm.js'

const QUIET = {
  churn: 0,
  awayS: 1,
  late: 0,
  partitions: 0,
  partitionS: 1,
  cuts: 0,
  clocks: { offset: 0, drift: 0, steps: 0 },
  restores: 0
}

/** 50 followers; the author shows those with an even number one history and those with an odd number another. */
function storm(seed: number, depth: number): Storm {
  return {
    seed,
    nodes: 51,
    liars: 0,
    authors: [{ published: 40, live: 8, share: 1, forks: { depth } }],
    weather: { latency: [5, 120], loss: 0.02 },
    busy: 0,
    faults: QUIET,
    seconds: 60
  }
}

test.each([
  [1, 0],
  [2, 1],
  [3, 17],
  [4, 39]
])(
  'a forking author shown half and half to 50 nodes: every follower ends up with the proof (seed %i, %i entries deep)',
  { timeout: 60_000 },
  async (seed, depth) => {
    const run = new StormRun(storm(seed, depth))
    await run.play()
    const [author] = run.authors
    const forkAt = author!.forkAt!
    expect(run.followers).toHaveLength(50)
    for (const follower of run.followers) {
      const { shown, frozenAt } = follower.store(author!.ledger)
      // The bytes anew, so that nothing of this run is remembered.
      expect(await verifyEvidence(Uint8Array.from(shown!), { verify, network: NETWORK })).toMatchObject({
        ledger: author!.ledger,
        kind: 'same-seq',
        seq: forkAt
      })
      expect(frozenAt).toBe(forkAt)
      expect(follower.served('n0', author!.ledger, 0, 1000)).toEqual(author!.entries.slice(0, forkAt))
    }
  }
)
