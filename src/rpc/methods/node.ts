import { z } from 'zod'
import { OWN_STATES } from '../../ledger/signer/signer-guard.js'
import { method, optional, required } from '../method.js'
import * as example from './examples.js'
import { access, hash, health, integer, ledgerId, peer } from './shapes.js'

export const nodeMethods = {
  'node.status': method({
    access: 'private',
    summary: 'Who this node is, what it holds and how it is doing, on one screen.',
    params: [],
    result: z.object({
      version: z.string(),
      network: z.string(),
      ledger: ledgerId,
      name: z.string(),
      access,
      peerId: z.string(),
      addrs: z.array(z.string()),
      home: z.string(),
      socket: z.string().nullable(),
      startedAt: integer,
      own: z.object({
        size: integer,
        hash: hash.nullable(),
        state: z.enum(OWN_STATES),
        waiting: z.string().nullable(),
        unconfirmed: z.string().nullable()
      }),
      followed: integer,
      peers: integer,
      stalled: integer,
      evidence: integer,
      dht: z.object({ mode: z.enum(['server', 'client', 'off']), peers: integer })
    }),
    errors: [],
    example: {
      params: {},
      result: {
        version: '0.1.0',
        network: 'main',
        ledger: example.LEDGER,
        name: 'acme',
        access: 'public',
        peerId: example.PEER,
        addrs: [example.ADDRESS],
        home: '/home/acme/.ledgermesh',
        socket: '/home/acme/.ledgermesh/rpc/node.sock',
        startedAt: example.TIME,
        own: { size: 8, hash: example.HASH, state: 'ready', waiting: null, unconfirmed: null },
        followed: 2,
        peers: 3,
        stalled: 0,
        evidence: 0,
        dht: { mode: 'server', peers: 3 }
      }
    }
  }),
  'node.health': method({
    access: 'private',
    summary: 'Is everything in order? Each check says what to do when it is not.',
    params: [],
    result: health,
    errors: [],
    example: {
      params: {},
      result: { healthy: true, checks: [{ check: 'store', ok: true, detail: 'writable', next: null }] }
    }
  }),
  'node.metrics': method({
    access: 'read',
    summary: 'Figures of this node, as Prometheus reads them (exposition format 0.0.4).',
    params: [],
    result: z.object({ text: z.string() }),
    errors: [],
    example: { params: {}, result: { text: '# HELP ledgermesh_peers …' } }
  }),
  'node.peers': method({
    access: 'private',
    summary: 'The peers that are connected now.',
    params: [],
    result: z.object({ peers: z.array(peer) }),
    errors: [],
    example: { params: {}, result: { peers: [example.PEER_STATUS] } }
  }),
  'node.reload': method({
    access: 'operate',
    summary: 'Reads config.json and the bootstrap file again, as SIGHUP does, and says which new settings count now.',
    params: [optional('dryRun', z.boolean(), 'Only say what would change. Default false.')],
    result: z.object({ changed: z.array(z.string()), later: z.array(z.string()), left: z.array(z.string()) }),
    errors: ['BAD_CONFIG'],
    example: { params: { dryRun: true }, result: { changed: ['logLevel'], later: ['region'], left: [] } }
  }),
  'node.disk': method({
    access: 'private',
    summary: 'How much of the disk each ledger takes; about, for what was written last is in no sorted file yet.',
    params: [],
    result: z.object({
      bytes: integer,
      free: integer,
      ledgers: z.array(z.object({ ledger: ledgerId, entries: integer, bytes: integer, payloads: integer })),
      shared: integer
    }),
    errors: ['STORE_DAMAGED', 'CLOSED'],
    example: {
      params: {},
      result: {
        bytes: 90_000,
        free: 5_000_000_000,
        ledgers: [{ ledger: example.LEDGER, entries: 8, bytes: 60_000, payloads: 20_000 }],
        shared: 30_000
      }
    }
  }),
  'node.compact': method({
    access: 'operate',
    summary: 'Rewrites the files of the store, so that what was replaced or deleted takes no room any more.',
    params: [],
    result: z.object({ before: integer, after: integer }),
    errors: ['STORE_FAILED', 'CLOSED'],
    example: { params: {}, result: { before: 90_000, after: 60_000 } }
  }),
  'node.backup': method({
    access: 'socket-only',
    summary:
      'Writes a consistent copy of all that is stored to a new folder, while the node runs. Without keys, unless asked for.',
    params: [
      required('folder', z.string().min(1).max(4096), 'Absolute path of a folder that does not exist yet.'),
      optional('withKeys', z.boolean(), 'Copy ledger.key and peer.key too; next.key never is. Default false.')
    ],
    result: z.object({
      v: z.literal(1),
      folder: z.string(),
      createdAt: integer,
      network: z.string(),
      ledger: ledgerId,
      ledgers: z.array(z.object({ ledger: ledgerId, entries: integer })),
      bytes: integer,
      keys: z.boolean()
    }),
    errors: ['BAD_FILE', 'INVALID_PARAMS', 'STORE_DAMAGED', 'CLOSED'],
    example: {
      params: { folder: '/backup/monday' },
      result: {
        v: 1,
        folder: '/backup/monday',
        createdAt: example.TIME,
        network: 'main',
        ledger: example.LEDGER,
        ledgers: [{ ledger: example.LEDGER, entries: 8 }],
        bytes: 9000,
        keys: false
      }
    }
  }),
  'node.stop': method({
    access: 'socket-only',
    summary: 'Stops the node: answers what is pending, then closes.',
    params: [],
    result: z.object({ stopping: z.literal(true) }),
    errors: [],
    example: { params: {}, result: { stopping: true } }
  })
} as const
