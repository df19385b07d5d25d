import { BaseSequencer } from 'vitest/node'

/**
 * Test files that take longest, the longest first: two workers end together when no long one begins last. The others go
 * by their size.
 */
const LONGEST = [
  'real-network/real-network',
  'e2e/gossip-abuse',
  'e2e/demo',
  'node/twenty',
  'sim/storm',
  'sim/storm-more',
  'e2e/dht-abuse',
  'e2e/readme',
  'e2e/kill',
  'e2e/kill-points',
  'package/install',
  'ledger/fsck',
  'cli/import',
  'real-network/full-disk',
  'scripts/load',
  'ledger/faults',
  'core/proof',
  'cli/commands',
  'ledger/restore',
  'e2e/tools',
  'node/resolve',
  'node/checkpoint',
  'node/abuse',
  'node/restart',
  'node/signer/hostile',
  'fuzz/fuzz',
  'sim/key-forks'
]

export class LongestFirst extends BaseSequencer {
  async sort(files) {
    const place = ({ moduleId }) => {
      const at = LONGEST.findIndex((name) => moduleId.endsWith(`/test/${name}.test.js`))
      return at === -1 ? LONGEST.length : at
    }
    return (await super.sort(files)).toSorted((a, b) => place(a) - place(b))
  }
}
