import type { Handlers } from '../handler.js'
import type { syncMethods } from '../methods/sync.js'

export const syncHandlers: Handlers<typeof syncMethods> = {
  'sync.follow': ({ ledger, ...options }, { node }) => node.follow(ledger, options),
  'sync.unfollow': async ({ ledger, forget = false }, { node }) => {
    await node.unfollow(ledger, { forget })
    return { ledger, forgotten: forget }
  },
  'sync.status': async ({ ledger }, { node }) => ({ ledgers: await node.syncStatus(ledger) }),
  'sync.pull': ({ ledger }, { node }) => node.pull(ledger),
  'sync.pause': ({ ledger }, { node }) => node.pause(ledger),
  'sync.resume': ({ ledger }, { node }) => node.resume(ledger),
  'sync.conflicts': ({ ledger }, { node }) => node.conflicts(ledger),
  'sync.resolve': ({ ledger }, { node }) => node.resolve(ledger),
  'sync.voided': async ({ ledger, offset = 0, limit = 100 }, { node }) => ({ entries: await node.voided(ledger, offset, limit) })
}
