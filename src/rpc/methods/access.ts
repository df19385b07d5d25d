import { z } from 'zod'
import { ACCESS_SCOPES } from '../../core/ledger-types.js'
import { MAX_LIST } from '../../core/limits.js'
import { REFUSAL_REASONS } from '../../node/refusals.js'
import { method, optional, required } from '../method.js'
import * as example from './examples.js'
import { appended, hash, integer, ledgerId } from './shapes.js'

const trustMilli = z.int().min(1).max(1000)
const grants = z.array(z.strictObject({ ledger: ledgerId, scope: z.enum(ACCESS_SCOPES) })).max(MAX_LIST)

export const accessMethods = {
  'ledger.access': method({
    summary: 'Who may read a ledger held here.',
    params: [optional('ledger', ledgerId, 'Default: the own one.')],
    result: z.object({
      ledger: ledgerId,
      access: z.enum(['public', 'private']),
      readers: z.array(z.object({ ledger: ledgerId, scope: z.enum(ACCESS_SCOPES), name: z.string().nullable(), held: z.boolean() })),
      revoked: z.array(ledgerId),
      trustMilli: trustMilli.nullable()
    }),
    errors: ['NOT_FOUND', 'CLOSED'],
    example: {
      params: {},
      result: { ledger: example.LEDGER, access: 'private', readers: [{ ledger: example.LEDGER, scope: 'full', name: 'acme', held: true }], revoked: [], trustMilli: 600 }
    }
  }),
  'ledger.setAccess': method({
    summary: 'Changes who may read the own, private ledger; in force at once. It is an entry of the ledger, which its readers see.',
    params: [
      optional('grant', grants, 'Readers: [{ledger, scope}], scope full, query-only (no ranges) or sync-only (no queries).'),
      optional('revoke', z.array(ledgerId).max(MAX_LIST), 'Ledgers that may not read any more, whatever trust says.'),
      optional('trustMilli', trustMilli, 'Ledgers that this one trusts at least so much (1–1000) may read too. Default: as it is.'),
      optional('noTrust', z.boolean(), 'Only those granted may read, whatever trust says.')
    ],
    result: appended,
    errors: ['INVALID_PARAMS', 'RESTORING', 'STORE_FAILED', 'CLOSED'],
    example: { params: { grant: [{ ledger: example.LEDGER, scope: 'full' }] }, result: { entry: example.ENTRY, existing: false } }
  }),
  'network.members': method({
    summary: 'Who is a member of this private network, by whose word, and until when.',
    params: [],
    result: z.object({ closed: z.boolean(), issuers: z.array(ledgerId), members: z.array(z.object({ peer: z.string(), issuer: ledgerId, expires: integer, hash })) }),
    errors: ['CLOSED'],
    example: {
      params: {},
      result: { closed: true, issuers: [example.LEDGER], members: [{ peer: example.PEER, issuer: example.LEDGER, expires: example.TIME, hash: example.HASH }] }
    }
  }),
  'network.admit': method({
    summary: 'Gives a peer a membership of this private network; on a node of an issuer. It is an entry of the own ledger.',
    params: [
      required('peer', z.string().min(1).max(128), 'A peer id, as `node.status` of that node says it.'),
      optional('days', z.int().min(1).max(3650), 'How long it holds. Default 90.')
    ],
    result: appended,
    errors: ['INVALID_PARAMS', 'RESTORING', 'STORE_FAILED', 'CLOSED'],
    example: { params: { peer: example.PEER, days: 30 }, result: { entry: example.ENTRY, existing: false } }
  }),
  'network.expel': method({
    summary: 'Revokes the memberships that this issuer gave to a peer: connected nodes drop it as soon as they hear of it.',
    params: [required('peer', z.string().min(1).max(128), 'A peer id.')],
    result: z.object({ peer: z.string(), revoked: z.array(hash) }),
    errors: ['NOT_FOUND', 'INVALID_PARAMS', 'RESTORING', 'STORE_FAILED', 'CLOSED'],
    example: { params: { peer: example.PEER }, result: { peer: example.PEER, revoked: [example.HASH] } }
  }),
  'network.refusals': method({
    summary: 'Whom this node refused what: readers beyond their scope, strangers who asked for a private ledger, peers that are not admitted; and who refused this node.',
    params: [],
    result: z.object({
      refusals: z.array(z.object({
        peer: z.string(), ledger: ledgerId.nullable(), reason: z.enum(REFUSAL_REASONS), reader: ledgerId.nullable(), count: integer, first: integer, last: integer
      })),
      refusedBy: z.array(z.object({ peer: z.string(), count: integer, first: integer, last: integer }))
    }),
    errors: ['CLOSED'],
    example: {
      params: {},
      result: {
        refusals: [{ peer: example.PEER, ledger: example.LEDGER, reason: 'NOT_A_READER', reader: null, count: 2, first: example.TIME, last: example.TIME }],
        refusedBy: []
      }
    }
  })
} as const
