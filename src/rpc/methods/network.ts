import { z } from 'zod'
import { NETWORK_EVENT_KINDS } from '../../node/network-events.js'
import { TOPOLOGY_FORMATS } from '../../node/topology/types.js'
import { method, optional, required } from '../method.js'
import * as example from './examples.js'
import { appended, contradiction, discoveredNode, health, integer, knownLedger, ledgerId, name, peer, timestamp } from './shapes.js'
import { topology } from './topology-shape.js'

const milli = z.int().min(0).max(1000)
const address = z.string().min(1).max(512)
const peerId = z.string().regex(/^[1-9A-HJ-NP-Za-km-z]{1,128}$/, 'a peer id')

export const networkMethods = {
  'network.discover': method({
    summary: 'Searches for nodes in up to four ways; everybody found is met and says itself who it is. What does not fit is listed.',
    params: [
      optional('method', z.enum(['peer-to-peer', 'registry', 'dns', 'manual', 'all']), 'Default "all": as far as it is known whom to ask.'),
      optional('registryUrl', address, 'A registry on the web: https, or http on loopback.'),
      optional('registryPeer', address, 'A node that is a registry: multiaddr or peer id. Default: all that are known.'),
      optional('domain', z.string().min(1).max(255), 'Reads TXT _ledgermesh.<domain> and _dnsaddr.<domain>.'),
      optional('bootstrapNodes', z.array(address).max(64), 'Multiaddrs, beside those of the configuration.'),
      optional('capability', name, 'Only nodes that have it.'),
      optional('region', name, 'Only nodes that say they are there.'),
      optional('minTrustMilli', milli, 'Only ledgers trusted at least so much, 0–1000.')
    ],
    result: z.object({ nodes: z.array(discoveredNode), contradictions: z.array(contradiction) }),
    errors: ['OFFLINE', 'INVALID_PARAMS', 'BAD_ADDRESS', 'UNREACHABLE', 'REFUSED', 'TIMEOUT', 'MALFORMED', 'TOO_LARGE', 'NOT_FOUND', 'CLOSED'],
    example: {
      params: { method: 'dns', domain: 'example.org' },
      result: { nodes: [example.DISCOVERED_NODE], contradictions: [{ source: 'dns', peer: example.PEER, ledger: example.LEDGER, problem: 'the domain example.org names …', at: example.TIME }] }
    }
  }),
  'network.register': method({
    summary: 'Tells registries of this node, now and whenever its record changes.',
    params: [optional('registryPeer', address, 'Multiaddr or peer id of a registry. Default: all that are known.')],
    result: z.object({ registered: z.array(z.object({ registry: z.string(), peer: z.string(), expires: integer })) }),
    errors: ['OFFLINE', 'INVALID_PARAMS', 'BAD_ADDRESS', 'UNREACHABLE', 'REFUSED', 'TIMEOUT', 'OVERLOADED', 'CLOSED'],
    example: { params: { registryPeer: example.ADDRESS }, result: { registered: [{ registry: example.ADDRESS, peer: example.PEER, expires: example.TIME }] } }
  }),
  'network.getLedger': method({
    summary: 'What is known of one ledger and its nodes; asks around when none of them is connected.',
    params: [required('ledger', ledgerId, 'The ledger.')],
    result: z.object({ ledger: knownLedger }),
    errors: ['OFFLINE', 'NOT_FOUND', 'CLOSED'],
    example: { params: { ledger: example.LEDGER }, result: { ledger: example.KNOWN_LEDGER } }
  }),
  'network.authorizeNode': method({
    summary: 'Lets another node speak for the own ledger: it runs with "speaksFor" in its config.json.',
    params: [required('peerId', peerId, 'The peer id of that node.'), optional('expires', timestamp, 'ms since the epoch. Default: until revoked.')],
    result: appended,
    errors: ['INVALID_PARAMS', 'RESTORING', 'READ_ONLY', 'FROZEN', 'STORE_FAILED', 'CLOSED'],
    example: { params: { peerId: example.PEER }, result: { entry: example.ENTRY, existing: false } }
  }),
  'network.revokeNode': method({
    summary: 'The node speaks for the own ledger no more.',
    params: [required('peerId', peerId, 'The peer id of that node.')],
    result: appended,
    errors: ['INVALID_PARAMS', 'RESTORING', 'READ_ONLY', 'FROZEN', 'STORE_FAILED', 'CLOSED'],
    example: { params: { peerId: example.PEER }, result: { entry: example.ENTRY, existing: false } }
  }),
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
      optional('ledger', ledgerId, 'Who serves this ledger?'),
      optional('region', name, 'Only nodes that say they are there.'),
      optional('minTrustMilli', milli, 'Only ledgers trusted at least so much, 0–1000.')
    ],
    result: z.object({ ledgers: z.array(knownLedger) }),
    errors: ['OFFLINE', 'TIMEOUT', 'INVALID_PARAMS', 'CLOSED'],
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
