import { z } from 'zod'
import { DEFAULT_FEED_LIMIT, MAX_FEED_LIMIT, MAX_FEED_NAMES } from '../../ledger/feed/limits.js'
import { method, optional, required } from '../method.js'
import * as example from './examples.js'
import * as shape from './shapes.js'

const POSITION = 'f3a1c2d4e5b60718.42.9c1f0e2d3b4a5968'
const position = z.string()
const after = required(
  'after',
  z.string().min(1).max(128),
  'Where the consumer is: the last or position that the feed gave. It is opaque.'
)
const ledgers = optional(
  'ledgers',
  z.array(shape.ledgerHandle).min(1).max(MAX_FEED_NAMES),
  'Only these ledgers. Default: all that the caller may read.'
)
const streams = optional(
  'streams',
  z.array(shape.name).min(1).max(MAX_FEED_NAMES),
  'Only entries of these streams; what is told of whole ledgers always comes. Default: all.'
)
const limit = (what: string): { name: 'limit'; schema: z.ZodInt; summary: string; required: false } =>
  optional(
    'limit',
    z.int().min(1).max(MAX_FEED_LIMIT),
    `${what} a page, 1–${MAX_FEED_LIMIT}. Default ${DEFAULT_FEED_LIMIT}.`
  )
const ERRORS = ['NOT_FOUND', 'FEED_RESET', 'STORE_FAILED', 'STORE_DAMAGED', 'CLOSED'] as const

const told = { number: shape.integer, position, ledger: shape.ledgerId, at: shape.integer }
const erasure = { seq: shape.integer, hash: shape.hash, payload_state: shape.entry.shape.payload_state }
const event = z.discriminatedUnion('kind', [
  z.object({ ...told, kind: z.enum(['entry', 'payload-filled']), seq: shape.integer, entry: shape.entry }),
  z.object({ ...told, kind: z.enum(['payload-erased', 'erase-withdrawn']), ...erasure }),
  z.object({ ...told, kind: z.literal('frozen'), from: shape.integer, evidence: z.string() }),
  z.object({ ...told, kind: z.enum(['voided', 'cut']), from: shape.integer }),
  z.object({ ...told, kind: z.enum(['thawed', 'removed']) }),
  z.object({ ...told, kind: z.literal('audited'), size: shape.integer }),
  z.object({ ...told, kind: z.literal('right-ended'), seq: shape.integer }),
  z.object({ ...told, kind: z.literal('evidence'), evidence: z.string() })
])
const EVENT = {
  number: 42,
  position: POSITION,
  ledger: example.LEDGER,
  at: example.TIME,
  kind: 'entry',
  seq: 1,
  entry: example.ENTRY
} as const

export const feedMethods = {
  'feed.snapshot': method({
    access: 'read',
    summary:
      'Where a consumer of the feed begins: what there is, and the position to go on from once all pages are there. What is not in it is gone. The first page has the ledgers, all have entries by ledger and seq; an erased entry says so in payload_state.',
    params: [
      optional('cursor', z.string().min(1).max(256), 'next of the page before. Default: a new snapshot.'),
      limit('Entries'),
      ledgers
    ],
    result: z.object({
      position,
      ledgers: z.array(
        z.object({
          ledger: shape.ledgerId,
          access: z.enum(['public', 'private']),
          size: shape.integer,
          visible: shape.integer,
          head: shape.hash.nullable(),
          audited: shape.integer,
          frozen: z.object({ from: shape.integer, evidence: z.string() }).nullable()
        })
      ),
      entries: z.array(shape.entry),
      next: z.string().nullable()
    }),
    errors: [...ERRORS, 'CURSOR_INVALID'],
    example: {
      params: { limit: 10 },
      result: {
        position: POSITION,
        ledgers: [
          {
            ledger: example.LEDGER,
            access: 'public',
            size: 2,
            visible: 2,
            head: example.HASH,
            audited: 2,
            frozen: null
          }
        ],
        entries: [example.ENTRY],
        next: null
      }
    }
  }),
  'feed.read': method({
    access: 'read',
    summary:
      'What became visible here after a position, over all ledgers, in the order of its coming: each number once within an epoch. last is where to go on, also when nothing matched. FEED_RESET: begin again with feed.snapshot. Kept for 7 days or 10 million events.',
    params: [after, limit('Events'), ledgers, streams],
    result: z.object({ events: z.array(event), last: position, hasMore: z.boolean() }),
    errors: ERRORS,
    example: { params: { after: POSITION, limit: 10 }, result: { events: [EVENT], last: POSITION, hasMore: false } }
  }),
  'feed.subscribe': method({
    access: 'read',
    summary:
      'Sends feed.events_subscription notifications on this connection: what came after a position, then, without a gap, what comes. ' +
      'Its params: {subscription, result: {events, last}}; {subscription, result: {ended: <code>, …}} is the last one, with FEED_RESET also epoch and floor. A slow reader misses nothing: the node waits for it, and reads on from where it is.',
    params: [after, ledgers, streams],
    result: z.object({ subscription: z.string() }),
    notifies: {
      method: 'feed.events_subscription',
      result: z.union([
        z.object({ events: z.array(event), last: position }),
        z.object({ ended: z.string(), epoch: z.string().optional(), floor: shape.integer.optional() })
      ])
    },
    errors: ERRORS,
    example: { params: { after: POSITION }, result: { subscription: '1' } }
  }),
  'feed.unsubscribe': method({
    access: 'read',
    summary: 'Ends a subscription of this connection; false: there was none with that id.',
    params: [required('subscription', z.string(), 'As feed.subscribe gave it.')],
    result: z.object({ unsubscribed: z.boolean() }),
    errors: [],
    example: { params: { subscription: '1' }, result: { unsubscribed: true } }
  })
} as const
