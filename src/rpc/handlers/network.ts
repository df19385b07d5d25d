import { exportTopology } from '../../node/topology/export-topology.js'
import { LedgermeshError } from '../../core/errors.js'
import type { Handlers } from '../handler.js'
import type { networkMethods } from '../methods/network.js'
import { beginSubscription } from './begin-subscription.js'

export const networkHandlers: Handlers<typeof networkMethods> = {
  'network.connect': ({ address }, { node }) => node.connect(address),
  'network.discover': (options, { node }) => node.discover(options),
  'network.register': async ({ registryPeer }, { node }) => ({ registered: await node.register(registryPeer) }),
  'network.getLedger': async ({ ledger }, { node }) => {
    const known = await node.getLedger(ledger)
    if (known === null) throw new LedgermeshError('NOT_FOUND', `nobody is known who has ledger ${ledger}`)
    return { ledger: known }
  },
  'network.authorizeNode': ({ peerId, expires }, { node }) => node.authorizeNode(peerId, expires),
  'network.revokeNode': ({ peerId }, { node }) => node.revokeNode(peerId),
  'network.ledgers': async (_params, { node }) => ({ ledgers: await node.ledgers() }),
  'network.findLedgers': async (query, { node }) => ({ ledgers: await node.findLedgers(query) }),
  'network.peers': async (_params, { node }) => ({ peers: await node.peers() }),
  'network.health': (_params, { node }) => node.networkHealth(),
  'network.topology': async ({ format }, { node }) => {
    const topology = await node.topology()
    return { ...topology, export: format === undefined ? null : { format, text: exportTopology(topology, format) } }
  },
  'network.subscribe': async ({ kinds }, { node, subscriptions }) =>
    beginSubscription(subscriptions, 'network.events_subscription', (deliver) => node.watchNetwork(kinds ?? null, (event) => deliver([event]))),
  'network.unsubscribe': async ({ subscription }, { subscriptions }) => ({ unsubscribed: subscriptions?.remove(subscription) ?? false })
}
