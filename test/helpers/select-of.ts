import type { SelectRequest } from '../../protocols/query/index.js'

/** Asks for every entry of a ledger, from the first one on. */
export function selectOf(ledger: string): SelectRequest {
  return {
    ledger,
    filter: {},
    from: 0,
    to: null,
    order: 'asc',
    limit: 512,
    maxBytes: 4_194_304,
    want: 'full',
    show: 'matches',
    treeSize: null,
    knownSize: null
  }
}
