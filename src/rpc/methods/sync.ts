import { z } from 'zod'
import { method, optional, required } from '../method.js'
import * as example from './examples.js'
import { ledgerId, syncFilters, syncStatus } from './shapes.js'

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
  })
} as const
