import { LedgermeshError } from '../../core/errors.js'
import type { Handlers } from '../handler.js'
import type { accessMethods } from '../methods/access.js'

export const accessHandlers: Handlers<typeof accessMethods> = {
  'ledger.access': ({ ledger }, { node }) => node.ledger.access(ledger),
  'ledger.setAccess': async ({ trustMilli, noTrust = false, ...change }, { node }) => {
    if (noTrust && trustMilli !== undefined)
      throw new LedgermeshError('INVALID_PARAMS', 'give trustMilli or noTrust, not both')
    return await node.ledger.setAccess({
      ...change,
      ...(noTrust ? { trustMilli: null } : trustMilli === undefined ? {} : { trustMilli })
    })
  },
  'network.members': (_params, { node }) => node.network.members(),
  'network.admit': ({ peer, days = 90 }, { node }) => node.network.admit(peer, days),
  'network.expel': async ({ peer }, { node }) => ({ peer, revoked: await node.network.expel(peer) }),
  'network.refusals': (_params, { node }) => node.network.refusals()
}
