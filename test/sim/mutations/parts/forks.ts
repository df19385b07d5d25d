import type { Mutation } from '../mutation.js'

const REPLICATION = 'src/node/replication'
const FORK_ROOM = 'src/node/forks'

export const FORKS: readonly Mutation[] = [
  {
    part: 'fork triage',
    rule: 'two signed entries of one seq are evidence (I4)',
    file: `${FORK_ROOM}/fork-tracker.js`,
    from: 'return signed ? await this.#twoEntries(ledger, theirs)',
    to: 'return signed ? false',
    probe: 'storm',
    seed: 1
  },
  {
    part: 'fork triage',
    rule: 'evidence that names no first difference is looked into',
    file: `${REPLICATION}/head-check.js`,
    from: 'await this.#init.forks.findEarlierFork(peer, ledger);',
    to: '',
    probe: 'storm',
    seed: 19
  },
  {
    part: 'fork triage',
    rule: 'evidence that is told is heard',
    file: `${FORK_ROOM}/fork-tracker.js`,
    from: 'return (await this.#init.court.hear(ledger, proven',
    to: 'return (false && await this.#init.court.hear(ledger, proven',
    probe: 'storm',
    seed: 2
  },
  {
    part: 'court',
    rule: 'evidence that comes before anything is held is kept (R1)',
    file: `${FORK_ROOM}/evidence-court.js`,
    from: 'early: true',
    to: 'early: undefined',
    probe: 'key fork',
    seed: 1
  },
  {
    part: 'court',
    rule: 'who took another branch is not firm any more',
    file: `${FORK_ROOM}/evidence-court.js`,
    from: 'standing.replaced();\n            await ledger.acceptBranch',
    to: 'await ledger.acceptBranch',
    probe: 'robbery',
    seed: 1
  },
  {
    part: 'look behind',
    rule: 'what is pulled ends with the rotation whose signature was checked',
    file: `${FORK_ROOM}/look-behind.js`,
    from: 'if (chain.headHash !== rotation.hash)',
    to: 'if (false)',
    test: 'test/node/forks/look-behind.test.js'
  },
  {
    part: 'look behind',
    rule: 'a peer hands over what it was asked for',
    file: `${FORK_ROOM}/look-behind.js`,
    from: 'if (first?.header.seq !== from || ledgerOf(first) !== ledger.id || entries.length > count)',
    to: 'if (false)',
    test: 'test/node/forks/look-behind.test.js'
  }
]
