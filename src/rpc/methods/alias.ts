import { z } from 'zod'
import { method, required } from '../method.js'
import * as example from './examples.js'
import { ledgerHandle, ledgerId, name } from './shapes.js'

const alias = { alias: z.string(), ledger: ledgerId, name: z.string().nullable() }
const given = required(
  'alias',
  name,
  '1–64 characters a–z, 0–9, ".", "_" and "-"; not what looks like an id or the beginning of one.'
)
const ALIAS = { alias: 'acme', ledger: example.LEDGER, name: 'acme' }

export const aliasMethods = {
  'alias.set': method({
    access: 'operate',
    summary:
      'Gives a ledger a local name (alias) that every method accepts in place of its id. Only this node knows it.',
    binds: true,
    params: [
      given,
      required('ledger', ledgerHandle, 'The ledger; its whole id, another alias, or the name of a followed one.')
    ],
    result: z.object({ ...alias, replaced: ledgerId.nullable(), shadows: z.array(ledgerId) }),
    errors: ['INVALID_PARAMS', 'STORE_FAILED', 'CLOSED'],
    example: { params: { alias: 'acme', ledger: example.LEDGER }, result: { ...ALIAS, replaced: null, shadows: [] } }
  }),
  'alias.list': method({
    access: 'private',
    summary: "The names that this node's operator gave to ledgers.",
    params: [],
    result: z.object({ aliases: z.array(z.object(alias)) }),
    errors: ['CLOSED'],
    example: { params: {}, result: { aliases: [ALIAS] } }
  }),
  'alias.remove': method({
    access: 'operate',
    summary: 'Removes an alias.',
    params: [given],
    result: z.object(alias),
    errors: ['NO_SUCH_NAME', 'STORE_FAILED', 'CLOSED'],
    example: { params: { alias: 'acme' }, result: ALIAS }
  }),
  'alias.resolve': method({
    access: 'private',
    summary: 'Which ledger a short name means: an alias, the name of a followed ledger, or the beginning of an id.',
    params: [required('ledger', ledgerHandle, 'As every method takes it.')],
    result: z.object({ ledger: ledgerId }),
    errors: ['CLOSED'],
    example: { params: { ledger: 'acme' }, result: { ledger: example.LEDGER } }
  })
} as const
