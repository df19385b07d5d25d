import type { Mutation } from '../mutation.js'

const REPLICATION = 'src/node/replication'

export const JUDGEMENT: readonly Mutation[] = [
  {
    part: 'judgement',
    rule: 'sync hears of a freeze',
    file: `${REPLICATION}/judgement-effects.js`,
    from: "dispatch({ type: 'evidence', ledger: ledger.id, size, keyFork: keyFork === true });",
    to: '',
    probe: 'storm',
    seed: 1
  },
  {
    part: 'judgement',
    rule: 'sync goes on when a freeze has ended',
    file: `${REPLICATION}/judgement-effects.js`,
    from: 'again(ledger);\n        //',
    to: '//',
    probe: 'robbery',
    seed: 1
  },
  {
    part: 'judgement',
    rule: 'who is connected is told of evidence (I4)',
    file: `${REPLICATION}/judgement-effects.js`,
    from: 'peerNetwork.tellEvidence(ledger, evidence);',
    to: '',
    test: 'test/node/replication/judgement-effects.test.js'
  },
  {
    part: 'judgement',
    rule: 'who is frozen by the same evidence is told when it has ended',
    file: `${REPLICATION}/judgement-effects.js`,
    from: 'peerNetwork.tellHead(ledger);',
    to: ';',
    test: 'test/node/replication/judgement-effects.test.js'
  }
]
