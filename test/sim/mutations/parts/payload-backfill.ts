import type { Mutation } from '../mutation.js'

const REPLICATION = 'src/node/replication'

export const PAYLOAD_BACKFILL: readonly Mutation[] = [
  {
    part: 'payload backfill',
    rule: 'the next peer is asked',
    file: `${REPLICATION}/payload-backfill.js`,
    from: 'for (const peer of peers)',
    to: 'for (const peer of peers.slice(0, 1))',
    probe: 'storm',
    seed: 1
  },
  {
    part: 'payload backfill',
    rule: 'sync hears how many are missing (I6)',
    file: `${REPLICATION}/payload-backfill.js`,
    from: 'this.#init.onRound(ledger, missing, peers.length > 0);',
    to: '',
    probe: 'storm',
    seed: 2
  }
]
