import { z } from 'zod'
import { NETWORK_EVENT_KINDS } from '../../node/network-events.js'
import { TOPOLOGY_FORMATS } from '../../node/topology/types.js'
import { method, optional, required } from '../method.js'
import * as example from './examples.js'
import { health, knownLedger, ledgerId, name, peer } from './shapes.js'
import { topology } from './topology-shape.js'

export const networkMethods = {
  'network.connect': method({
    summary: 'Connects to a node at an address.',
    params: [required('address', z.string().min(1).max(512), 'A multiaddr that ends in /p2p/<peer id>.')],
    result: peer,
    errors: ['BAD_ADDRESS', 'UNREACHABLE', 'WRONG_NETWORK', 'REFUSED', 'TIMEOUT', 'OFFLINE', 'CLOSED'],
    example: { params: { address: example.ADDRESS }, result: example.PEER_STATUS }
  }),
  'network.ledgers': method({
    summary: 'The ledgers that this node knows of: own, followed, and those of connected nodes.',
    params: [],
    result: z.object({ ledgers: z.array(knownLedger) }),
    errors: ['CLOSED'],
    example: { params: {}, result: { ledgers: [example.KNOWN_LEDGER] } }
  }),
  'network.findLedgers': method({
    summary: 'Searches the DHT: nodes with a capability, or those that serve one ledger.',
    params: [
      optional('capability', name, 'Default "sync".'),
      optional('ledger', ledgerId, 'Who serves this ledger?')
    ],
    result: z.object({ ledgers: z.array(knownLedger) }),
    errors: ['OFFLINE', 'TIMEOUT', 'CLOSED'],
    example: { params: { capability: 'sync' }, result: { ledgers: [example.KNOWN_LEDGER] } }
  }),
  'network.peers': method({
    summary: 'The peers that are connected now.',
    params: [],
    result: z.object({ peers: z.array(peer) }),
    errors: ['CLOSED'],
    example: { params: {}, result: { peers: [example.PEER_STATUS] } }
  }),
  'network.health': method({
    summary: 'Can this node find others and be found, and do all ledgers sync? Each check says what to do when not.',
    params: [],
    result: health,
    errors: ['OFFLINE', 'CLOSED'],
    example: { params: {}, result: { healthy: true, checks: [{ check: 'peers', ok: true, detail: '3 connected', next: null }] } }
  }),
  'network.topology': method({
    summary: 'The network as this node knows it: ledgers with their nodes, and who mirrors, refers to and trusts whom.',
    params: [optional('format', z.enum(TOPOLOGY_FORMATS), 'Also as text: json, dot (Graphviz), mermaid or gexf. Default: no text.')],
    result: topology.extend({ export: z.object({ format: z.enum(TOPOLOGY_FORMATS), text: z.string() }).nullable() }),
    errors: ['OFFLINE', 'CLOSED'],
    example: { params: {}, result: { ...example.TOPOLOGY, export: null } }
  }),
  'network.subscribe': method({
    summary: 'Sends network.events_subscription notifications on this connection for everything that happens on the network from now on. ' +
      'Its params: {subscription, result: {kind, at, …}}; {subscription, result: {overflow: true}} stands where a slow reader missed some.',
    params: [optional('kinds', z.array(z.enum(NETWORK_EVENT_KINDS)).min(1).max(NETWORK_EVENT_KINDS.length), 'Only events of these kinds. Default: all.')],
    result: z.object({ subscription: z.string() }),
    errors: ['OFFLINE', 'CLOSED'],
    example: { params: { kinds: ['connected', 'disconnected'] }, result: { subscription: '1' } }
  }),
  'network.unsubscribe': method({
    summary: 'Ends a subscription of this connection; false: there was none with that id.',
    params: [required('subscription', z.string(), 'As network.subscribe gave it.')],
    result: z.object({ unsubscribed: z.boolean() }),
    errors: [],
    example: { params: { subscription: '1' }, result: { unsubscribed: true } }
  })
} as const
