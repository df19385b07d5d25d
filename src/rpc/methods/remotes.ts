import { z } from 'zod'
import { method, optional, required } from '../method.js'
import { STATE_STATUSES } from '../../sync/exceptions/state.js'
import { OFFER_MODES } from '../../sync/push/types.js'
import * as example from './examples.js'
import {
  adoptOptions,
  copiesChoice,
  cap,
  job,
  priority,
  schedule,
  ledgerHandle,
  ledgerId,
  name,
  pendingOffer,
  publicKey,
  pushFlow,
  pushedEntries,
  remoteLedger,
  stateRow,
  syncDirection,
  syncFilters,
  syncStatus,
  wait,
  days,
  integer
} from './shapes.js'

const remote = required('ledger', ledgerHandle, 'The ledger of the remote.')
const token = z.string().regex(/^[0-9a-f]{64}$/, '64 hex digits')
const CHANGES = [
  optional('name', name, 'A name of your own for it.'),
  optional(
    'endpoint',
    z.array(z.string().max(512)).max(8),
    'Multiaddrs with /p2p/, dialled while none of its nodes is connected.'
  ),
  optional('publicKey', publicKey, 'Hex: refused when the ledger, as far as it is held, never had this key.'),
  optional(
    'direction',
    syncDirection,
    'pull: it is followed. push: the own ledger is offered to it. bidirectional: both. Default of a new one: pull.'
  ),
  optional('token', token, 'What its operator gave out (`invite`): it lets this node offer there.'),
  optional('filters', syncFilters, 'What is pulled: every header, but only payloads that match. Default: all.'),
  optional('headers', z.boolean(), 'Pull every header and no payload. Default false.'),
  optional(
    'adopt',
    adoptOptions,
    'Adopt its entries (see sync.adopt): {filters, from (a seq, or now), acceptReaders}. Default: as it is.'
  ),
  optional(
    'schedule',
    schedule,
    'When it is pulled from and pushed to: continuous, manual, "every 24h", or windows: "mon-fri 22:00-06:00 Europe/Amsterdam", several with ; between them. Default of a new one: continuous.'
  ),
  optional(
    'priority',
    priority,
    '0–9: each step doubles its share of what this node fetches. Default of a new one: 5.'
  ),
  optional('in', cap, 'KiB/s that may come from it; 0: no cap. Default of a new one: 0.'),
  optional('out', cap, 'KiB/s that it may take from here; 0: no cap. Default of a new one: 0.')
] as const
const CHANGE_ERRORS = [
  'UNTRUSTED',
  'PRIVATE_INTO_PUBLIC',
  'READERS_WIDER',
  'COPIES_REMAIN',
  'WRONG_NETWORK',
  'STORE_FAILED',
  'OFFLINE',
  'CLOSED'
] as const
const CHOICE = [
  optional('remote', ledgerHandle, 'Only this remote.'),
  optional('ledger', ledgerHandle, 'Only entries of this ledger. Default: all.'),
  optional('direction', z.enum(['inbound', 'outbound']), 'Only what is pulled, or what is pushed.'),
  optional('entry', name, 'Only this entry: its whole id, or its hash.')
] as const
const OFFER_ERRORS = ['NOT_FOUND', 'STORE_FAILED', 'OFFLINE', 'CLOSED'] as const

