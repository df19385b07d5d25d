import { z } from 'zod'
import { MAX_LIST } from '../../core/limits.js'
import { method, optional, required } from '../method.js'
import * as example from './examples.js'
import * as shape from './shapes.js'

export const erasureMethods = {
  'ledger.erase': method({
    access: 'socket-only',
    binds: true,
    summary:
      'Appends a ledger.erase entry: every holder deletes the payloads of the named own entries. None is appended when there is nothing to delete.',
    params: [required('hashes', z.array(shape.hashHandle).min(1).max(MAX_LIST), 'Hashes of own entries.')],
    result: z.object({ appended: z.array(shape.appended) }),
    errors: ['NOT_FOUND', 'RESTORING', 'STORE_FAILED', 'CLOSED'],
    example: { params: { hashes: [example.HASH] }, result: { appended: [{ entry: example.ENTRY, existing: false }] } }
  }),
  'ledger.erasures': method({
    access: 'ask-network',
    summary:
      "The own ledger's erasures, the newest first, and who has confirmed each: a mirror that holds the erasing entry and, asked now, has none of the payloads. " +
      "A confirmation is the mirror's claim. `waiting` names the mirrors seen since this node started that have not confirmed.",
    params: [
      optional('limit', z.int().min(1).max(100), 'Erasures a page, 1–100. Default 20.'),
      optional('cursor', z.string().min(1).max(4096), 'nextCursor of the page before.')
    ],
    result: z.object({
      ledger: shape.ledgerId,
      erasures: z.array(shape.erasure),
      nextCursor: z.string().nullable(),
      hasMore: z.boolean()
    }),
    errors: ['CURSOR_INVALID', 'OFFLINE', 'STORE_FAILED', 'CLOSED'],
    example: {
      params: { limit: 10 },
      result: {
        ledger: example.LEDGER,
        nextCursor: null,
        hasMore: false,
        erasures: [
          {
            seq: 2,
            hash: example.HASH,
            timestamp: example.TIME,
            entries: [example.HASH],
            confirmed: [{ peer: example.PEER, ledger: example.OTHER_LEDGER, name: 'acme', at: example.TIME }],
            waiting: [{ peer: example.PEER, ledger: null, name: null, reason: 'OFFLINE' }]
          }
        ]
      }
    }
  })
} as const
