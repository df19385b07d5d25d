import type { Mutation } from '../mutation.js'

const REPLICATION = 'src/node/replication'

export const EFFECTS: readonly Mutation[] = [
  {
    part: 'Effects',
    rule: 'a fetch that failed says whose fault it was',
    file: `${REPLICATION}/sync-effects.js`,
    from: "this.dispatch({ type: 'batch-failed', fetch, ...failure });",
    to: "this.dispatch({ type: 'batch-failed', fetch, ...failure, fault: 'none' });",
    probe: 'liars',
    seed: 2
  },
  {
    part: 'Effects',
    rule: 'a batch that failed is reported',
    file: `${REPLICATION}/sync-effects.js`,
    from: "this.dispatch({ type: 'batch-failed', fetch, ...failure });",
    to: '',
    probe: 'liars',
    seed: 1
  },
  {
    part: 'Effects',
    rule: 'who is to be dropped is dropped',
    file: `${REPLICATION}/sync-effects.js`,
    from: 'this.#init.peerNetwork.drop(effect.peer, effect.code);',
    to: '',
    probe: 'liars',
    seed: 1
  },
  {
    part: 'Effects',
    rule: 'who says that our head is the newest is heard',
    file: `${REPLICATION}/sync-effects.js`,
    from: 'this.#init.onConfirmed(effect.ledger);',
    to: '',
    probe: 'scene',
    seed: 6
  },
  {
    part: 'Effects',
    rule: 'a fork that was not found is reported',
    file: `${REPLICATION}/sync-effects.js`,
    from: "this.dispatch({ type: 'fork-not-found', ledger: id, peer, fault });",
    to: '',
    test: 'test/node/replication/sync-effects.test.js'
  },
  {
    part: 'Effects',
    rule: 'a fetch ends in time',
    file: `${REPLICATION}/sync-effects.js`,
    from: 'const cancel = abortAfter(this.#init.clock, FETCH_TIMEOUT_MS, abort);',
    to: 'const cancel = () => { };',
    test: 'test/node/replication/sync-effects.test.js'
  }
]
