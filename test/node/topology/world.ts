/** A small network, drawn from what a node would know. */
import type { HeldLedger, KnownPeer, TopologyInput } from '../../../src/node/topology/make-topology.js'

/** A ledger id made of one letter. */
export const id = (letter: string): string => `b${letter.repeat(51)}a`
export const [A, B, C, D] = ['a', 'b', 'c', 'd'].map(id) as [string, string, string, string]

export function held(ledger: string, more: Partial<HeldLedger> = {}): HeldLedger {
  return {
    id: ledger,
    name: `name of ${ledger[1]!}`,
    own: false,
    followed: true,
    size: 10,
    status: 'synced',
    stall: null,
    filters: null,
    access: 'public',
    frozen: false,
    publicKey: 'ab'.repeat(32),
    ...more
  }
}

export function peer(name: string, ledger: string, more: Partial<KnownPeer> = {}): KnownPeer {
  return {
    peer: name,
    ledger,
    name: null,
    seq: 1,
    addrs: [`/ip4/127.0.0.1/tcp/1/p2p/${name}`],
    capabilities: ['sync'],
    connected: true,
    proven: true,
    software: null,
    lastSeen: 1,
    metadata: { version: '1', streams: [], region: null },
    ...more
  }
}

export function world(more: Partial<TopologyInput> = {}): TopologyInput {
  return {
    at: 1_767_225_600_000,
    self: A,
    selfPeer: 'pa',
    held: [held(A, { own: true, followed: false }), held(B)],
    peers: [peer('pa', A), peer('pb', B)],
    heldByPeers: [{ peer: 'pb', ledger: A, size: 7 }],
    references: [
      {
        from: A,
        to: B,
        count: 3,
        types: { source: 2, derived: 0, related: 1, transaction: 0 },
        unresolved: 1,
        contradicted: 0
      }
    ],
    referencesCounted: { counted: 20, held: 20 },
    trust: [{ from: A, to: B, levelMilli: 900, type: 'full', expires: null, accepted: true }],
    ...more
  }
}
