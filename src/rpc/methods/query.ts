/** Questions across ledgers. */
import { z } from 'zod'
import { MAX_ANSWER_SOURCES } from '../../core/limits.js'
import { FAULT_KINDS } from '../../core/lmx1/index-charge.js'
import { MAX_LIMIT } from '../../query/limits.js'
import { method, optional, required } from '../method.js'
import * as example from './examples.js'
import * as shape from './shapes.js'

const STATES = [
  'own',
  'mirror',
  'proved',
  'included',
  'stale',
  'truncated',
  'frozen',
  'unlinked',
  'denied',
  'unknown',
  'no_peers',
  'timeout',
  'busy',
  'bad_answer',
  'upgrade_needed'
] as const
const OUTCOMES = [
  'answered',
  'lied',
  'unsigned',
  'busy',
  'denied',
  'unknown',
  'unreachable',
  'timeout',
  'upgrade_needed',
  'slow',
  'cancelled'
] as const

const filters = [
  optional('stream', shape.name, 'Only this stream.'),
  optional('type', shape.name, 'Only this type.'),
  optional('issuer_oid', shape.name, 'Only this issuer.'),
  optional('subject_oid', shape.name, 'Only this subject.'),
  optional('id', shape.name, 'Only entries with exactly this id.'),
  optional('refers_to', shape.ledgerHandle, 'Only entries with a reference to this ledger.'),
  optional('refers_to_id', shape.name, 'With refers_to: to the entry of it with this id.'),
  optional('from', shape.pastTime, 'Timestamps from here on: a date, ms since 1970, or 7d (ago).'),
  optional('to', shape.pastTime, 'Timestamps before this: a date, ms since 1970, or 7d (ago).')
] as const
const selection = [
  optional('ledgers', z.array(shape.ledgerHandle).min(1).max(MAX_ANSWER_SOURCES), 'These ledgers, held here or not.'),
  optional('held', z.boolean(), 'true: those that are held here. Default: all that this node knows of.'),
  optional('minTrustMilli', shape.level, 'Only ledgers trusted at least so much: 0.7, or 700 thousandths.'),
  optional('deadline', shape.wait, 'For the question as a whole: 5s, or ms, up to 60s. Default 5s.')
] as const
const QUERY_ERRORS = ['OFFLINE', 'INVALID_PARAMS', 'CURSOR_INVALID', 'STORE_FAILED', 'CLOSED'] as const

const source = z.object({
  ledger: shape.ledgerId,
  name: z.string().nullable(),
  access: shape.access.nullable(),
  state: z.enum(STATES),
  by: z.enum(['chain', 'author']).nullable(),
  asOf: z.object({ size: shape.integer, root: shape.hash }).nullable(),
  entries: shape.integer,
  payloads: z.object({
    present: shape.integer,
    erased: shape.integer,
    filtered: shape.integer,
    missing: shape.integer
  }),
  hasMore: z.boolean(),
  asked: z.array(z.object({ peer: z.string(), outcome: z.enum(OUTCOMES) })),
  evidence: z.object({ id: shape.hash, kind: z.string(), seq: shape.integer, file: z.string().nullable() }).nullable(),
  indexFault: z
    .object({ id: shape.hash, fault: z.enum(FAULT_KINDS), seq: shape.integer, file: z.string().nullable() })
    .nullable()
})

