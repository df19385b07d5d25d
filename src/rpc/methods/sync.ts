import { z } from 'zod'
import { method, optional, required } from '../method.js'
import * as example from './examples.js'
import {
  access,
  adoptOptions,
  copiesChoice,
  entry,
  evidenceState,
  hash,
  integer,
  ledgerHandle,
  ledgerId,
  name,
  publicKey,
  span,
  syncFilters,
  syncStatus,
  timestamp
} from './shapes.js'

const followed = required('ledger', ledgerHandle, 'A followed ledger.')
/** What an entry has beside its bytes, as it was answered; none of it is read. */
const broughtView = Object.fromEntries(
  Object.keys(entry.shape)
    .filter((member) => member !== 'raw')
    .map((member) => [member, z.unknown().optional()])
)
const STATUS_ERRORS = ['NOT_FOLLOWED', 'CLOSED'] as const

export const syncMethods = {
  'sync.follow': method({
    access: 'operate',
    summary: 'Replicates a remote ledger from now on; its entries are verified and kept here.',
    params: [
      required('ledger', ledgerHandle, 'The ledger to follow.'),
      optional(
        'filters',
        syncFilters,
        'Keep every header, but only payloads that match: {streams, types, issuers, subjects}. Default: all.'
      ),
      optional(
        'headers',
        z.boolean(),
        'Keep every header and no payload: enough to weigh attestations. Default false.'
      ),
      optional(
        'key',
        publicKey,
        "A key that is in force on the owner's branch, or that it commits to (hex). It decides should a key sign two rotations. Default: none."
      ),
      optional(
        'adopt',
        adoptOptions,
        'Adopt its entries too (see sync.adopt): {filters, from (a seq, or now), acceptReaders}. Default: no.'
      )
    ],
    result: syncStatus,
    errors: ['UNTRUSTED', 'PRIVATE_INTO_PUBLIC', 'READERS_WIDER', 'WRONG_NETWORK', 'STORE_FAILED', 'OFFLINE', 'CLOSED'],
    example: { params: { ledger: example.LEDGER }, result: example.SYNC_STATUS }
  }),
  'sync.unfollow': method({
    access: 'operate',
    summary: 'Stops replicating a ledger. Its entries are kept, unless `forget` is true.',
    params: [
      followed,
      optional('forget', z.boolean(), 'Delete its entries too. Default false.'),
      optional(
        'copies',
        copiesChoice,
        'What happens to copies of its entries in the own ledger, which later erasures will not reach: keep or erase. Required when there are such copies.'
      )
    ],
    result: z.object({ ledger: ledgerId, forgotten: z.boolean() }),
    errors: [...STATUS_ERRORS, 'COPIES_REMAIN'],
    example: { params: { ledger: example.LEDGER }, result: { ledger: example.LEDGER, forgotten: false } }
  }),
  'sync.status': method({
    access: 'read',
    summary: 'synced, syncing or stalled (with why, since when and what comes next), for each ledger held.',
    params: [optional('ledger', ledgerHandle, 'Only this one. Default: all.')],
    result: z.object({ ledgers: z.array(syncStatus) }),
    errors: STATUS_ERRORS,
    example: { params: {}, result: { ledgers: [example.SYNC_STATUS] } }
  }),
  'sync.pull': method({
    access: 'operate',
    summary: 'Asks every peer that has the ledger now; answers when it is synced or stalled.',
    params: [followed],
    result: syncStatus,
    errors: STATUS_ERRORS,
    example: { params: { ledger: example.LEDGER }, result: example.SYNC_STATUS }
  }),
  'sync.entries': method({
    access: 'read',
    summary:
      'Entries of one ledger, by seq, for a program that keeps a copy: since a time to begin with, then since the next of the answer before.',
    params: [
      optional(
        'since',
        z.union([z.string().regex(/^seq:\d{1,15}$/, 'seq:<number>'), timestamp]),
        'next of the answer before; or a time, to begin: from the first seq whose timestamp is not before it. Default: the beginning.'
      ),
      optional('limit', z.int().min(1).max(1000), 'Entries, 1–1000. Default 100.'),
      optional('ledger', ledgerHandle, 'Default: the own one.'),
      optional('stream', name, 'Only this stream.')
    ],
    result: z.object({
      entries: z.array(entry),
      hasMore: z.boolean(),
      next: z.string().nullable(),
      checkpoint: z.object({ hash, timestamp: integer, size: integer, note: z.string().nullable() }).nullable()
    }),
    errors: ['NOT_FOUND', 'STORE_FAILED', 'CLOSED'],
    example: {
      params: { since: 'seq:1', limit: 10 },
      result: {
        entries: [example.ENTRY],
        hasMore: false,
        next: 'seq:2',
        checkpoint: { hash: example.HASH, timestamp: example.TIME, size: 2, note: 'note\n' }
      }
    }
  }),
  'sync.receive': method({
    access: 'push',
    summary:
      'Takes entries that a program brings, as if a peer had sent them. Of a followed ledger they are verified, as one range that continues what is held, and stored; of another one they are an offer. Nobody is asked.',
    params: [
      required(
        'entries',
        z
          .array(
            z.strictObject({
              ...broughtView,
              raw: z.strictObject({ header: z.string(), payload: z.string().nullable(), signature: z.string() })
            })
          )
          .max(1000),
        'By seq, as ledger.query and sync.entries give them; only raw counts.'
      ),
      required('sourceLedgerId', ledgerId, 'The whole id of their ledger.'),
      required('sourcePublicKey', publicKey, 'One of its keys; it decides nothing.')
    ],
    result: z.object({
      accepted: z.array(z.string()),
      rejected: z.array(z.object({ id: z.string(), reason: z.string() })),
      conflicts: z.array(z.object({ id: z.string(), conflict: z.string() })),
      size: integer.nullable(),
      offered: z.boolean()
    }),
    errors: ['INVALID_PARAMS', 'NOT_FOUND', 'OFFLINE', 'STORE_FAILED', 'CLOSED'],
    example: {
      params: {
        entries: [{ id: 'order-1', raw: example.ENTRY.raw }],
        sourceLedgerId: example.LEDGER,
        sourcePublicKey: example.HASH
      },
      result: { accepted: ['order-1'], rejected: [], conflicts: [], size: 2, offered: false }
    }
  }),
  'sync.pause': method({
    access: 'operate',
    summary: 'Stops pulling a followed ledger until sync.resume, or for a time.',
    params: [followed, optional('for', span, 'How long: 2h, or ms. Default: until sync.resume.')],
    result: syncStatus,
    errors: STATUS_ERRORS,
    example: { params: { ledger: example.LEDGER }, result: example.SYNC_STATUS }
  }),
  'sync.resume': method({
    access: 'operate',
    summary: 'Resumes pulling a paused ledger.',
    params: [followed],
    result: syncStatus,
    errors: STATUS_ERRORS,
    example: { params: { ledger: example.LEDGER }, result: example.SYNC_STATUS }
  }),
  'sync.conflicts': method({
    access: 'private',
    summary: 'Frozen ledgers, and what an operator can do about each; and the entries voided by earlier resolutions.',
    params: [optional('ledger', ledgerHandle, 'Only this one. Default: all that are held.')],
    result: z.object({
      conflicts: z.array(
        z.object({
          ledger: ledgerId,
          name: z.string().nullable(),
          access: access.nullable(),
          own: z.boolean(),
          frozenAt: integer,
          disputed: integer,
          evidence: hash.nullable(),
          kind: z.string().nullable(),
          keyFork: z.boolean(),
          rotation: z.object({ seq: integer, hash, key: hash }).nullable(),
          next: z.string()
        })
      ),
      disputes: z.array(
        z.object({
          ledger: ledgerId,
          name: z.string().nullable(),
          access: access.nullable(),
          state: evidenceState,
          evidence: hash.nullable(),
          kind: z.string().nullable(),
          seq: integer.nullable(),
          from: integer.nullable(),
          next: z.string()
        })
      ),
      voided: z.array(z.object({ ledger: ledgerId, evidence: z.string(), from: integer, entries: integer }))
    }),
    errors: STATUS_ERRORS,
    example: {
      params: {},
      result: {
        conflicts: [
          {
            ledger: example.LEDGER,
            name: 'acme',
            access: 'public',
            own: false,
            frozenAt: 5,
            disputed: 3,
            evidence: example.HASH,
            kind: 'same-seq',
            keyFork: false,
            rotation: { seq: 5, hash: example.HASH, key: example.HASH },
            next: 'If the owner confirms the rotation, …'
          }
        ],
        disputes: [],
        voided: []
      }
    }
  }),
  'sync.resolve': method({
    access: 'socket-only',
    binds: true,
    summary:
      'Accepts the branch of a frozen ledger that carries a rotate-key by the committed key. The disputed entries are voided, and kept for inspection. Belief in a ledger that thawed by itself after it was settled is restored.',
    params: [
      required('ledger', ledgerHandle, 'A frozen ledger.'),
      optional(
        'key',
        publicKey,
        "Hex: the key in force on the owner's branch, or the one that it commits to. Needed when a key signed two rotations."
      )
    ],
    result: z.object({ status: syncStatus, voided: integer.describe('voided entries') }),
    errors: ['NOT_FOLLOWED', 'READ_ONLY', 'NOT_FROZEN', 'NO_ROTATION', 'STORE_FAILED', 'CLOSED'],
    example: { params: { ledger: example.LEDGER }, result: { status: example.SYNC_STATUS, voided: 3 } }
  }),
  'sync.voided': method({
    access: 'private',
    summary:
      'The signed headers of voided entries, grouped by the evidence id (its beginning) that caused it, then by seq.',
    params: [
      required('ledger', ledgerHandle, 'A ledger that is held.'),
      optional('offset', integer, 'How many to leave out. Default 0.'),
      optional('limit', z.int().min(1).max(1000), '1–1000, default 100.')
    ],
    result: z.object({
      entries: z.array(
        z.object({ evidence: z.string(), seq: integer, hash, header: z.string(), signature: z.string() })
      )
    }),
    errors: ['NOT_FOUND', 'CLOSED'],
    example: {
      params: { ledger: example.LEDGER },
      result: {
        entries: [
          {
            evidence: example.HASH.slice(0, 32),
            seq: 5,
            hash: example.HASH,
            header: example.HEADER,
            signature: example.SIGNATURE
          }
        ]
      }
    }
  })
} as const
