import { z } from 'zod'
import { method, optional, required } from '../method.js'
import * as example from './examples.js'
import { knownLedger, ledgerId, name, peer } from './shapes.js'

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
  })
} as const
