import { z } from 'zod'
import { DEADLINE_MS, DEPTH, FAN_OUT, TOTAL } from '../../references/limits.js'
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
  optional('minTrustMilli', shape.level, 'Only into ledgers trusted at least so much: 0.5, or 500 thousandths.')
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
    access: 'read',
    summary:
      'What one entry refers to, and what refers to it, by what is held here: each reference with its status. verified: the entry that it names is held, audited, and is what it says; unresolved: it is not held (yet); contradicted: another entry is held; disputed: it stands at or above a freeze.',
    params: [
      ...pointer,
      optional('direction', shape.direction, 'out: to what it refers to; in: from what refers to it. Default both.'),
      optional('types', shape.referenceTypes, 'Only references of these types. Default: all.'),
      optional('limit', z.int().min(FAN_OUT.least).max(FAN_OUT.most), 'References each way, 1–64. Default 16.')
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
  'network.followReferences': method({
    access: 'read',
    summary:
      'From one entry along its references, over all ledgers that are held here: the entries that were reached, the references between them, and where it stopped and why (depth, fan_out, total, deadline, untrusted, unresolved). complete: it stopped nowhere.',
    params: FOLLOW_PARAMS,
    result: FOLLOWED,
    errors: ERRORS,
    example: FOLLOW_EXAMPLE
  }),
  'network.fetchReferences': method({
    access: 'write',
    summary:
      "As network.followReferences, and asks for what is not held: the nodes of these ledgers, which then know whose references are read. proved: it was shown, and is under its author's checkpoint.",
    params: FOLLOW_PARAMS,
    result: FOLLOWED,
    errors: [...ERRORS, 'OFFLINE'],
    example: FOLLOW_EXAMPLE
  })
} as const