export const remoteMethods = {
  'sync.addRemote': method({
    access: 'operate',
    binds: true,
    summary: 'Makes a remote, or changes one: a ledger that this node pulls from, pushes to, or both.',
    params: [remote, ...CHANGES],
    result: remoteLedger,
    errors: CHANGE_ERRORS,
    example: {
      params: { ledger: example.LEDGER, direction: 'push', endpoint: [example.ADDRESS] },
      result: example.REMOTE_LEDGER
    }
  }),
  'sync.updateRemote': method({
    access: 'operate',
    binds: true,
    summary: 'Changes a remote; omitted parameters are unchanged.',
    params: [remote, ...CHANGES],
    result: remoteLedger,
    errors: ['NO_SUCH_REMOTE', ...CHANGE_ERRORS],
    example: { params: { ledger: example.LEDGER, direction: 'push' }, result: example.REMOTE_LEDGER }
  }),
  'sync.removeRemote': method({
    access: 'operate',
    summary: 'Stops pulling from a remote and pushing to it. Its entries are kept.',
    params: [
      remote,
      optional('copies', copiesChoice, 'What becomes of copies of its entries in the own ledger, as of sync.unfollow.')
    ],
    result: z.object({ ledger: ledgerId }),
    errors: ['NO_SUCH_REMOTE', 'COPIES_REMAIN', 'STORE_FAILED', 'OFFLINE', 'CLOSED'],
    example: { params: { ledger: example.LEDGER }, result: { ledger: example.LEDGER } }
  }),
  'sync.remotes': method({
    access: 'private',
    summary:
      'Remotes, and all that is followed: what is pulled, what is pushed, and how far each has confirmed. Tokens are never shown.',
    params: [],
    result: z.object({ remotes: z.array(remoteLedger) }),
    errors: ['OFFLINE', 'CLOSED'],
    example: { params: {}, result: { remotes: [example.REMOTE_LEDGER] } }
  }),
  'sync.jobs': method({
    access: 'private',
    summary:
      'What is pulled (in) and pushed (out), ledger by ledger: in which state, why it waits, and when it is tried again.',
    params: [
      optional('ledger', ledgerHandle, 'Only this ledger, or what goes to this remote. Default: all.'),
      optional('history', z.boolean(), 'With the newest 32 changes of each job; 8 outlive a restart. Default false.')
    ],
    result: z.object({ jobs: z.array(job) }),
    errors: ['OFFLINE', 'CLOSED'],
    example: { params: { history: true }, result: { jobs: [example.JOB] } }
  }),
  'sync.push': method({
    access: 'operate',
    summary:
      'Offers ledgers to a remote now, or to any ledger whose node is connected. The receiver decides, fetches them over that connection, and confirms what is on its disk.',
    params: [
      required('remote', ledgerHandle, 'The ledger of the remote.'),
      optional('ledgers', z.array(ledgerHandle).min(1).max(64), 'Held ledgers to offer. Default: the own one.'),
      optional('wait', wait, 'How long to wait until everything is confirmed or stalled: 60s, or ms. Default 0.'),
      optional(
        'through',
        integer,
        'Wait, and report, only up to the entry with this seq; of one ledger. Default: the newest.'
      ),
      optional(
        'mode',
        z.enum(OFFER_MODES),
        'How the remote is asked to take it: mirror, adopt, or either. What it follows already it goes on with. Default: either.'
      ),
      optional('filters', syncFilters, 'Which payloads the remote is asked to take. Default: all.'),
      optional('entries', z.boolean(), 'Report the newest 1,000 entries, too, one by one. Default false.')
    ],
    result: z.object({ remote: ledgerId, flows: z.array(pushFlow), entries: z.array(pushedEntries) }),
    errors: ['NOT_FOUND', 'NOT_A_READER', 'OFFLINE', 'CLOSED'],
    example: {
      params: { remote: example.LEDGER, wait: '60s', entries: true },
      result: { remote: example.LEDGER, flows: [example.PUSH_FLOW], entries: [example.PUSHED_ENTRIES] }
    }
  }),
  'sync.bidirectional': method({
    access: 'operate',
    summary: 'Pulls a followed ledger and pushes the own one to it, both at once.',
    params: [
      required('remote', ledgerHandle, 'The ledger of the remote, which is followed.'),
      optional('wait', wait, 'How long to wait for its confirmation: 60s, or ms. Default 0.')
    ],
    result: z.object({
      pull: syncStatus,
      push: z.object({ remote: ledgerId, flows: z.array(pushFlow), entries: z.array(pushedEntries) })
    }),
    errors: ['NOT_FOLLOWED', 'NOT_A_READER', 'OFFLINE', 'CLOSED'],
    example: {
      params: { remote: example.LEDGER, wait: '60s' },
      result: { pull: example.SYNC_STATUS, push: { remote: example.LEDGER, flows: [example.PUSH_FLOW], entries: [] } }
    }
  }),
  'sync.state': method({
    access: 'private',
    summary:
      'What was pulled from and pushed to each remote, entry by entry: synced, pending, conflict or failed, with the reason. By remote, then by ledger and direction, then by seq. A page may be short where few entries match.',
    params: [
      ...CHOICE,
      optional('status', z.enum(STATE_STATUSES), 'Only these.'),
      optional('limit', z.int().min(1).max(1000), 'Rows a page. Default 100.'),
      optional('cursor', z.string().min(1).max(256), 'nextCursor of the page before.')
    ],
    result: z.object({ rows: z.array(stateRow), nextCursor: z.string().nullable(), hasMore: z.boolean() }),
    errors: ['CURSOR_INVALID', 'OFFLINE', 'CLOSED'],
    example: { params: { status: 'failed' }, result: { rows: [example.STATE_ROW], nextCursor: null, hasMore: false } }
  }),
  'sync.retryState': method({
    access: 'operate',
    summary: 'Retries entries that a remote refused or that could not be stored.',
    params: CHOICE,
    result: z.object({ retried: integer }),
    errors: ['STORE_FAILED', 'OFFLINE', 'CLOSED'],
    example: { params: { remote: example.LEDGER }, result: { retried: 3 } }
  }),
  'sync.clearState': method({
    access: 'operate',
    summary: 'Gives up on entries that a remote refused or that could not be stored: they count as done.',
    params: CHOICE,
    result: z.object({ cleared: integer }),
    errors: ['STORE_FAILED', 'OFFLINE', 'CLOSED'],
    example: { params: { remote: example.LEDGER }, result: { cleared: 3 } }
  }),
  'sync.offers': method({
    access: 'private',
    summary: 'Ledgers that others offer, and that wait for you (push.accept: ask). The oldest first.',
    params: [],
    result: z.object({ offers: z.array(pendingOffer) }),
    errors: ['OFFLINE', 'CLOSED'],
    example: { params: {}, result: { offers: [example.PENDING_OFFER] } }
  }),
  'sync.acceptOffer': method({
    access: 'operate',
    summary: 'Follows a ledger that was offered.',
    params: [
      required('ledger', ledgerId, 'The offered ledger, in full.'),
      optional('headers', z.boolean(), 'Every header and no payload. Default false.')
    ],
    result: z.object({ ledger: ledgerId }),
    errors: [...OFFER_ERRORS, 'UNTRUSTED'],
    example: { params: { ledger: example.LEDGER }, result: { ledger: example.LEDGER } }
  }),
  'sync.dismissOffer': method({
    access: 'operate',
    summary: 'Dismisses an offer without deciding it: the peers that made it are still told that it is pending.',
    params: [required('ledger', ledgerId, 'The offered ledger, in full.')],
    result: z.object({ ledger: ledgerId }),
    errors: OFFER_ERRORS,
    example: { params: { ledger: example.LEDGER }, result: { ledger: example.LEDGER } }
  }),
  'sync.blockOffers': method({
    access: 'operate',
    summary: 'Refuses a ledger to the peers that have offered it, from now on.',
    params: [required('ledger', ledgerId, 'The offered ledger, in full.')],
    result: z.object({ ledger: ledgerId }),
    errors: OFFER_ERRORS,
    example: { params: { ledger: example.LEDGER }, result: { ledger: example.LEDGER } }
  }),
  'sync.invite': method({
    access: 'socket-only',
    binds: true,
    summary: 'Makes a token: a node that presents it may push here, within its limits. It is shown only once.',
    params: [
      optional(
        'mode',
        z.enum(['mirror', 'headers']),
        'What is kept of what comes: all, or headers alone. Default mirror.'
      ),
      optional('ledgers', z.array(ledgerHandle).max(64), 'Only these ledgers. Default: any.'),
      optional('bytes', z.int().min(1), 'Bytes that each may grow to. Default: push.limits.bytesPerLedger.'),
      optional('uses', z.int().min(1).max(64), 'How many ledgers may come by it. Default 1.'),
      optional('days', days, 'It ends after so many days. Default: never.')
    ],
    result: z.object({ token, expires: integer.nullable() }),
    errors: ['STORE_FAILED', 'OFFLINE', 'CLOSED'],
    example: { params: { days: 30, bytes: 5_000_000_000 }, result: { token: example.HASH, expires: example.TIME } }
  })
} as const
