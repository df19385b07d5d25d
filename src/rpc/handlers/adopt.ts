import type { SyncFilters } from '../../core/payload-filter.js'
import type { Handlers } from '../handler.js'
import type { adoptMethods } from '../methods/adopt.js'

export const adoptHandlers: Handlers<typeof adoptMethods> = {
  'sync.adopt': async ({ ledger, from, fromNow = false, acceptReaders = false, ...filters }, { node }) =>
    await node.sync.adopt(ledger, {
      acceptReaders,
      ...(fromNow ? { from: 'now' as const } : from === undefined ? {} : { from }),
      ...(Object.values(filters).some((list) => list !== undefined) && { filters: filters as SyncFilters })
    }),
  'sync.stopAdopting': async ({ ledger, copies }, { node }) =>
    await node.sync.stopAdopting(ledger, copies === undefined ? {} : { copies }),
  'sync.adoptions': async ({ ledger }, { node }) => ({ adoptions: await node.sync.adoptions(ledger) })
}
