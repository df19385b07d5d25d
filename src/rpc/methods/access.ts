import { z } from 'zod'
import { ACCESS_SCOPES } from '../../core/ledger-types.js'
import { MAX_LIST } from '../../core/limits.js'
import { method, optional, required } from '../method.js'
import * as example from './examples.js'
import { appended, days, hash, integer, ledgerHandle, ledgerId, levelAboveNone, peerHandle } from './shapes.js'
import { REFUSAL_REASONS } from '../../node/api/access.js'

const trustMilli = z.int().min(1).max(1000)
const grants = z.array(z.strictObject({ ledger: ledgerHandle, scope: z.enum(ACCESS_SCOPES) })).max(MAX_LIST)

export const accessMethods = {
  'ledger.access': method({
    access: 'read',
    summary: 'Who may read a ledger held here.',
    params: [optional('ledger', ledgerHandle, 'Default: the own one.')],
    result: z.object({
      ledger: ledgerId,
      access: z.enum(['public', 'private']),
      readers: z.array(
        z.object({ ledger: ledgerId, scope: z.enum(ACCESS_SCOPES), name: z.string().nullable(), held: z.boolean() })
      ),
      revoked: z.array(ledgerId),
      trustMilli: trustMilli.nullable()
    }),
    errors: ['NOT_FOUND', 'CLOSED'],
    example: {
      params: {},
      result: {
        ledger: example.LEDGER,
        access: 'private',
        readers: [{ ledger: example.LEDGER, scope: 'full', name: 'acme', held: true }],
        revoked: [],
        trustMilli: 600
      }
    }
  }),
  'ledger.setAccess': method({
    access: 'operate',
    binds: true,
    summary:
      'Changes who may read the own, private ledger; in force at once. It is an entry of the ledger, which its readers see.',
    params: [
      optional(
        'grant',
        grants,
        'Readers: [{ledger, scope}], scope full, query-only (no ranges) or sync-only (no queries).'
      ),
      optional('revoke', z.array(ledgerHandle).max(MAX_LIST), 'Ledgers that may no longer read, regardless of trust.'),
      optional(
        'trustMilli',
        levelAboveNone,
        'Ledgers that this one trusts at least so much (0.7, or 700 thousandths) may read too. Omitted: unchanged.'
      ),
      optional('noTrust', z.boolean(), 'Only granted ledgers may read, regardless of trust.')
    ],
    result: appended,
    errors: ['INVALID_PARAMS', 'RESTORING', 'STORE_FAILED', 'CLOSED'],
    example: {
      params: { grant: [{ ledger: example.LEDGER, scope: 'full' }] },
      result: { entry: example.ENTRY, existing: false }
    }
  }),
  'network.members': method({
    access: 'private',
    summary: 'Members of this private network: admitted by which issuer, and until when.',
    params: [],
    result: z.object({
      closed: z.boolean(),
      issuers: z.array(ledgerId),
      members: z.array(z.object({ peer: z.string(), issuer: ledgerId, expires: integer, hash }))
    }),
    errors: ['CLOSED'],
    example: {
      params: {},
      result: {
        closed: true,
        issuers: [example.LEDGER],
        members: [{ peer: example.PEER, issuer: example.LEDGER, expires: example.TIME, hash: example.HASH }]
      }
    }
  }),
  'network.admit': method({
    access: 'operate',
    binds: true,
    summary:
      'Gives a peer a membership of this private network; on a node of an issuer. It is an entry of the own ledger.',
    params: [
      required('peer', peerHandle, 'A peer id, as `node.status` of that node says it.'),
      optional('days', days, 'How long it holds: 30, 30d or 12w; at most 3650 days. Default 90.')
    ],
    result: appended,
    errors: ['INVALID_PARAMS', 'RESTORING', 'STORE_FAILED', 'CLOSED'],
    example: { params: { peer: example.PEER, days: 30 }, result: { entry: example.ENTRY, existing: false } }
  }),
  'network.expel': method({
    access: 'socket-only',
    binds: true,
    summary:
      'Revokes the memberships that this issuer gave to a peer: connected nodes drop it as soon as they hear of it.',
    params: [required('peer', peerHandle, 'A peer id.')],
    result: z.object({ peer: z.string(), revoked: z.array(hash) }),
    errors: ['NOT_FOUND', 'INVALID_PARAMS', 'RESTORING', 'STORE_FAILED', 'CLOSED'],
    example: { params: { peer: example.PEER }, result: { peer: example.PEER, revoked: [example.HASH] } }
  }),
  'network.refusals': method({
    access: 'private',
    summary:
      'What this node refused to which peer: readers beyond their scope, strangers asking for a private ledger, peers that are not admitted; and which peers refused this node.',
    params: [],
    result: z.object({
      refusals: z.array(
        z.object({
          peer: z.string(),
          ledger: ledgerId.nullable(),
          reason: z.enum(REFUSAL_REASONS),
          reader: ledgerId.nullable(),
          count: integer,
          first: integer,
          last: integer
        })
      ),
      refusedBy: z.array(z.object({ peer: z.string(), count: integer, first: integer, last: integer }))
    }),
    errors: ['CLOSED'],
    example: {
      params: {},
      result: {
        refusals: [
          {
            peer: example.PEER,
            ledger: example.LEDGER,
            reason: 'NOT_A_READER',
            reader: null,
            count: 2,
            first: example.TIME,
            last: example.TIME
          }
        ],
        refusedBy: []
      }
    }
  })
} as const
