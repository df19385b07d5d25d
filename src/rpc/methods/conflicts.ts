import { z } from 'zod'
import { CONFLICT_KINDS, CONFLICT_STATES, REASONS } from '../../conflict/judge.js'
import { KEY_FIELDS, STRATEGIES } from '../../conflict/rule.js'
import { FIELD_MERGES } from '../../conflict/merge-method.js'
import { method, optional, required } from '../method.js'
import * as example from './examples.js'
import { appended, entry, hash, integer, json, jsonObject, ledgerId, name } from './shapes.js'

const conflictId = z.string().regex(/^c[0-9a-f]{32}$/, 'a conflict id: "c" and 32 hex digits')
const conflictHandle = z
  .string()
  .regex(/^c[0-9a-f]{4,32}$/, 'a conflict id, or its beginning: "c" and 4 to 32 hex digits')
const field = z.string().exactOptional()
const key = z.object({ stream: field, type: field, issuer_oid: field, subject_oid: field, id: field })
const rule = z.object({
  name: z.string(),
  match: z.object({ streams: z.array(name).nullable(), types: z.array(name).nullable() }),
  key: z.array(z.enum(KEY_FIELDS)),
  scope: z.union([z.literal('held'), z.array(ledgerId)]),
  adopted: z.boolean(),
  writers: z.array(ledgerId),
  resolvers: z.array(z.string()),
  strategy: z.enum(STRATEGIES),
  priority: z.array(ledgerId),
  otherwise: z.enum(['manual', 'last-write-wins']),
  whileOpen: z.enum(['nothing', 'previous']),
  merge: z
    .union([
      z.object({ fields: z.record(z.string(), z.enum(FIELD_MERGES)) }),
      z.object({ command: z.array(z.string()) })
    ])
    .nullable(),
  record: z.boolean(),
  complete: z.boolean()
})
const view = z.object({
  conflict: conflictId,
  rule: z.string(),
  key,
  state: z.enum(CONFLICT_STATES),
  reason: z.enum(REASONS),
  explanation: z.string(),
  kinds: z.array(z.enum(CONFLICT_KINDS)),
  current: hash.nullable(),
  by: ledgerId.nullable(),
  note: z.string().nullable(),
  unseen: z.array(hash),
  clamped: z.array(hash),
  waiting: integer,
  since: integer,
  count: integer,
  withdrawn: z.array(
    z.object({ ledger: ledgerId, seq: integer, hash, of: hash, kind: z.enum(['source-disputed', 'source-voided']) })
  ),
  siblings: z.array(
    z.object({ entry, storedAt: integer, copies: z.array(z.object({ ledger: ledgerId, seq: integer, hash })) })
  ),
  complete: z.boolean()
})

const RULE = {
  name: 'addresses',
  match: { streams: ['people'], types: null },
  key: ['subject_oid'],
  scope: [example.LEDGER, example.OTHER_LEDGER],
  adopted: false,
  writers: [example.LEDGER, example.OTHER_LEDGER],
  resolvers: ['own'],
  strategy: 'manual',
  priority: [],
  otherwise: 'manual',
  whileOpen: 'nothing',
  merge: null,
  record: false
}
const CONFLICT = `c${example.HASH.slice(0, 32)}`
const VIEW = {
  conflict: CONFLICT,
  rule: 'addresses',
  key: { subject_oid: 'person-7' },
  state: 'open',
  reason: 'NO_WINNER',
  explanation: 'A person has to decide.',
  kinds: ['concurrent'],
  current: null,
  by: null,
  note: null,
  unseen: [],
  clamped: [],
  withdrawn: [],
  waiting: 0,
  since: example.TIME,
  count: 2,
  siblings: [{ entry: example.ENTRY, storedAt: example.TIME, copies: [] }],
  complete: true
}

