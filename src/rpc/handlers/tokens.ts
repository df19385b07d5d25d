import type { Handlers } from '../handler.js'
import type { tokenMethods } from '../methods/tokens.js'

export const tokenHandlers: Handlers<typeof tokenMethods> = {
  'tokens.create': (input, { node }) => node.tokens.create(input),
  'tokens.list': async (_params, { node }) => ({ tokens: await node.tokens.list() }),
  'tokens.revoke': ({ name }, { node }) => node.tokens.revoke(name)
}
