import { z } from 'zod'
import { MAX_APPEND_BATCH } from '../limits.js'
import { method, optional, required } from '../method.js'
import * as example from './examples.js'
import * as shape from './shapes.js'

const ownByDefault = optional('ledger', shape.ledgerHandle, 'A ledger held here. Default: the own one.')
const id = optional(
  'id',
  shape.entryHandle,
  "The entry's id, or the beginning of its id or hash. Exactly one of id, hash and seq."
)
const byHash = optional('hash', shape.hashHandle, "The entry's hash, or its beginning.")
const bySeq = optional('seq', shape.integer, "The entry's place in its ledger, from 0.")
const allowUnresolved = optional(
  'allowUnresolved',
  z.boolean(),
  'Write references whose target is not held with the entryHash given, or null, instead of refusing. Default false.'
)
const allowPrivateTarget = optional(
  'allowPrivateTarget',
  z.boolean(),
  'Write references to private ledgers into a public one, where they name these ledgers to everybody for ever, instead of refusing. Default false.'
)
const APPEND_ERRORS = [
  'MALFORMED',
  'TOO_LARGE',
  'ID_TAKEN',
  'RESERVED_TYPE',
  'RESERVED_ID',
  'REFERENCE_UNRESOLVED',
  'REFERENCE_CONTRADICTED',
  'REFERENCE_PRIVATE',
  'RESTORING',
  'STORE_FAILED',
  'CLOSED'
] as const
const READ_ERRORS = ['NOT_FOUND', 'NOT_FOLLOWED', 'STORE_FAILED', 'CLOSED'] as const

