/** Resolves handles, the short names of ledgers, entries and peers. Handles are never stored or signed. */
import { LedgermeshError } from '../../core/errors.js'
import type { LedgerId } from '../../core/ledger-id.js'
import type { Ledgers } from '../../ledger/ledgers.js'
import type { Ledger } from '../../ledger/ledger.js'
import type { Store } from '../../store/store.js'
import type { HandleApi } from '../api/handles.js'
import type { KnownLedger } from '../api/node.js'
import { Aliases } from './aliases.js'
import { resolveEntry, resolveHash } from './entry-handle.js'
import { resolveLedger } from './ledger-handle.js'
import { resolvePeer } from './peer-handle.js'
import type { LedgerChoice } from '../api/ledger-choice.js'

export interface HandleSources {
  store: Store
  ledgers: Ledgers
  held: (ledger?: LedgerId) => Ledger
  known: () => Promise<KnownLedger[]>
  peers: () => Iterable<string>
}

export function handleApi({ store, ledgers, held, known, peers }: HandleSources): HandleApi {
  const aliases = new Aliases(store)
  const nameOf = (ledger: LedgerId): string | null => ledgers.get(ledger)?.chain?.name ?? null
  const chosen = (ledger?: LedgerChoice): Ledger[] => (ledger === '*' ? ledgers.list() : [held(ledger)])
  return {
    ledger: async (handle, use) => resolveLedger(handle, { aliases: await aliases.all(), known: await known() }, use),
    entry: async (handle, ledger) => await resolveEntry(handle, chosen(ledger)),
    hash: async (handle, { binds }, ledger) => {
      if (binds)
        throw new LedgermeshError(
          'SHORT_FORM',
          `${JSON.stringify(handle.slice(0, 80))} is not a whole hash (64 lower-case hex digits): what binds takes no short form`
        )
      return await resolveHash(handle, chosen(ledger))
    },
    peer: async (handle, use) => resolvePeer(handle, peers(), use),
    aliases: async () => [...(await aliases.all())].map(([alias, ledger]) => ({ alias, ledger, name: nameOf(ledger) })),
    setAlias: async (alias, ledger) => {
      const replaced = await aliases.set(alias, ledger)
      const shadows = (await known())
        .filter((one) => one.name === alias && one.ledger !== ledger && (one.own || one.followed))
        .map((one) => one.ledger)
      return { alias, ledger, name: nameOf(ledger), replaced, shadows }
    },
    removeAlias: async (alias) => {
      const ledger = await aliases.remove(alias)
      return { alias, ledger, name: nameOf(ledger) }
    }
  }
}
