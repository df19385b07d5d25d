import type { Mutation } from '../mutation.js'

const REPLICATION = 'src/node/replication'

export const HEADS: readonly Mutation[] = [
  {
    part: 'head asker',
    rule: 'a frozen ledger is asked for with what is undisputed',
    file: `${REPLICATION}/head-asker.js`,
    from: 'Math.min(size, this.#init.ledgers.get(ledger)?.visible ?? size)',
    to: 'size',
    probe: 'key fork',
    seed: 3
  },
  {
    part: 'head asker',
    rule: 'a peer that has the same has the ledger',
    file: `${REPLICATION}/head-asker.js`,
    from: 'if (hash != null)',
    to: 'if (false)',
    probe: 'storm',
    seed: 1
  },
  {
    part: 'head check',
    rule: "a head by a key that is not the ledger's is no claim",
    file: `${REPLICATION}/head-check.js`,
    from: 'if (ledger.chain?.key === key)',
    to: 'if (true)',
    probe: 'storm',
    seed: 2
  },
  {
    part: 'head check',
    rule: 'who has more than a frozen ledger is looked behind',
    file: `${REPLICATION}/head-check.js`,
    from: '                this.#behind(peer, ledger);',
    to: '',
    probe: 'robbery',
    seed: 1
  },
  {
    part: 'head asker',
    rule: 'a head exchange that failed is reported',
    file: `${REPLICATION}/head-asker.js`,
    from: "answered({ type: 'heads-failed', peer, ledgers: rest, ...failureOf(error) }, rest);",
    to: '',
    probe: 'scene',
    seed: 5
  },
  {
    part: 'head check',
    rule: 'a head is signed by the key that it names',
    file: `${REPLICATION}/head-check.js`,
    from: "throw new LedgermeshError('BAD_SIGNATURE', 'a head that is not signed by its key');",
    to: ';',
    probe: 'scene',
    seed: 1
  },
  {
    part: 'head check',
    rule: 'a head is of the ledger that was asked for',
    file: `${REPLICATION}/head-check.js`,
    from: 'if (ledgerOf(entry) !== head.ledger)',
    to: 'if (false)',
    probe: 'scene',
    seed: 2
  },
  {
    part: 'head asker',
    rule: 'a head exchange ends in time',
    file: `${REPLICATION}/head-asker.js`,
    from: 'const cancel = abortAfter(this.#init.clock, HEADS_TIMEOUT_MS, abort);',
    to: 'const cancel = () => { };',
    test: 'test/node/replication/sync-effects.test.js'
  },
  {
    part: 'head check',
    rule: 'what a retired key signs is no claim (R1)',
    file: `${REPLICATION}/head-check.js`,
    from: 'if (await this.#isRetired(ledger, key))',
    to: 'if (false)',
    test: 'test/node/replication/head-check.test.js'
  },
  {
    part: 'head check',
    rule: 'a key history that does not continue ours says nothing (R1)',
    file: `${REPLICATION}/head-check.js`,
    from: '(held === null || continues(held, shown.history.keys))',
    to: 'true',
    test: 'test/node/replication/head-check.test.js'
  }
]
