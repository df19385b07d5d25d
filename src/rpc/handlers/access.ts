import { LedgermeshError } from '../../core/errors.js'
import type { Handlers } from '../handler.js'
import type { accessMethods } from '../methods/access.js'

export const accessHandlers: Handlers<typeof accessMethods> = {
  'ledger.access': ({ ledger }, { node }) => node.access(ledger),
  'ledger.setAccess': async ({ trustMilli, noTrust = false, ...change }, { node }) => {
    if (noTrust && trustMilli !== undefined) throw new LedgermeshError('INVALID_PARAMS', 'give trustMilli or noTrust, not both')
    return await node.setAccess({ ...change, ...(noTrust ? { trustMilli: null } : trustMilli === undefined ? {} : { trustMilli }) })
  },
  'network.members': (_params, { node }) => node.members(),
  'network.admit': ({ peer, days = 90 }, { node }) => node.admit(peer, days),
  'network.expel': async ({ peer }, { node }) => ({ peer, revoked: await node.expel(peer) }),
  'network.refusals': (_params, { node }) => node.refusals()
}
