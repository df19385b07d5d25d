import type { Mutation } from '../mutation.js'

const REPLICATION = 'src/node/replication'

export const RANGE_STORE: readonly Mutation[] = [
  {
    part: 'range store',
    rule: 'a range that was not stored is reported',
    file: `${REPLICATION}/range-store.js`,
    from: "this.#init.tell({ type: 'store-failed', ledger, fetch, code });",
    to: '',
    probe: 'scene',
    seed: 9
  },
  {
    part: 'range store',
    rule: 'early evidence is judged with the first entries (R1)',
    file: `${REPLICATION}/range-store.js`,
    from: 'await this.#init.court.first(ledger, entries, payloadStates)',
    to: 'await ledger.ingest(entries, { payloadStates })',
    probe: 'scene',
    seed: 10
  }
]