/** Entries of several ledgers that speak of one thing and differ. Forks of one ledger: sync.conflicts. */
export const conflictMethods = {
  'sync.rules': method({
    access: 'private',
    summary: 'The rules that say which entries of several ledgers describe the same thing.',
    params: [],
    result: z.object({ rules: z.array(rule) }),
    errors: ['CLOSED'],
    example: { params: {}, result: { rules: [{ ...RULE, complete: true }] } }
  }),
  'sync.setRule': method({
    access: 'operate',
    summary:
      'Adds a rule, or changes the one of that name: all stored entries are then checked again. {name, key: [stream, type, issuer_oid, subject_oid, id], scope: "held" | "adopted" | [ledgers]} and, each with a default, ' +
      'match {streams, types}, writers, resolvers, strategy (manual, last-write-wins, source-priority, merge), priority, otherwise, whileOpen, merge {fields} | {command}, record.',
    params: [
      required('rule', jsonObject, 'The whole rule; ledgers by their ids. Two nodes with equal rules see the same.')
    ],
    result: rule,
    errors: ['NOT_YET', 'STORE_FAILED', 'CLOSED'],
    example: {
      params: {
        rule: {
          name: 'addresses',
          match: { streams: ['people'] },
          key: ['subject_oid'],
          scope: [example.LEDGER, example.OTHER_LEDGER]
        }
      },
      result: { ...RULE, complete: false }
    }
  }),
  'sync.removeRule': method({
    access: 'operate',
    summary: 'Removes a rule and its conflicts. Entries and resolutions are kept.',
    params: [required('name', z.string().min(1).max(64), "The rule's name.")],
    result: z.object({ removed: z.string() }),
    errors: ['NOT_FOUND', 'STORE_FAILED', 'CLOSED'],
    example: { params: { name: 'addresses' }, result: { removed: 'addresses' } }
  }),
  'sync.entryConflicts': method({
    access: 'private',
    summary: 'Conflicts between entries of several ledgers that are not decided yet, oldest first.',
    params: [
      optional('rule', z.string().min(1).max(64), 'Only of this rule. Default: all.'),
      optional('all', z.boolean(), 'Also decided and resolved ones. Default false.'),
      optional('offset', integer, 'How many to leave out. Default 0.'),
      optional('limit', z.int().min(1).max(1000), '1–1000, default 100.')
    ],
    result: z.object({
      conflicts: z.array(
        z.object({
          conflict: conflictId,
          rule: z.string(),
          key,
          state: z.enum(CONFLICT_STATES),
          siblings: integer,
          since: integer
        })
      ),
      complete: z.boolean()
    }),
    errors: ['CLOSED'],
    example: {
      params: {},
      result: {
        conflicts: [
          {
            conflict: CONFLICT,
            rule: 'addresses',
            key: { subject_oid: 'person-7' },
            state: 'open',
            siblings: 2,
            since: example.TIME
          }
        ],
        complete: true
      }
    }
  }),
  'sync.view': method({
    access: 'private',
    summary:
      "One conflict: the entries side by side, which of them is current, and why. By the conflict's id, or by rule and key.",
    params: [
      optional('conflict', conflictHandle, 'The conflict, or the beginning of its id.'),
      optional('rule', z.string().min(1).max(64), 'With key: the rule.'),
      optional('key', jsonObject, 'With rule: the fields of the rule\'s key, {subject_oid: "person-7"}.')
    ],
    result: view,
    errors: ['NO_CONFLICT', 'AMBIGUOUS', 'NOT_FOUND', 'CLOSED'],
    example: { params: { conflict: CONFLICT }, result: VIEW }
  }),
  'sync.resolveEntry': method({
    access: 'operate',
    binds: true,
    summary:
      'Decides a conflict between entries, by an entry of the own ledger that names the entries it decides on. Exactly one of choose, merged, none and merge.',
    params: [
      required('conflict', conflictId, 'The conflict.'),
      optional('choose', hash, 'The hash of the entry to keep.'),
      optional('merged', json, 'The payload of a new own entry that replaces them.'),
      optional('none', z.literal(true), 'Keep none of them.'),
      optional('merge', z.literal(true), "By the rule's method, now."),
      optional(
        'expect',
        z.array(hash).max(1024),
        'The hashes of all entries that the decision is based on; STALE when they have changed.'
      ),
      optional('note', z.string().max(512), 'Why: at most 512 bytes, public and for ever.')
    ],
    result: z.object({ view, appended: z.array(appended) }),
    errors: [
      'NO_CONFLICT',
      'STALE',
      'MERGE_FAILED',
      'NOT_YET',
      'ID_TAKEN',
      'TOO_LARGE',
      'RESTORING',
      'STORE_FAILED',
      'CLOSED'
    ],
    example: {
      params: { conflict: CONFLICT, choose: example.HASH, expect: [example.HASH], note: 'confirmed by phone' },
      result: { view: VIEW, appended: [{ entry: example.ENTRY, existing: false }] }
    }
  })
} as const
