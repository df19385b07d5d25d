import type { Handlers } from '../handler.js'
import type { referenceMethods } from '../methods/references.js'
import { pointerOf } from './pointer.js'

export const referenceHandlers: Handlers<typeof referenceMethods> = {
  'ledger.references': ({ ledger, direction, types, limit, payloads, ...pointer }, { node }) =>
    node.ledger.references(pointerOf(pointer), { direction, types, limit, payloads }, ledger),
  'ledger.referenceStates': ({ ledger, ...options }, { node }) => node.ledger.referenceStates(options, ledger),
  'network.followReferences': ({ id, hash, seq, ledger, ...options }, { node }) =>
    node.network.followReferences(pointerOf({ id, hash, seq }), options, ledger),
  'network.fetchReferences': ({ id, hash, seq, ledger, ...options }, { node }) =>
    node.network.followReferences(pointerOf({ id, hash, seq }), { ...options, fetch: 'network' }, ledger)
}
