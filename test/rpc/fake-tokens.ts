import { LedgermeshError } from '../../src/core/errors.js'
import type { AccessToken, TokensApi } from '../../src/node/api/tokens.js'
import * as example from '../../src/rpc/methods/examples.js'

/** Tokens in memory; each has the same secret. */
export function fakeTokens(): TokensApi {
  const known = new Map<string, AccessToken>()
  return {
    create: async ({ name, scopes, ledgers, streams, expires = example.TIME }) => {
      const made = {
        name,
        scopes: [...scopes],
        ledgers: ledgers === undefined ? null : [...ledgers],
        streams: streams === undefined ? null : [...streams],
        createdAt: example.TIME,
        expires,
        lastUsedAt: null
      }
      known.set(name, made)
      return { ...made, token: `lmt_${example.HASH}` }
    },
    list: async () => [...known.values()],
    revoke: async (name) => {
      const found = known.get(name)
      if (found === undefined) throw new LedgermeshError('NOT_FOUND', `there is no token ${name}`)
      known.delete(name)
      return found
    }
  }
}
