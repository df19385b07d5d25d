import { z } from 'zod'
import { MAX_LIST } from '../../core/limits.js'
import { MAX_APPEND_BATCH } from '../limits.js'
import { method, optional, required } from '../method.js'
import * as example from './examples.js'
import * as shape from './shapes.js'

const ownByDefault = optional('ledger', shape.ledgerId, 'A ledger held here. Default: the own one.')
const id = optional('id', shape.name, 'The entry\'s id. Exactly one of id, hash and seq.')
const byHash = optional('hash', shape.hash, 'The entry\'s hash.')
const bySeq = optional('seq', shape.integer, 'The entry\'s place in its ledger, from 0.')
const allowUnresolved = optional('allowUnresolved', z.boolean(), 'Write references whose target is not held with entryHash null, instead of refusing. Default false.')
const APPEND_ERRORS = ['MALFORMED', 'TOO_LARGE', 'ID_TAKEN', 'RESERVED_TYPE', 'REFERENCE_UNRESOLVED', 'RESTORING', 'STORE_FAILED', 'CLOSED'] as const
const READ_ERRORS = ['NOT_FOUND', 'NOT_FOLLOWED', 'STORE_FAILED', 'CLOSED'] as const

export const ledgerMethods = {
  'ledger.append': method({
    summary: 'Appends an entry to the own ledger; answers when it is on disk. An id that was used before with the same content gives the stored entry.',
    params: [
      required('stream', shape.name, 'What the entry is about, for example "orders".'),
      required('type', shape.name, 'What happened. ledger.*, trust.* and transaction.* are reserved.'),
      optional('payload', shape.json, 'Any JSON, at most 1 MiB. Default null.'),
      optional('issuer_oid', shape.name, 'Who says it: a pseudonymous id, public for ever.'),
      optional('subject_oid', shape.name, 'About whom or what: a pseudonymous id, public for ever.'),
      optional('id', shape.name, 'Makes the append idempotent. Default: a new UUIDv7.'),
      optional('references', shape.references, 'Entries in other ledgers (or the own one) that this one points to.'),
      optional('meta', shape.jsonObject, 'Public and permanent facts, in the signed header.'),
      optional('timestamp', shape.timestamp, 'Milliseconds since 1970. Default: now.'),
      allowUnresolved
    ],
    result: shape.appended,
    errors: APPEND_ERRORS,
    example: { params: { stream: 'orders', type: 'order.created', payload: { total: 12.5 }, id: 'order-1' }, result: { entry: example.ENTRY, existing: false } }
  }),
  'ledger.appendBatch': method({
    summary: 'Appends entries in one commit: all of them or none.',
    params: [required('entries', z.array(shape.appendInput).min(1).max(MAX_APPEND_BATCH), 'As the params of ledger.append, by name.'), allowUnresolved],
    result: z.object({ appended: z.array(shape.appended) }),
    errors: APPEND_ERRORS,
    example: { params: { entries: [{ stream: 'orders', type: 'order.created', payload: { total: 12.5 }, id: 'order-1' }] }, result: { appended: [{ entry: example.ENTRY, existing: true }] } }
  }),
  'ledger.get': method({
    summary: 'One entry, by exactly one of id, hash and seq.',
    params: [id, optional('ledger', shape.ledgerOrAll, 'A ledger held here, or * for all. Default: the own one.'), byHash, bySeq],
    result: z.object({ entry: shape.entry }),
    errors: READ_ERRORS,
    example: { params: { id: 'order-1' }, result: { entry: example.ENTRY } }
  }),
  'ledger.query': method({
    summary: 'Entries that match all the filters given, a page at a time.',
    params: [
      optional('ledger', shape.ledgerOrAll, 'A ledger held here, or * for all. Default: the own one.'),
      optional('stream', shape.name, 'Only this stream.'),
      optional('type', shape.name, 'Only this type.'),
      optional('issuer_oid', shape.name, 'Only this issuer.'),
      optional('subject_oid', shape.name, 'Only this subject.'),
      optional('from', shape.timestamp, 'Timestamps from here on, in ms.'),
      optional('to', shape.timestamp, 'Timestamps before this, in ms.'),
      optional('limit', z.int().min(1).max(1000), 'Entries a page, 1–1000. Default 100.'),
      optional('cursor', z.string().min(1).max(4096), 'nextCursor of the page before.'),
      optional('order', z.enum(['asc', 'desc']), 'By seq. Default asc.')
    ],
    result: z.object({ entries: z.array(shape.entry), nextCursor: z.string().nullable(), hasMore: z.boolean() }),
    errors: [...READ_ERRORS, 'CURSOR_INVALID'],
    example: { params: { stream: 'orders', limit: 10 }, result: { entries: [example.ENTRY], nextCursor: null, hasMore: false } }
  }),
  'ledger.verifyEntry': method({
    summary: 'Checks one entry: its bytes, its link, the key in force, its signature, its payload.',
    params: [id, ownByDefault, byHash, bySeq],
    result: z.object({ valid: z.boolean(), ledger: shape.ledgerId, seq: shape.integer, hash: shape.hash, problem: shape.problem.nullable() }),
    errors: READ_ERRORS,
    example: { params: { seq: 1 }, result: { valid: true, ledger: example.LEDGER, seq: 1, hash: example.HASH, problem: null } }
  }),
  'ledger.verifyChain': method({
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
      payloads: z.object({ present: shape.integer, erased: shape.integer, filtered: shape.integer, missing: shape.integer, malformed: shape.integer, none: shape.integer }),
      timestampsGoingBack: shape.integer,
      problem: z.object({ seq: shape.integer, code: z.string(), message: z.string() }).nullable()
    }),
    errors: READ_ERRORS,
    example: {
      params: {},
      result: {
        valid: true, ledger: example.LEDGER, from: 0, entries: 2, signatures: 2, payloads: { present: 1, erased: 0, filtered: 0, missing: 0, malformed: 0, none: 1 },
        timestampsGoingBack: 0, problem: null
      }
    }
  }),
  'ledger.head': method({
    summary: 'The newest entry\'s signed header: how far the ledger reaches.',
    params: [ownByDefault],
    result: z.object({ ledger: shape.ledgerId, size: shape.integer, seq: shape.integer, hash: shape.hash, root: shape.hash, header: z.string(), signature: z.string(), timestamp: shape.integer }),
    errors: READ_ERRORS,
    example: { params: {}, result: { ledger: example.LEDGER, size: 2, seq: 1, hash: example.HASH, root: example.HASH, header: example.HEADER, signature: example.SIGNATURE, timestamp: example.TIME } }
  }),
  'ledger.checkpoint': method({
    summary: 'The newest signed Merkle root, as a C2SP checkpoint note.',
    params: [ownByDefault],
    result: z.object({ ledger: shape.ledgerId, size: shape.integer, root: shape.hash, note: z.string() }),
    errors: READ_ERRORS,
    example: { params: {}, result: { ledger: example.LEDGER, size: 2, root: example.HASH, note: `ledgermesh/main/${example.LEDGER}\n2\n…\n` } }
  }),
  'ledger.prove': method({
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
    errors: READ_ERRORS,
    example: {
      params: { id: 'order-1' },
      result: {
        v: 1, network: 'main', ledger: example.LEDGER, key_entries: [{ header: example.HEADER, signature: example.SIGNATURE }],
        checkpoint: `ledgermesh/main/${example.LEDGER}\n2\n…\n`, seq: 1, entry: { header: example.HEADER, signature: example.SIGNATURE, payload: null }, path: [example.HASH]
      }
    }
  }),
  'ledger.consistency': method({
    summary: 'The RFC 6962 proof that the tree of one size is the beginning of the tree of a larger one: nothing before it was changed.',
    params: [
      required('size1', z.int().min(1), 'Entries under the older root.'),
      required('size2', z.int().min(1), 'Entries under the newer root.'),
      ownByDefault
    ],
    result: z.object({ ledger: shape.ledgerId, size1: shape.integer, root1: shape.hash, size2: shape.integer, root2: shape.hash, proof: z.array(shape.hash) }),
    errors: [...READ_ERRORS, 'BAD_PROOF'],
    example: { params: { size1: 1, size2: 2 }, result: { ledger: example.LEDGER, size1: 1, root1: example.HASH, size2: 2, root2: example.HASH, proof: [example.HASH] } }
  }),
  'ledger.override': method({
    summary: 'Ends RESTORING by the operator\'s word: what is stored is all that was ever signed. If it is not, the ledger forks for good.',
    params: [required('nothingWasSignedSince', z.literal(true), 'The word itself.')],
    result: shape.syncStatus,
    errors: ['STORE_FAILED', 'CLOSED'],
    example: { params: { nothingWasSignedSince: true }, result: example.SYNC_STATUS }
  }),
  'ledger.erase': method({
    summary: 'Appends a ledger.erase entry: every holder deletes the payloads of the named own entries. None is appended when there is nothing to delete.',
    params: [required('hashes', z.array(shape.hash).min(1).max(MAX_LIST), 'Hashes of own entries.')],
    result: z.object({ appended: z.array(shape.appended) }),
    errors: ['NOT_FOUND', 'RESTORING', 'STORE_FAILED', 'CLOSED'],
    example: { params: { hashes: [example.HASH] }, result: { appended: [{ entry: example.ENTRY, existing: false }] } }
  }),
  'ledger.erasures': method({
    summary: 'The own ledger\'s erasures, the newest first, and who has confirmed each: a mirror that holds the erasing entry and, asked now, has none of the payloads. ' +
      'A confirmation is the mirror\'s claim. `waiting` names the mirrors seen since this node started that have not confirmed.',
    params: [
      optional('limit', z.int().min(1).max(100), 'Erasures a page, 1–100. Default 20.'),
      optional('cursor', z.string().min(1).max(4096), 'nextCursor of the page before.')
    ],
    result: z.object({ ledger: shape.ledgerId, erasures: z.array(shape.erasure), nextCursor: z.string().nullable(), hasMore: z.boolean() }),
    errors: ['CURSOR_INVALID', 'OFFLINE', 'STORE_FAILED', 'CLOSED'],
    example: {
      params: { limit: 10 },
      result: {
        ledger: example.LEDGER, nextCursor: null, hasMore: false,
        erasures: [{
          seq: 2, hash: example.HASH, timestamp: example.TIME, entries: [example.HASH],
          confirmed: [{ peer: example.PEER, ledger: example.OTHER_LEDGER, name: 'acme', at: example.TIME }], waiting: [{ peer: example.PEER, ledger: null, name: null, reason: 'OFFLINE' }]
        }]
      }
    }
  }),
  'ledger.subscribe': method({
    summary: 'Sends ledger.entries_subscription notifications on this connection for every entry from now on. ' +
      'Its params: {subscription, result: {ledger, entries}}; {subscription, result: {overflow: true}} stands where a slow reader missed some.',
    params: [optional('ledger', shape.ledgerOrAll, 'A ledger held here, or * for all. Default: the own one.')],
    result: z.object({ subscription: z.string() }),
    errors: ['NOT_FOLLOWED', 'CLOSED'],
    example: { params: { ledger: '*' }, result: { subscription: '1' } }
  }),
  'ledger.unsubscribe': method({
    summary: 'Ends a subscription of this connection; false: there was none with that id.',
    params: [required('subscription', z.string(), 'As ledger.subscribe gave it.')],
    result: z.object({ unsubscribed: z.boolean() }),
    errors: [],
    example: { params: { subscription: '1' }, result: { unsubscribed: true } }
  })
} as const
