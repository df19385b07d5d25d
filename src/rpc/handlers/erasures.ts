import type { Handlers } from '../handler.js'
import type { erasureMethods } from '../methods/erasures.js'

export const erasureHandlers: Handlers<typeof erasureMethods> = {
  'ledger.erase': async ({ hashes }, { node }) => ({ appended: await node.ledger.erase(hashes) }),
  'ledger.erasures': (filters, { node }) => node.sync.erasures(filters)
}
