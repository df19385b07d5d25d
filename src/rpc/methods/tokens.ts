import { z } from 'zod'
import type { JsonObject } from '../../core/canonical.js'
import { MAX_TOKEN_NAMES, TOKEN_SCOPES } from '../../node/api/tokens.js'
import { method, optional, required } from '../method.js'
import * as example from './examples.js'
import { futureTime, integer, ledgerHandle, ledgerId, name } from './shapes.js'

const scope = z.enum(TOKEN_SCOPES)
const tokenName = required('name', name, 'By which it is listed and revoked.')
const accessToken = z.object({
  name: z.string(),
  scopes: z.array(scope),
  ledgers: z.array(ledgerId).nullable(),
  streams: z.array(z.string()).nullable(),
  createdAt: integer,
  expires: integer,
  lastUsedAt: integer.nullable()
})
const TOKEN: JsonObject = {
  name: 'dashboard',
  scopes: ['read'],
  ledgers: null,
  streams: null,
  createdAt: example.TIME,
  expires: example.TIME + 90 * 86_400_000,
  lastUsedAt: null
}

export const tokenMethods = {
  'tokens.create': method({
    access: 'socket-only',
    summary:
      'Makes an access token: a program that shows it may call this node over HTTP, within its scopes. It is shown only once.',
    binds: true,
    params: [
      tokenName,
      required('scopes', z.array(scope).min(1), `Its rights: ${TOKEN_SCOPES.join(', ')}.`),
      optional(
        'ledgers',
        z.array(ledgerHandle).min(1).max(MAX_TOKEN_NAMES),
        'Only these ledgers; all others are to it as if they were not here. Default: all.'
      ),
      optional('streams', z.array(name).min(1).max(MAX_TOKEN_NAMES), 'Only entries of these streams. Default: all.'),
      optional('expires', futureTime, 'When it ends. Default: in 90 days.')
    ],
    result: accessToken.extend({ token: z.string() }),
    errors: ['OVERLOADED', 'BAD_FILE', 'STORE_FAILED'],
    example: {
      params: { name: 'dashboard', scopes: ['read'], expires: '90d' },
      result: { ...TOKEN, token: `lmt_${example.HASH}` }
    }
  }),
  'tokens.list': method({
    access: 'socket-only',
    summary: 'The access tokens, without their secrets; lastUsedAt is to the minute.',
    params: [],
    result: z.object({ tokens: z.array(accessToken) }),
    errors: ['BAD_FILE'],
    example: { params: {}, result: { tokens: [TOKEN] } }
  }),
  'tokens.revoke': method({
    access: 'socket-only',
    summary: 'Ends an access token at once, and whatever it has open.',
    params: [tokenName],
    result: accessToken,
    errors: ['NOT_FOUND', 'BAD_FILE', 'STORE_FAILED'],
    example: { params: { name: 'dashboard' }, result: TOKEN }
  })
} as const
