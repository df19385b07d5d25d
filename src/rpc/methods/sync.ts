import { z } from 'zod'
import { method, optional, required } from '../method.js'
import * as example from './examples.js'
import { hash, integer, ledgerId, syncFilters, syncStatus } from './shapes.js'

const followed = required('ledger', ledgerId, 'A followed ledger.')
const STATUS_ERRORS = ['NOT_FOLLOWED', 'CLOSED'] as const

export const syncMethods = {
  'sync.follow': method({
    summary: 'Replicates a remote ledger from now on; its entries are verified and kept here.',
    params: [
      required('ledger', ledgerId, 'The ledger to follow.'),
      optional('filters', syncFilters, 'Keep every header, but only payloads that match: {streams, types, issuers, subjects}. Default: all.'),
      optional('headers', z.boolean(), 'Keep every header and no payload: enough to weigh attestations. Default false.')
    ],
    result: syncStatus,
    errors: ['UNTRUSTED', 'WRONG_NETWORK', 'STORE_FAILED', 'OFFLINE', 'CLOSED'],
    example: { params: { ledger: example.LEDGER }, result: example.SYNC_STATUS }
  }),
  'sync.unfollow': method({
    summary: 'Stops replicating a ledger. What is held stays, unless `forget` is true.',
    params: [followed, optional('forget', z.boolean(), 'Delete the mirror too. Default false.')],
    result: z.object({ ledger: ledgerId, forgotten: z.boolean() }),
    errors: STATUS_ERRORS,
    example: { params: { ledger: example.LEDGER }, result: { ledger: example.LEDGER, forgotten: false } }
  }),
  'sync.status': method({
    summary: 'synced, syncing or stalled (with why, since when and what comes next), for each ledger held.',
    params: [optional('ledger', ledgerId, 'Only this one. Default: all.')],
    result: z.object({ ledgers: z.array(syncStatus) }),
    errors: STATUS_ERRORS,
    example: { params: {}, result: { ledgers: [example.SYNC_STATUS] } }
  }),
  'sync.pull': method({
    summary: 'Asks everybody who has the ledger now; answers when it is synced or stalled.',
    params: [followed],
    result: syncStatus,
    errors: STATUS_ERRORS,
    example: { params: { ledger: example.LEDGER }, result: example.SYNC_STATUS }
  }),
  'sync.pause': method({
    summary: 'Stops pulling a followed ledger until sync.resume.',
    params: [followed],
    result: syncStatus,
    errors: STATUS_ERRORS,
    example: { params: { ledger: example.LEDGER }, result: example.SYNC_STATUS }
  }),
  'sync.resume': method({
    summary: 'Goes on pulling a paused ledger.',
    params: [followed],
    result: syncStatus,
    errors: STATUS_ERRORS,
    example: { params: { ledger: example.LEDGER }, result: example.SYNC_STATUS }
  }),
  'sync.conflicts': method({
    summary: 'Frozen ledgers, and what an operator can do about each; and entries that gave way when he did.',
    params: [optional('ledger', ledgerId, 'Only this one. Default: all that are held.')],
    result: z.object({
      conflicts: z.array(z.object({
        ledger: ledgerId, name: z.string().nullable(), own: z.boolean(), frozenAt: integer, disputed: integer, evidence: hash.nullable(), kind: z.string().nullable(),
        rotation: z.object({ seq: integer, hash, key: hash }).nullable(), next: z.string()
      })),
      voided: z.array(z.object({ ledger: ledgerId, evidence: z.string(), from: integer, entries: integer }))
    }),
    errors: STATUS_ERRORS,
    example: {
      params: {},
      result: {
        conflicts: [{ ledger: example.LEDGER, name: 'acme', own: false, frozenAt: 5, disputed: 3, evidence: example.HASH, kind: 'same-seq', rotation: { seq: 5, hash: example.HASH, key: example.HASH }, next: 'If the owner confirms the rotation, …' }],
        voided: []
      }
    }
  }),
  'sync.resolve': method({
    summary: 'The operator\'s word after a rotation: accepts the branch of a frozen ledger that carries a rotate-key by the committed key. The disputed entries give way to it, and stay to be looked at.',
    params: [required('ledger', ledgerId, 'A frozen ledger.')],
    result: z.object({ status: syncStatus, voided: integer.describe('entries that gave way') }),
    errors: ['NOT_FOLLOWED', 'READ_ONLY', 'NOT_FROZEN', 'NO_ROTATION', 'STORE_FAILED', 'CLOSED'],
    example: { params: { ledger: example.LEDGER }, result: { status: example.SYNC_STATUS, voided: 3 } }
  }),
  'sync.voided': method({
    summary: 'The signed headers of entries that gave way to another branch: by the evidence (the beginning of its id) in whose name they did, then by seq.',
    params: [
      required('ledger', ledgerId, 'A ledger that is held.'),
      optional('offset', integer, 'How many to leave out. Default 0.'),
      optional('limit', z.int().min(1).max(1000), '1–1000, default 100.')
    ],
    result: z.object({ entries: z.array(z.object({ evidence: z.string(), seq: integer, hash, header: z.string(), signature: z.string() })) }),
    errors: ['NOT_FOUND', 'CLOSED'],
    example: { params: { ledger: example.LEDGER }, result: { entries: [{ evidence: example.HASH.slice(0, 32), seq: 5, hash: example.HASH, header: example.HEADER, signature: example.SIGNATURE }] } }
  })
} as const
