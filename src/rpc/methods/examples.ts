import type { Topology } from '../../node/topology/types.js'

/** Values that the examples of the table share. Hashes and signatures are of the right shape, nothing more. */

export const LEDGER = 'blt3g5upjoc26hkssdvytj4fgowpk245v3lp5a5zgvuaysmyjq7hq'
export const OTHER_LEDGER = 'b3euyuegrwbzvqn64jpmf3ldedmhtz3zhur7f2u5fj4xt6wzpz75a'
export const HASH = '5cf66ed1e970b5e3aa521d7134f0a6759ead73b5dadfd07726ad018932c987cf'
export const SIGNATURE = HASH + HASH
export const PEER = '12D3KooWQYhTNQdmr3ArTeUHRYzFg94BKyTkoWBDWez9kSCVe2Xo'
export const ADDRESS = `/ip4/203.0.113.7/tcp/7440/p2p/${PEER}`
export const TIME = 1_767_225_600_000

export const HEADER = '{"id":"order-1",…}'

export const ENTRY = {
  id: 'order-1',
  ledger: LEDGER,
  seq: 1,
  stream: 'orders',
  type: 'order.created',
  issuer_oid: null,
  subject_oid: null,
  timestamp: TIME,
  payload: { total: 12.5 },
  payload_state: 'present',
  meta: {},
  prev_hash: HASH,
  hash: HASH,
  signature: SIGNATURE,
  checked: true,
  raw: { header: HEADER, payload: '{"payload":{"total":12.5},"salt":"00112233445566778899aabbccddeeff"}', signature: SIGNATURE }
}

export const PEER_STATUS = { peer: PEER, addrs: [ADDRESS], direction: 'outbound', since: TIME, ledger: LEDGER, name: 'acme', software: 'ledgermesh/0.1.0' }

export const SYNC_STATUS = {
  ledger: LEDGER, name: 'acme', own: false, status: 'synced', size: 2, audited: 2, target: 2, filters: null, headers: false, peers: 1, announced: true, stall: null
}

export const KNOWN_LEDGER = {
  ledger: LEDGER, name: 'acme', own: false, followed: true, size: 2, nodes: [{ peer: PEER, addrs: [ADDRESS], capabilities: ['sync'], connected: true, status: 'online', sources: ['connection'], proof: 'proven' }]
}

export const DISCOVERED_NODE = {
  peer: PEER, ledger: LEDGER, name: 'acme', proof: 'proven', addrs: [ADDRESS], capabilities: ['sync'], metadata: { version: '0.1.0', streams: [], region: 'eu' },
  sources: ['dns', 'connection'], status: 'online', connected: true, expires: TIME, lastSeen: TIME, trustMilli: null
}

export const TOPOLOGY = {
  at: TIME,
  self: LEDGER,
  selfPeer: PEER,
  nodes: [{
    id: LEDGER, name: 'acme', own: true, followed: false, size: 2, status: 'synced', stall: null, access: 'public', frozen: false, endpoint: ADDRESS, publicKey: HASH, capabilities: ['sync'],
    metadata: { version: '0.1.0', streams: [], region: null },
    nodes: [{ peer: PEER, addrs: [ADDRESS], capabilities: ['sync'], connected: true, proven: true, software: 'ledgermesh/0.1.0', lastSeen: TIME }]
  }],
  edges: [],
  trustGraph: { nodes: [], edges: [] },
  references: { counted: 2, held: 2 },
  truncated: false
} satisfies Topology
