import type { InteroperabilityMethods } from '../../src/node/api/network.js'

/** Questions across ledgers: nobody is known. */
export function fakeQuery(): Pick<InteroperabilityMethods, 'query' | 'count'> {
  return {
    query: async () => ({
      results: [],
      aggregated: [],
      complete: false,
      sources: [],
      selection: { by: 'known', minTrustMilli: null, left: 0 },
      nextCursor: null,
      hasMore: false,
      askedAt: 0,
      tookMs: 0,
      file: null
    }),
    count: async () => ({ counts: [], total: 0, complete: false })
  }
}
