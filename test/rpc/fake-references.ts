import type { InteroperabilityMethods } from '../../src/node/api/network.js'
import type { LedgerApi } from '../../src/node/api/ledger.js'
import type { LedgerEntry } from '../../src/core/view.js'
import * as example from '../../src/rpc/methods/examples.js'

/** References by entries of these names, with every status, and every reason to stop. */
export function fakeReferences(
  names: string[]
): Pick<LedgerApi, 'references' | 'referenceStates'> & Pick<InteroperabilityMethods, 'followReferences'> {
  const edges = names.flatMap((id) =>
    (['verified', 'unresolved', 'contradicted', 'disputed'] as const).map((status) => ({
      from: { ledger: example.LEDGER, id, hash: example.HASH },
      to: { ledger: example.OTHER_LEDGER, id, hash: null },
      type: 'transaction' as const,
      status,
      where: status === 'disputed' ? ('payload' as const) : ('header' as const)
    }))
  )
  const entry = example.ENTRY as LedgerEntry
  const reasons = ['depth', 'fan_out', 'total', 'deadline', 'untrusted', 'unresolved'] as const
  return {
    references: async () => ({ entry: edges[0]!.from, references: edges, more: true }),
    referenceStates: async () => ({
      ledger: example.LEDGER,
      counts: { verified: 1, proved: 1, unresolved: 1, contradicted: 1, disputed: 1 },
      complete: false,
      references: edges.map(({ from, to, type, status }) => ({ from, to, type, status, since: 1, asOf: 1 })),
      nextCursor: 'all.1.0'
    }),
    followReferences: async () => ({
      nodes: names.map((id) => ({ entry: { ...entry, id, stream: id, type: id }, depth: 8 })),
      edges,
      frontier: reasons.map((reason) => ({ to: edges[0]!.from, reason })),
      complete: false
    })
  }
}
