import type { Handlers } from '../handler.js'
import type { aliasMethods } from '../methods/alias.js'

export const aliasHandlers: Handlers<typeof aliasMethods> = {
  'alias.set': ({ alias, ledger }, { node }) => node.handles.setAlias(alias, ledger),
  'alias.list': async (_params, { node }) => ({ aliases: await node.handles.aliases() }),
  'alias.remove': ({ alias }, { node }) => node.handles.removeAlias(alias),
  'alias.resolve': async ({ ledger }) => ({ ledger }) // the resolver has done it, as for every method
}