export const ledgerMethods = {
  'ledger.append': method({
    access: 'append',
    binds: true,
    summary:
      'Appends an entry to the own ledger; answers when it is on disk. An id that was used before with the same content gives the stored entry.',
    params: [
      required('stream', shape.name, 'What the entry is about, for example "orders".'),
      required('type', shape.name, 'What happened. ledger.*, trust.* and transaction.* are reserved.'),
      optional(
        'payload',
        shape.json,
        'Any JSON (RFC 7493), at most 1 MiB. A number that a double cannot hold is refused: write it as a string. Default null.'
      ),
      optional('issuer_oid', shape.name, 'The issuer: a pseudonymous id, public for ever.'),
      optional('subject_oid', shape.name, 'The subject: a pseudonymous id, public for ever.'),
      optional(
        'id',
        shape.name,
        'Makes the append idempotent: repeated with the same content it returns the stored entry (timestamp and entryHash count when given), with other content ID_TAKEN. Ids are compared byte by byte: an accent in NFC and in NFD makes two. Not tx:…. Default: a new UUIDv7.'
      ),
      optional(
        'references',
        shape.references,
        'Entries in other ledgers (or the own one) that this one points to. An entryHash that is given is compared with what is held here.'
      ),
      optional('meta', shape.jsonObject, 'Public and permanent facts, in the signed header.'),
      optional('timestamp', shape.timestamp, 'A date, or ms since 1970. Default: now.'),
      allowUnresolved,
      optional(
        'replicas',
        z.int().min(1).max(64),
        'Wait until so many remotes that are pushed to have it on their disks. Too few in time is no error: the answer names the remotes that have not, and why.',
        'private'
      ),
      optional('timeout', shape.wait, 'How long to wait for them: 9s, or ms. Default 9s.'),
      optional(
        'expect',
        shape.expect,
        'Only while exactly these entries stand on its key under this rule (sync.view), else STALE: {rule, siblings: [hash, …]}. The entry then says that it has seen them.',
        'private'
      ),
      allowPrivateTarget
    ],
    result: shape.appended.extend({
      confirmed: shape.replicas.confirmed.optional(),
      waiting: shape.replicas.waiting.optional()
    }),
    errors: [...APPEND_ERRORS, 'STALE', 'NOT_YET'],
    example: {
      params: { stream: 'orders', type: 'order.created', payload: { total: 12.5 }, id: 'order-1' },
      result: { entry: example.ENTRY, existing: false }
    }
  }),
  'ledger.appendBatch': method({
    access: 'append',
    binds: true,
    summary: 'Appends entries in one commit: all of them or none.',
    params: [
      required(
        'entries',
        z.array(shape.appendInput).min(1).max(MAX_APPEND_BATCH),
        'As the params of ledger.append, by name.'
      ),
      allowUnresolved,
      allowPrivateTarget
    ],
    result: z.object({ appended: z.array(shape.appended) }),
    errors: APPEND_ERRORS,
    example: {
      params: { entries: [{ stream: 'orders', type: 'order.created', payload: { total: 12.5 }, id: 'order-1' }] },
      result: { appended: [{ entry: example.ENTRY, existing: true }] }
    }
  }),
  'ledger.get': method({
    access: 'read',
    summary: 'One entry, by exactly one of id, hash and seq.',
    params: [
      id,
      optional('ledger', shape.ledgerOrAll, 'A ledger held here, or * for all. Default: the own one.'),
      byHash,
      bySeq
    ],
    result: z.object({ entry: shape.entry }),
    errors: READ_ERRORS,
    example: { params: { id: 'order-1' }, result: { entry: example.ENTRY } }
  }),
  'ledger.query': method({
    access: 'read',
    summary:
      'Entries that match all the filters given, a page at a time. A page ends early, even empty, after 4 MiB or 20,000 entries looked at: go on while there is a nextCursor.',
    params: [
      optional('ledger', shape.ledgerOrAll, 'A ledger held here, or * for all. Default: the own one.'),
      optional('stream', shape.name, 'Only this stream.'),
      optional('type', shape.name, 'Only this type.'),
      optional('issuer_oid', shape.name, 'Only this issuer.'),
      optional('subject_oid', shape.name, 'Only this subject.'),
      optional('from', shape.pastTime, 'Timestamps from here on: a date, ms since 1970, or 7d (ago).'),
      optional('to', shape.pastTime, 'Timestamps before this: a date, ms since 1970, or 7d (ago).'),
      optional('limit', z.int().min(1).max(1000), 'Entries a page, 1–1000. Default 100.'),
      optional('cursor', z.string().min(1).max(4096), 'nextCursor of the page before.'),
      optional('order', z.enum(['asc', 'desc']), 'By seq. Default asc.'),
      // Params keep their places for ever: new ones come last.
      optional('refers_to', shape.ledgerHandle, 'Only entries with a reference to this ledger.'),
      optional('refers_to_id', shape.name, 'With refers_to: to the entry of it with this id.'),
      optional(
        'adopted',
        z.boolean(),
        "true: only copies of other ledgers' entries; false: none of them. Default: both."
      ),
      optional(
        'withConflicts',
        z.boolean(),
        'Each entry says in which undecided conflicts it stands, as they are known here. Default false.',
        'private'
      ),
      optional('fromSeq', shape.integer, 'Only entries from this seq on. Default 0.')
    ],
    result: z.object({ entries: z.array(shape.entry), nextCursor: z.string().nullable(), hasMore: z.boolean() }),
    errors: [...READ_ERRORS, 'CURSOR_INVALID'],
    example: {
      params: { stream: 'orders', limit: 10 },
      result: { entries: [example.ENTRY], nextCursor: null, hasMore: false }
    }
  }),
  'ledger.verifyEntry': method({
    access: 'read',
    summary:
      'Checks one entry: its bytes, its link, the key in force, its signature, its payload; for each reference, whether the target held here matches; for an adopted entry, whether the original is held and equal.',
    params: [id, ownByDefault, byHash, bySeq],
    result: z.object({
      valid: z.boolean(),
      ledger: shape.ledgerId,
      seq: shape.integer,
      hash: shape.hash,
      problem: shape.problem.nullable(),
      references: z.array(shape.verifiedReference),
      copy: shape.verifiedCopy.nullable()
    }),
    errors: READ_ERRORS,
    example: {
      params: { seq: 1 },
      result: {
        valid: true,
        ledger: example.LEDGER,
        seq: 1,
        hash: example.HASH,
        problem: null,
        references: [example.VERIFIED_REFERENCE],
        copy: null
      }
    }
  }),
  'ledger.verifyChain': method({
    access: 'read',
    summary: 'Checks a ledger entry by entry, from its genesis or from a seq.',
    params: [
      ownByDefault,
      optional('from', shape.integer, 'First seq. Default 0.'),
      optional('limit', z.int().min(1), 'At most so many entries. Default: all.')
    ],
    result: z.object({
      valid: z.boolean(),
      ledger: shape.ledgerId,
      from: shape.integer,
      entries: shape.integer,
      signatures: shape.integer,
      payloads: z.object({
        present: shape.integer,
        erased: shape.integer,
        filtered: shape.integer,
        missing: shape.integer,
        malformed: shape.integer,
        none: shape.integer
      }),
      timestampsGoingBack: shape.integer,
      problem: z.object({ seq: shape.integer, code: z.string(), message: z.string() }).nullable()
    }),
    errors: READ_ERRORS,
    example: {
      params: {},
      result: {
        valid: true,
        ledger: example.LEDGER,
        from: 0,
        entries: 2,
        signatures: 2,
        payloads: { present: 1, erased: 0, filtered: 0, missing: 0, malformed: 0, none: 1 },
        timestampsGoingBack: 0,
        problem: null
      }
    }
  }),
  'ledger.head': method({
    access: 'read',
    summary: "The newest entry's signed header: how far the ledger reaches.",
    params: [ownByDefault],
    result: z.object({
      ledger: shape.ledgerId,
      size: shape.integer,
      seq: shape.integer,
      hash: shape.hash,
      root: shape.hash,
      header: z.string(),
      signature: z.string(),
      timestamp: shape.integer
    }),
    errors: READ_ERRORS,
    example: {
      params: {},
      result: {
        ledger: example.LEDGER,
        size: 2,
        seq: 1,
        hash: example.HASH,
        root: example.HASH,
        header: example.HEADER,
        signature: example.SIGNATURE,
        timestamp: example.TIME
      }
    }
  }),
  'ledger.checkpoint': method({
    access: 'read',
    summary: 'The newest signed Merkle root, as a C2SP checkpoint note.',
    params: [ownByDefault],
    result: z.object({ ledger: shape.ledgerId, size: shape.integer, root: shape.hash, note: z.string() }),
    errors: [...READ_ERRORS, 'NOT_YET'],
    example: {
      params: {},
      result: { ledger: example.LEDGER, size: 2, root: example.HASH, note: `ledgermesh/main/${example.LEDGER}\n2\n…\n` }
    }
  }),
  'ledger.prove': method({
    access: 'read',
    summary: 'One file that proves an entry to somebody who holds nothing: inclusion path, checkpoint, key entries.',
    params: [id, ownByDefault, byHash, bySeq],
    result: z.object({
      v: z.literal(1),
      network: z.string(),
      ledger: shape.ledgerId,
      key_entries: z.array(z.object({ header: z.string(), signature: z.string() })),
      checkpoint: z.string(),
      seq: shape.integer,
      entry: z.object({ header: z.string(), signature: z.string(), payload: z.string().nullable() }),
      path: z.array(shape.hash)
    }),
    errors: [...READ_ERRORS, 'NOT_YET'],
    example: {
      params: { id: 'order-1' },
      result: {
        v: 1,
        network: 'main',
        ledger: example.LEDGER,
        key_entries: [{ header: example.HEADER, signature: example.SIGNATURE }],
        checkpoint: `ledgermesh/main/${example.LEDGER}\n2\n…\n`,
        seq: 1,
        entry: { header: example.HEADER, signature: example.SIGNATURE, payload: null },
        path: [example.HASH]
      }
    }
  }),
  'ledger.consistency': method({
    access: 'read',
    summary:
      'The RFC 6962 proof that the tree of one size is a prefix of the tree of a larger one: nothing before it was changed.',
    params: [
      required('size1', z.int().min(1), 'Entries under the older root.'),
      required('size2', z.int().min(1), 'Entries under the newer root.'),
      ownByDefault
    ],
    result: z.object({
      ledger: shape.ledgerId,
      size1: shape.integer,
      root1: shape.hash,
      size2: shape.integer,
      root2: shape.hash,
      proof: z.array(shape.hash)
    }),
    errors: [...READ_ERRORS, 'BAD_PROOF'],
    example: {
      params: { size1: 1, size2: 2 },
      result: {
        ledger: example.LEDGER,
        size1: 1,
        root1: example.HASH,
        size2: 2,
        root2: example.HASH,
        proof: [example.HASH]
      }
    }
  }),
  'ledger.override': method({
    access: 'socket-only',
    summary:
      'Ends RESTORING, CONFIRMING and TWIN: the operator confirms that the stored entries are all that was ever signed, and that no other node signs. If that is false, the ledger forks for good.',
    params: [required('nothingWasSignedSince', z.literal(true), 'Must be true: your confirmation.')],
    result: shape.syncStatus,
    errors: ['STORE_FAILED', 'CLOSED'],
    example: { params: { nothingWasSignedSince: true }, result: example.SYNC_STATUS }
  }),
  'ledger.subscribe': method({
    access: 'read',
    summary:
      'Sends ledger.entries_subscription notifications on this connection for every entry from now on. ' +
      'Its params: {subscription, result: {ledger, entries}}; {subscription, result: {overflow: true}} stands where a slow reader missed some.',
    params: [optional('ledger', shape.ledgerOrAll, 'A ledger held here, or * for all. Default: the own one.')],
    result: z.object({ subscription: z.string() }),
    notifies: {
      method: 'ledger.entries_subscription',
      result: z.union([
        z.object({ ledger: shape.ledgerId, entries: z.array(shape.entry) }),
        z.object({ overflow: z.literal(true) })
      ])
    },
    errors: ['NOT_FOLLOWED', 'CLOSED'],
    example: { params: { ledger: '*' }, result: { subscription: '1' } }
  }),
  'ledger.unsubscribe': method({
    access: 'read',
    summary: 'Ends a subscription of this connection; false: there was none with that id.',
    params: [required('subscription', z.string(), 'As ledger.subscribe gave it.')],
    result: z.object({ unsubscribed: z.boolean() }),
    errors: [],
    example: { params: { subscription: '1' }, result: { unsubscribed: true } }
  })
} as const
