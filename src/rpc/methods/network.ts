import { z } from 'zod'
import { TOPOLOGY_FORMATS } from '../../node/api/topology.js'
import { method, optional, required } from '../method.js'
import * as example from './examples.js'
import {
  addressOrPeer,
  appended,
  contradiction,
  discoveredNode,
  futureTime,
  health,
  integer,
  knownLedger,
  ledgerHandle,
  level,
  name,
  peer,
  peerHandle
} from './shapes.js'
import { topology } from './topology-shape.js'
import { NETWORK_EVENT_KINDS } from '../../node/api/events.js'

const address = z.string().min(1).max(512)

export const networkMethods = {
  'network.discover': method({
    access: 'ask-network',
    summary:
      'Searches for nodes in up to four ways; each node found is contacted and identifies itself. Contradictions are listed.',
    params: [
      optional(
        'method',
        z.enum(['peer-to-peer', 'registry', 'dns', 'manual', 'all']),
        'Default "all": every method for which a server is known.'
      ),
      optional('registryUrl', address, 'A registry on the web: https, or http on loopback.'),
      optional(
        'registryPeer',
        addressOrPeer,
        'A node that is a registry: multiaddr or peer id. Default: all that are known.'
      ),
      optional('domain', z.string().min(1).max(255), 'Reads TXT _ledgermesh.<domain> and _dnsaddr.<domain>.'),
      optional('bootstrapNodes', z.array(address).max(64), 'Multiaddrs, beside those of the configuration.'),
      optional('capability', name, 'Only nodes that have it.'),
      optional('region', name, 'Only nodes that report being online.'),
      optional('minTrustMilli', level, 'Only ledgers trusted at least so much: 0.5, or 500 thousandths.')
    ],
    result: z.object({ nodes: z.array(discoveredNode), contradictions: z.array(contradiction) }),
    errors: [
      'OFFLINE',
      'INVALID_PARAMS',
      'BAD_ADDRESS',
      'UNREACHABLE',
      'REFUSED',
      'TIMEOUT',
      'MALFORMED',
      'TOO_LARGE',
      'NOT_FOUND',
      'CLOSED'
    ],
    example: {
      params: { method: 'dns', domain: 'example.org' },
      result: {
        nodes: [example.DISCOVERED_NODE],
        contradictions: [
          {
            source: 'dns',
            peer: example.PEER,
            ledger: example.LEDGER,
            problem: 'the domain example.org names …',
            at: example.TIME
          }
        ]
      }
    }
  }),
  'network.register': method({
    access: 'operate',
    summary: 'Registers this node at registries, now and whenever its record changes.',
    params: [
      optional('registryPeer', addressOrPeer, 'Multiaddr or peer id of a registry. Default: all that are known.')
    ],
    result: z.object({ registered: z.array(z.object({ registry: z.string(), peer: z.string(), expires: integer })) }),
    errors: ['OFFLINE', 'INVALID_PARAMS', 'BAD_ADDRESS', 'UNREACHABLE', 'REFUSED', 'TIMEOUT', 'OVERLOADED', 'CLOSED'],
    example: {
      params: { registryPeer: example.ADDRESS },
      result: { registered: [{ registry: example.ADDRESS, peer: example.PEER, expires: example.TIME }] }
    }
  }),
  'network.getLedger': method({
    access: 'ask-network',
    summary: 'What is known about one ledger and its nodes; searches the network when none of the nodes is connected.',
    params: [required('ledger', ledgerHandle, 'The ledger.')],
    result: z.object({ ledger: knownLedger }),
    errors: ['OFFLINE', 'NOT_FOUND', 'CLOSED'],
    example: { params: { ledger: example.LEDGER }, result: { ledger: example.KNOWN_LEDGER } }
  }),
  'network.authorizeNode': method({
    access: 'operate',
    binds: true,
    summary: 'Authorizes another node to speak for the own ledger: it runs with "speaksFor" in its config.json.',
    params: [
      required('peerId', peerHandle, 'The peer id of that node.'),
      optional('expires', futureTime, 'A date, ms since 1970, or 90d (from now). Default: until revoked.')
    ],
    result: appended,
    errors: ['INVALID_PARAMS', 'RESTORING', 'READ_ONLY', 'FROZEN', 'STORE_FAILED', 'CLOSED'],
    example: { params: { peerId: example.PEER }, result: { entry: example.ENTRY, existing: false } }
  }),
  'network.revokeNode': method({
    access: 'operate',
    binds: true,
    summary: 'Withdraws the authorization of a node to speak for the own ledger.',
    params: [required('peerId', peerHandle, 'The peer id of that node.')],
    result: appended,
    errors: ['INVALID_PARAMS', 'RESTORING', 'READ_ONLY', 'FROZEN', 'STORE_FAILED', 'CLOSED'],
    example: { params: { peerId: example.PEER }, result: { entry: example.ENTRY, existing: false } }
  }),
  'network.connect': method({
    access: 'operate',
    summary: 'Connects to a node at an address.',
    params: [
      required(
        'address',
        addressOrPeer,
        'A multiaddr that ends in /p2p/<peer id>, or the id of a peer whose addresses are known.'
      )
    ],
    result: peer,
    errors: ['BAD_ADDRESS', 'UNREACHABLE', 'WRONG_NETWORK', 'REFUSED', 'TIMEOUT', 'OFFLINE', 'CLOSED'],
    example: { params: { address: example.ADDRESS }, result: example.PEER_STATUS }
  }),
  'network.disconnect': method({
    access: 'operate',
    summary:
      'Ends the connections with a peer. It may come back, and be dialled again: `deny` in config.json keeps it away.',
    params: [required('peer', peerHandle, 'Its peer id, or the beginning of it.')],
    result: z.object({ disconnected: z.string() }),
    errors: ['NOT_FOUND', 'OFFLINE', 'CLOSED'],
    example: { params: { peer: example.PEER }, result: { disconnected: example.PEER } }
  }),
  'network.ledgers': method({
    access: 'read',
    summary: 'The ledgers that this node knows of: own, followed, and those of connected nodes.',
    params: [],
    result: z.object({ ledgers: z.array(knownLedger) }),
    errors: ['CLOSED'],
    example: { params: {}, result: { ledgers: [example.KNOWN_LEDGER] } }
  }),
  'network.findLedgers': method({
    access: 'ask-network',
    summary: 'Searches the DHT: nodes with a capability, or those that serve one ledger.',
    params: [
      optional('capability', name, 'Default "sync".'),
      optional('ledger', ledgerHandle, 'Who serves this ledger?'),
      optional('region', name, 'Only nodes that report being online.'),
      optional('minTrustMilli', level, 'Only ledgers trusted at least so much: 0.5, or 500 thousandths.')
    ],
    result: z.object({ ledgers: z.array(knownLedger) }),
    errors: ['OFFLINE', 'TIMEOUT', 'INVALID_PARAMS', 'CLOSED'],
    example: { params: { capability: 'sync' }, result: { ledgers: [example.KNOWN_LEDGER] } }
  }),
  'network.peers': method({
    access: 'private',
    summary: 'The peers that are connected now.',
    params: [],
    result: z.object({ peers: z.array(peer) }),
    errors: ['CLOSED'],
    example: { params: {}, result: { peers: [example.PEER_STATUS] } }
  }),
  'network.health': method({
    access: 'private',
    summary: 'Can this node find others and be found, and do all ledgers sync? Each check says what to do when not.',
    params: [],
    result: health,
    errors: ['OFFLINE', 'CLOSED'],
    example: {
      params: {},
      result: { healthy: true, checks: [{ check: 'peers', ok: true, detail: '3 connected', next: null }] }
    }
  }),
  'network.topology': method({
    access: 'private',
    summary:
      'The network as this node knows it: ledgers with their nodes, and which ledgers mirror, reference and trust which.',
    params: [
      optional(
        'format',
        z.enum(TOPOLOGY_FORMATS),
        'Also as text: json, dot (Graphviz), mermaid or gexf. Default: no text.'
      )
    ],
    result: topology.extend({ export: z.object({ format: z.enum(TOPOLOGY_FORMATS), text: z.string() }).nullable() }),
    errors: ['OFFLINE', 'CLOSED'],
    example: { params: {}, result: { ...example.TOPOLOGY, export: null } }
  }),
  'network.subscribe': method({
    access: 'private',
    summary:
      'Sends network.events_subscription notifications on this connection for everything that happens on the network from now on. ' +
      'Its params: {subscription, result: {kind, at, …}}; {subscription, result: {overflow: true}} stands where a slow reader missed some.',
    params: [
      optional(
        'kinds',
        z.array(z.enum(NETWORK_EVENT_KINDS)).min(1).max(NETWORK_EVENT_KINDS.length),
        'Only events of these kinds. Default: all.'
      )
    ],
    result: z.object({ subscription: z.string() }),
    notifies: {
      method: 'network.events_subscription',
      result: z.union([
        z.looseObject({ kind: z.enum(NETWORK_EVENT_KINDS), at: integer }),
        z.object({ overflow: z.literal(true) })
      ])
    },
    errors: ['OFFLINE', 'CLOSED'],
    example: { params: { kinds: ['connected', 'disconnected'] }, result: { subscription: '1' } }
  }),
  'network.unsubscribe': method({
    access: 'read',
    summary: 'Ends a subscription of this connection; false: there was none with that id.',
    params: [required('subscription', z.string(), 'As network.subscribe gave it.')],
    result: z.object({ unsubscribed: z.boolean() }),
    errors: [],
    example: { params: { subscription: '1' }, result: { unsubscribed: true } }
  })
} as const
