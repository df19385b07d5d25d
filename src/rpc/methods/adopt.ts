import { z } from 'zod'
import { method, optional, required } from '../method.js'
import * as example from './examples.js'
import { adoption, copiesChoice, integer, ledgerHandle, name } from './shapes.js'

const names = z.array(name).min(1).max(64)

export const adoptMethods = {
  'sync.adopt': method({
    access: 'operate',
    binds: true,
    summary:
      'Adopts the entries of a ledger from now on: follows it, if it is not yet, and appends each to the own ledger as a copy that names its original. Erasures of the originals reach the copies.',
    params: [
      required('ledger', ledgerHandle, 'The ledger to adopt from.'),
      optional('streams', names, 'Only entries of these streams.'),
      optional('types', names, 'Only entries of these types.'),
      optional('issuers', names, 'Only entries of these issuers.'),
      optional('subjects', names, 'Only entries of these subjects.'),
      optional('from', integer, 'The first seq to adopt. Default 0.'),
      optional('fromNow', z.boolean(), 'Only what comes after the ledger was synced first. Default false.'),
      optional(
        'acceptReaders',
        z.boolean(),
        'Both are private: also when the own ledger has readers that the source has not. Default false.'
      )
    ],
    result: adoption,
    errors: ['PRIVATE_INTO_PUBLIC', 'READERS_WIDER', 'UNTRUSTED', 'WRONG_NETWORK', 'STORE_FAILED', 'OFFLINE', 'CLOSED'],
    example: { params: { ledger: example.LEDGER, types: ['diploma'] }, result: example.ADOPTION }
  }),
  'sync.stopAdopting': method({
    access: 'operate',
    binds: true,
    summary: 'Adopts no more from a ledger. It stays followed, and erasures of the originals still reach the copies.',
    params: [
      required('ledger', ledgerHandle, 'A ledger that is adopted from.'),
      optional('copies', copiesChoice, 'keep: the copies stay. erase: their payloads are erased. Default keep.')
    ],
    result: adoption,
    errors: ['NOT_FOLLOWED', 'STORE_FAILED', 'OFFLINE', 'CLOSED'],
    example: { params: { ledger: example.LEDGER }, result: { ...example.ADOPTION, status: 'stopped' } }
  }),
  'sync.adoptions': method({
    access: 'private',
    summary:
      'Ledgers of which there are copies in the own one, or are to be: how far each has come, what was not adopted, and why.',
    params: [optional('ledger', ledgerHandle, 'Only this one. Default: all.')],
    result: z.object({ adoptions: z.array(adoption) }),
    errors: ['OFFLINE', 'CLOSED'],
    example: { params: {}, result: { adoptions: [example.ADOPTION] } }
  })
} as const
