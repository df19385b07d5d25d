import type { Handlers } from '../handler.js'
import type { syncMethods } from '../methods/sync.js'
import { entriesSince } from './entries-since.js'

export const syncHandlers: Handlers<typeof syncMethods> = {
  'sync.follow': ({ ledger, ...options }, { node }) => node.sync.follow(ledger, options),
  'sync.unfollow': async ({ ledger, forget = false, copies }, { node }) => {
    await node.sync.unfollow(ledger, { forget, ...(copies !== undefined && { copies }) })
    return { ledger, forgotten: forget }
  },
  'sync.status': async ({ ledger }, { node }) => ({ ledgers: await node.sync.status(ledger) }),
  'sync.entries': entriesSince,
  'sync.receive': (brought, { node, from }) => node.sync.receive(brought, { from, hidden: false }),
  'sync.pull': ({ ledger }, { node }) => node.sync.pull(ledger),
  'sync.pause': ({ ledger, for: forMs }, { node }) => node.sync.pause(ledger, forMs),
  'sync.resume': ({ ledger }, { node }) => node.sync.resume(ledger),
  'sync.conflicts': ({ ledger }, { node }) => node.sync.conflicts(ledger),
  'sync.resolve': ({ ledger, key }, { node }) => node.sync.resolve(ledger, key),
  'sync.voided': async ({ ledger, offset = 0, limit = 100 }, { node }) => ({
    entries: await node.sync.voided(ledger, offset, limit)
  })
}
