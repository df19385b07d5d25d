/** The routes that have paths of their own; each is one method of the table, and its rights are that method's. */
import { z } from 'zod'
import { METHODS, type MethodName, type Methods } from '../rpc/methods/index.js'
import type { ResultOf } from '../rpc/method.js'
import * as shape from '../rpc/methods/shapes.js'

export interface Route {
  /** GET never writes, and asks nobody: what does has POST. */
  verb: 'GET' | 'POST'
  path: string
  method: MethodName
  /** Where the answer is another than the method's. */
  as?: { summary: string; result: z.ZodType; answer: (result: never) => object }
}

type Known = ResultOf<Methods['network.ledgers']>
type Found = ResultOf<Methods['ledger.query']>

const { nodes } = METHODS['network.ledgers'].result.shape.ledgers.element.shape
const known = z.object({
  nodes: z.array(
    nodes.element.extend({ ledger: shape.ledgerId, name: z.string().nullable(), access: shape.access.nullable() })
  )
})
const asked = METHODS['network.query'].result.shape

export const ROUTES: readonly Route[] = [
  { verb: 'GET', path: '/ledger/sync/pull', method: 'sync.entries' },
  { verb: 'POST', path: '/ledger/sync/push', method: 'sync.receive' },
  { verb: 'GET', path: '/ledger/sync/status', method: 'sync.status' },
  {
    verb: 'GET',
    path: '/network/discover',
    method: 'network.ledgers',
    as: {
      summary: 'The nodes that this node knows of, without asking anybody; POST searches for others.',
      result: known,
      answer: ({ ledgers }: Known) => ({
        nodes: ledgers.flatMap(({ ledger, name, access, nodes: of }) =>
          of.map((node) => ({ ...node, ledger, name, access }))
        )
      })
    }
  },
  { verb: 'POST', path: '/network/discover', method: 'network.discover' },
  { verb: 'POST', path: '/network/connect', method: 'network.connect' },
  { verb: 'GET', path: '/network/ledgers', method: 'network.ledgers' },
  { verb: 'POST', path: '/network/trust', method: 'trust.attest' },
  {
    verb: 'GET',
    path: '/network/query',
    method: 'ledger.query',
    as: {
      summary:
        'Entries that are held here, by ledger (ledger=* for all), without asking anybody; POST asks others, too.',
      result: z.object({
        results: asked.results,
        aggregated: asked.aggregated,
        nextCursor: z.string().nullable(),
        hasMore: z.boolean()
      }),
      answer: ({ entries, nextCursor, hasMore }: Found) => ({
        results: [...Map.groupBy(entries, ({ ledger }) => ledger)].map(([ledgerId, of]) => ({ ledgerId, entries: of })),
        aggregated: entries.toSorted((a, b) => a.timestamp - b.timestamp),
        nextCursor,
        hasMore
      })
    }
  },
  { verb: 'POST', path: '/network/query', method: 'network.query' }
]
