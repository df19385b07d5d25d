import { exportTopology } from '../../node/topology/export-topology.js'
import { LedgermeshError } from '../../core/errors.js'
import type { Handlers } from '../handler.js'
import type { networkMethods } from '../methods/network.js'
import { beginSubscription } from './begin-subscription.js'

export const networkHandlers: Handlers<typeof networkMethods> = {
  'network.connect': ({ address }, { node }) => node.network.connect(address),
  'network.disconnect': async ({ peer }, { node }) => {
    await node.network.disconnect(peer)
    return { disconnected: peer }
  },
  'network.discover': (options, { node }) => node.network.discover(options),
  'network.register': async ({ registryPeer }, { node }) => ({ registered: await node.network.register(registryPeer) }),
  'network.getLedger': async ({ ledger }, { node }) => {
    const known = await node.network.getLedger(ledger)
    if (known === null) throw new LedgermeshError('NOT_FOUND', `no known node has ledger ${ledger}`)
    return { ledger: known }
  },
  'network.authorizeNode': ({ peerId, expires }, { node }) => node.network.authorizeNode(peerId, expires),
  'network.revokeNode': ({ peerId }, { node }) => node.network.revokeNode(peerId),
  'network.ledgers': async (_params, { node }) => ({ ledgers: await node.network.ledgers() }),
  'network.findLedgers': async (query, { node }) => ({ ledgers: await node.network.findLedgers(query) }),
  'network.peers': async (_params, { node }) => ({ peers: await node.network.peers() }),
  'network.health': (_params, { node }) => node.networkHealth(),
  'network.topology': async ({ format }, { node }) => {
    const topology = await node.network.topology()
    return { ...topology, export: format === undefined ? null : { format, text: exportTopology(topology, format) } }
  },
  'network.subscribe': async ({ kinds }, { node, subscriptions }) =>
    beginSubscription(subscriptions, 'network.events_subscription', (deliver) =>
      node.network.subscribe(kinds ?? null, (event) => deliver([event]))
    ),
  'network.unsubscribe': async ({ subscription }, { subscriptions }) => ({
    unsubscribed: subscriptions?.remove(subscription) ?? false
  })
}
