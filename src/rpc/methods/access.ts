import { z } from 'zod'
import { ACCESS_SCOPES } from '../../core/ledger-types.js'
import { MAX_LIST } from '../../core/limits.js'
import { REFUSAL_REASONS } from '../../node/refusals.js'
import { method, optional } from '../method.js'
import * as example from './examples.js'
import { appended, integer, ledgerId } from './shapes.js'

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
