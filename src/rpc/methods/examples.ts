import type { Topology } from '../../node/api/topology.js'

/** Values that the examples of the table share. Hashes and signatures are of the right shape, nothing more. */

export const LEDGER = 'blt3g5upjoc26hkssdvytj4fgowpk245v3lp5a5zgvuaysmyjq7hq'
export const OTHER_LEDGER = 'b3euyuegrwbzvqn64jpmf3ldedmhtz3zhur7f2u5fj4xt6wzpz75a'
export const HASH = '5cf66ed1e970b5e3aa521d7134f0a6759ead73b5dadfd07726ad018932c987cf'
export const SIGNATURE = HASH + HASH
export const PEER = '12D3KooWQYhTNQdmr3ArTeUHRYzFg94BKyTkoWBDWez9kSCVe2Xo'
export const ADDRESS = `/ip4/203.0.113.7/tcp/7440/p2p/${PEER}`
export const TIME = 1_767_225_600_000

export const HEADER = '{"id":"order-1",…}'

export const ENTRY_NAME = { ledger: LEDGER, id: 'order-1', hash: HASH }

export const NAMED_REFERENCE = {
  from: ENTRY_NAME,
  to: { ledger: OTHER_LEDGER, id: 'shipment-1', hash: HASH },
  type: 'source',
  status: 'verified',
  where: 'header'
}

export const REFERENCE_STATES = {
  ledger: LEDGER,
  counts: { verified: 12, proved: 0, unresolved: 1, contradicted: 1, disputed: 0 },
  complete: true,
  references: [
    {
      from: ENTRY_NAME,
      to: { ledger: OTHER_LEDGER, id: 'shipment-1', hash: HASH },
      type: 'source',
      status: 'contradicted',
      since: 1760000000000,
      asOf: 7
    }
  ],
  nextCursor: null
}

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
  adopted: null,
  checked: true,
  raw: {
    header: HEADER,
    payload: '{"payload":{"total":12.5},"salt":"00112233445566778899aabbccddeeff"}',
    signature: SIGNATURE
  }
}

export const VERIFIED_REFERENCE = {
  ledgerId: OTHER_LEDGER,
  entryId: 'invoice-7',
  entryHash: HASH,
  referenceType: 'source',
  state: 'resolved',
  checked: true,
  held: null
}

export const PEER_STATUS = {
  peer: PEER,
  addrs: [ADDRESS],
  direction: 'outbound',
  since: TIME,
  ledger: LEDGER,
  name: 'acme',
  access: 'public',
  software: 'ledgermesh/0.1.0'
}

export const SYNC_STATUS = {
  ledger: LEDGER,
  name: 'acme',
  own: false,
  access: 'public',
  status: 'synced',
  size: 2,
  audited: 2,
  target: 2,
  filters: null,
  headers: false,
  peers: 1,
  announced: true,
  stall: null,
  evidence: 'none'
}

export const KNOWN_LEDGER = {
  ledger: LEDGER,
  name: 'acme',
  own: false,
  followed: true,
  access: 'public',
  size: 2,
  nodes: [
    {
      peer: PEER,
      addrs: [ADDRESS],
      capabilities: ['sync'],
      connected: true,
      status: 'online',
      sources: ['connection'],
      lastSeen: TIME,
      proof: 'proven'
    }
  ]
}

export const DISCOVERED_NODE = {
  peer: PEER,
  ledger: LEDGER,
  name: 'acme',
  access: 'public',
  proof: 'proven',
  addrs: [ADDRESS],
  capabilities: ['sync'],
  metadata: { version: '0.1.0', streams: [], region: 'eu' },
  sources: ['dns', 'connection'],
  status: 'online',
  connected: true,
  expires: TIME,
  lastSeen: TIME,
  trustMilli: null
}

export const TOPOLOGY = {
  at: TIME,
  self: LEDGER,
  selfPeer: PEER,
  nodes: [
    {
      id: LEDGER,
      name: 'acme',
      own: true,
      followed: false,
      size: 2,
      status: 'synced',
      stall: null,
      access: 'public',
      frozen: false,
      endpoint: ADDRESS,
      publicKey: HASH,
      capabilities: ['sync'],
      metadata: { version: '0.1.0', streams: [], region: null },
      nodes: [
        {
          peer: PEER,
          addrs: [ADDRESS],
          capabilities: ['sync'],
          connected: true,
          proven: true,
          software: 'ledgermesh/0.1.0',
          lastSeen: TIME
        }
      ]
    }
  ],
  edges: [],
  trustGraph: { nodes: [], edges: [] },
  references: { counted: 2, held: 2 },
  truncated: false
} satisfies Topology

export const PUSH_FLOW = {
  ledger: LEDGER,
  remote: LEDGER,
  size: 2,
  durable: 2,
  status: 'synced',
  code: null,
  explanation: null,
  attempts: 0,
  last: TIME,
  next: null
}

export const PUSHED_ENTRIES = {
  ledger: LEDGER,
  accepted: ['d-1', 'd-3'],
  rejected: [{ id: 'd-2', reason: 'ID_TAKEN' }],
  conflicts: [{ id: 'd-3', conflict: 'CONFLICT' }],
  skipped: { FILTERED: 1 }
}

export const REMOTE_LEDGER = {
  ledger: LEDGER,
  name: 'backup',
  endpoint: [ADDRESS],
  publicKey: null,
  syncDirection: 'push',
  schedule: 'every 1d',
  open: false,
  opens: TIME,
  priority: 7,
  inKiBps: 512,
  outKiBps: null,
  hasToken: true,
  peers: [PEER],
  mode: null,
  adopt: null,
  filters: null,
  paused: false,
  pushed: null,
  flows: [PUSH_FLOW],
  exceptions: {
    inbound: { pending: 0, conflict: 0, failed: 0 },
    outbound: { pending: 0, conflict: 0, failed: 1 }
  }
}

export const JOB = {
  ledger: LEDGER,
  name: 'acme',
  remote: LEDGER,
  direction: 'in',
  state: 'waiting',
  code: 'SCHEDULED',
  explanation: 'It is not its time: …',
  since: TIME,
  next: TIME,
  schedule: 'every 1d',
  priority: 5,
  history: [{ at: TIME, from: 'done', to: 'waiting', code: 'SCHEDULED' }]
}

export const PENDING_OFFER = {
  ledger: LEDGER,
  peer: PEER,
  name: 'acme',
  access: 'public',
  size: 2,
  from: LEDGER,
  trusted: false,
  state: 'pending',
  first: TIME,
  last: TIME
}

export const STATE_ROW = {
  id: `${LEDGER}:order-1`,
  remote: LEDGER,
  ledger: LEDGER,
  seq: 1,
  entryId: 'order-1',
  entryHash: HASH,
  direction: 'outbound',
  status: 'failed',
  code: 'DENIED',
  error: 'The remote takes no offers from this node.',
  conflicts: [],
  attempts: 2,
  lastAttempt: TIME,
  nextAttempt: TIME,
  createdAt: TIME,
  updatedAt: TIME
}

export const ADOPTION = {
  ledger: LEDGER,
  name: 'university',
  status: 'adopted',
  filters: { types: ['diploma'] },
  from: 0,
  acceptReaders: false,
  size: 5,
  looked: 5,
  erasuresTo: 5,
  copies: 3,
  waiting: 0,
  skipped: { RESERVED: 1, FILTERED: 1 },
  refused: {},
  latestRefused: [],
  others: [],
  disputed: 0,
  today: { since: TIME, entries: 3, bytes: 2_100 },
  stall: null
}
