import { BaseSequencer } from 'vitest/node'

/** A worker serves one project: those that start a process for each file, those that count no lines, the others. */
const PROJECTS = ['alone', 'uncounted', 'counted']

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
  'ledger/fsck-derived',
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

export class FirstAlone extends BaseSequencer {
  async sort(files) {
    const place = ({ moduleId, project }) => {
      const at = LONGEST.findIndex((name) => moduleId.endsWith(`/test/${name}.test.js`))
      return PROJECTS.indexOf(project.name) * (LONGEST.length + 1) + (at === -1 ? LONGEST.length : at)
    }
    return (await super.sort(files)).toSorted((a, b) => place(a) - place(b))
  }
}
