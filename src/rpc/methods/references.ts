import { z } from 'zod'
import { REFERENCE_TYPES } from '../../core/reference.js'
import { DEADLINE_MS, DEPTH, FAN_OUT, STATES, TOTAL } from '../../references/limits.js'
import { method, optional } from '../method.js'
import * as example from './examples.js'
import * as shape from './shapes.js'

const pointer = [
  optional(
    'id',
    shape.entryHandle,
    "The entry's id, or the beginning of its id or hash. Exactly one of id, hash and seq."
  ),
  optional('ledger', shape.ledgerHandle, 'A ledger held here. Default: the own one.'),
  optional('hash', shape.hashHandle, "The entry's hash, or its beginning."),
  optional('seq', shape.integer, "The entry's place in its ledger, from 0.")
] as const
const ERRORS = ['NOT_FOUND', 'NOT_FOLLOWED', 'INVALID_PARAMS', 'STORE_FAILED', 'CLOSED'] as const

const FOLLOW_PARAMS = [
  ...pointer,
  optional('maxDepth', z.int().min(DEPTH.least).max(DEPTH.most), 'Steps from the start, 0–8. Default 2.'),
  optional(
    'fanOut',
    z.int().min(FAN_OUT.least).max(FAN_OUT.most),
    'References of one entry each way, 1–64. Default 16.'
  ),
  optional('total', z.int().min(TOTAL.least).max(TOTAL.most), 'Entries in all, 1–1000. Default 200.'),
  optional(
    'deadlineMs',
    z.int().min(DEADLINE_MS.least).max(DEADLINE_MS.most),
    'ms for all of it, 1–60,000. Default 5,000.'
  ),
  optional('direction', shape.direction, 'out: to what it refers to; in: from what refers to it; both. Default out.'),
  optional('types', shape.referenceTypes, 'Only references of these types. Default: all.'),
  optional('minTrustMilli', shape.level, 'Only into ledgers trusted at least so much: 0.5, or 500 thousandths.'),
  optional(
    'payloads',
    z.boolean(),
    'Also references in payloads (their member crossLedgerRefs)? Default: yes, but nobody is asked for what they name; true: others are asked, too.'
  )
] as const
const FOLLOWED = z.object({
  nodes: z.array(z.object({ entry: shape.entry, depth: shape.integer })),
  edges: z.array(shape.namedReference),
  frontier: z.array(
    z.object({
      to: shape.entryName,
      reason: z.enum(['depth', 'fan_out', 'total', 'deadline', 'untrusted', 'unresolved'])
    })
  ),
  complete: z.boolean()
})
const FOLLOW_EXAMPLE = {
  params: { id: 'order-1' },
  result: {
    nodes: [{ entry: example.ENTRY, depth: 0 }],
    edges: [example.NAMED_REFERENCE],
    frontier: [{ to: example.NAMED_REFERENCE.to, reason: 'unresolved' }],
    complete: false
  }
}

/** What refers to what. */
export const referenceMethods = {
  'ledger.references': method({
    access: 'private',
    summary:
      'What one entry refers to, and what refers to it, by what is held here: each reference with its status. verified: the entry that it names is held, audited, and is what it says; unresolved: it is not held (yet); contradicted: another entry is held; disputed: it stands at or above a freeze.',
    params: [
      ...pointer,
      optional('direction', shape.direction, 'out: to what it refers to; in: from what refers to it. Default both.'),
      optional('types', shape.referenceTypes, 'Only references of these types. Default: all.'),
      optional('limit', z.int().min(FAN_OUT.least).max(FAN_OUT.most), 'References each way, 1–64. Default 16.'),
      optional('payloads', z.boolean(), 'Also references in payloads (their member crossLedgerRefs)? Default true.')
    ],
    result: z.object({
      entry: shape.entryName,
      references: z.array(shape.namedReference),
      more: z.boolean()
    }),
    errors: ERRORS,
    example: {
      params: { id: 'order-1' },
      result: { entry: example.ENTRY_NAME, references: [example.NAMED_REFERENCE], more: false }
    }
  }),
  'ledger.referenceStates': method({
    access: 'private',
    summary:
      'How many references of a ledger are worth what (see ledger.references), and which, by seq. Looked at again when their target comes, freezes, gives way to another entry or is held no longer; network.subscribe tells of each change. complete: everything that is held was looked at.',
    params: [
      optional('status', shape.referenceStatus, 'Only references of this status. Default: all.'),
      optional(
        'ledger',
        shape.ledgerHandle,
        'The own ledger (the default), or with references.track: all one that is held.'
      ),
      optional('limit', z.int().min(1).max(STATES.most), 'References, 1–1000. Default 100.'),
      optional('cursor', z.string().min(1).max(64), 'nextCursor of the page before.')
    ],
    result: z.object({
      ledger: shape.ledgerId,
      counts: z.object({
        verified: shape.integer,
        proved: shape.integer,
        unresolved: shape.integer,
        contradicted: shape.integer,
        disputed: shape.integer
      }),
      complete: z.boolean(),
      references: z.array(
        z.object({
          from: shape.entryName,
          to: shape.entryName,
          type: z.enum(REFERENCE_TYPES),
          status: shape.referenceStatus,
          since: shape.integer,
          asOf: shape.integer
        })
      ),
      nextCursor: z.string().nullable()
    }),
    errors: [...ERRORS, 'CURSOR_INVALID'],
    example: { params: { status: 'contradicted' }, result: example.REFERENCE_STATES }
  }),
  'network.followReferences': method({
    access: 'private',
    summary:
      'From one entry along its references, over all ledgers that are held here: the entries that were reached, the references between them, and where it stopped and why (depth, fan_out, total, deadline, untrusted, unresolved). complete: it stopped nowhere.',
    params: FOLLOW_PARAMS,
    result: FOLLOWED,
    errors: ERRORS,
    example: FOLLOW_EXAMPLE
  }),
  'network.fetchReferences': method({
    access: 'ask-network',
    summary:
      "As network.followReferences, and asks for what is not held: the nodes of these ledgers, which then know whose references are read. proved: it was shown, and is under its author's checkpoint.",
    params: FOLLOW_PARAMS,
    result: FOLLOWED,
    errors: [...ERRORS, 'OFFLINE'],
    example: FOLLOW_EXAMPLE
  })
} as const
