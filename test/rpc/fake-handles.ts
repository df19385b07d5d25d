import { LedgermeshError } from '../../src/core/errors.js'
import type { Node } from '../../src/node/api/node.js'
import { checkAlias } from '../../src/node/handles/aliases.js'
import { resolveLedger } from '../../src/node/handles/ledger-handle.js'
import { resolvePeer } from '../../src/node/handles/peer-handle.js'
import * as example from '../../src/rpc/methods/examples.js'

export function fakeHandles(aliases: Map<string, string>, known: Node['network']['ledgers']): Node['handles'] {
  return {
    ledger: async (handle, use) => resolveLedger(handle, { aliases: aliases, known: await known() }, use),
    entry: async (handle) => ({ id: handle }),
    hash: async (handle, { binds }) => {
      throw new LedgermeshError(binds ? 'SHORT_FORM' : 'NOT_FOUND', `no hash begins with ${handle}`)
    },
    peer: async (handle, use) => resolvePeer(handle, [example.PEER], use),
    aliases: async () => [...aliases].map(([alias, ledger]) => ({ alias, ledger, name: null })),
    setAlias: async (alias, ledger) => {
      checkAlias(alias)
      const replaced = aliases.get(alias) ?? null
      aliases.set(alias, ledger)
      return { alias, ledger, name: null, replaced, shadows: [] }
    },
    removeAlias: async (alias) => {
      const ledger = aliases.get(alias)
      if (ledger === undefined) throw new LedgermeshError('NO_SUCH_NAME', `there is no alias ${alias}`)
      aliases.delete(alias)
      return { alias, ledger, name: null }
    }
  }
}