export const queryMethods = {
  'network.query': method({
    access: 'ask-network',
    summary:
      'Asks across ledgers, held here or not. What others answer is shown only if it checks; each source says what came of it, and `complete` is true only if every entry that matches, up to the sizes shown, is in the answer.',
    params: [
      ...filters,
      ...selection,
      optional(
        'limit',
        z.int().min(1).max(MAX_LIMIT),
        `Entries of each ledger in one page, 1–${MAX_LIMIT}. Default 100.`
      ),
      optional('cursor', z.string().min(1).max(131_072), 'nextCursor of the page before.'),
      optional('order', z.enum(['asc', 'desc']), 'By seq, in each ledger. Default asc.'),
      optional(
        'need',
        z.enum(['any', 'included', 'complete']),
        'With less INCOMPLETE is the answer; "complete" also asks for as many pages as that takes. Default any.'
      ),
      optional(
        'aggregate',
        z.boolean(),
        'false: the entries by ledger alone. Default true: in one list by timestamp, too.'
      ),
      optional('file', z.boolean(), 'true: also an answer file, which others can check offline. Default false.')
    ],
    result: z.object({
      results: z.array(z.object({ ledgerId: shape.ledgerId, entries: z.array(shape.entry) })),
      aggregated: z.array(shape.entry),
      complete: z.boolean(),
      sources: z.array(source),
      selection: z.object({
        by: z.enum(['list', 'held', 'known']),
        minTrustMilli: shape.integer.nullable(),
        left: shape.integer
      }),
      nextCursor: z.string().nullable(),
      hasMore: z.boolean(),
      askedAt: shape.integer,
      tookMs: shape.integer,
      file: shape.jsonObject.nullable()
    }),
    errors: [...QUERY_ERRORS, 'INCOMPLETE', 'NOT_FOUND'],
    example: {
      params: { subject_oid: 'oid:person:7f3a', minTrustMilli: 700, aggregate: false },
      result: {
        results: [{ ledgerId: example.LEDGER, entries: [example.ENTRY] }],
        aggregated: [],
        complete: true,
        sources: [
          {
            ledger: example.LEDGER,
            name: 'acme',
            access: 'public',
            state: 'proved',
            by: 'chain',
            asOf: { size: 12, root: example.HASH },
            entries: 1,
            payloads: { present: 1, erased: 0, filtered: 0, missing: 0 },
            hasMore: false,
            asked: [{ peer: example.PEER, outcome: 'answered' }],
            evidence: null,
            indexFault: null
          }
        ],
        selection: { by: 'known', minTrustMilli: 700, left: 0 },
        nextCursor: null,
        hasMore: false,
        askedAt: example.TIME,
        tookMs: 38,
        file: null
      }
    }
  }),
  'network.count': method({
    access: 'ask-network',
    summary:
      'How many entries match, across ledgers. Of a ledger that is not held all of them are shown and counted, as far as the time goes: `atLeast` says where there may be more.',
    params: [...filters, ...selection],
    result: z.object({
      counts: z.array(
        z.object({
          ledgerId: shape.ledgerId,
          count: shape.integer,
          atLeast: z.boolean(),
          state: z.enum(STATES)
        })
      ),
      total: shape.integer,
      complete: z.boolean()
    }),
    errors: [...QUERY_ERRORS, 'NOT_FOUND'],
    example: {
      params: { type: 'order.created', held: true },
      result: {
        counts: [{ ledgerId: example.LEDGER, count: 7, atLeast: false, state: 'own' }],
        total: 7,
        complete: true
      }
    }
  }),
  'network.indexFaults': method({
    access: 'private',
    summary:
      'Files in which authors of wrong indexes convicted themselves. Entries stay valid, and nothing freezes; but answers by such an index prove nothing here, as long as it counts.',
    params: [],
    result: z.object({
      faults: z.array(
        z.object({
          ledger: shape.ledgerId,
          id: shape.hash,
          fault: z.enum(FAULT_KINDS),
          seq: shape.integer,
          counts: z.boolean(),
          file: z.string()
        })
      )
    }),
    errors: ['OFFLINE', 'CLOSED'],
    example: {
      params: {},
      result: {
        faults: [{ ledger: example.LEDGER, id: example.HASH, fault: 'omitted', seq: 300, counts: true, file: '{}' }]
      }
    }
  }),
  'network.pardonIndex': method({
    access: 'operate',
    binds: true,
    summary:
      'Believes the indexes of a ledger again, whoever shows the faults that count until now. Another fault counts again.',
    params: [required('ledger', shape.ledgerHandle, 'Whose faults network.indexFaults lists.')],
    result: z.object({ ledger: shape.ledgerId, pardoned: z.array(shape.hash) }),
    errors: ['OFFLINE', 'NOT_FOUND', 'STORE_FAILED', 'CLOSED'],
    example: {
      params: { ledger: example.LEDGER },
      result: { ledger: example.LEDGER, pardoned: [example.HASH] }
    }
  })
} as const
