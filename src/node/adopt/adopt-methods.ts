/** The adoption methods of the sync plugin, and the tasks that they need. */
import { LedgermeshError, type Surface } from '../../core/errors.js'
import { isLedgerId, type LedgerId } from '../../core/ledger-id.js'
import { readOptions, type Members } from '../../core/options.js'
import type { SyncFilters, Wanted } from '../../core/payload-filter.js'
import type { Ledger } from '../../ledger/ledger.js'
import type { Ledgers } from '../../ledger/ledgers.js'
import type { Clock, Log } from '../../ports.js'
import type { Store } from '../../store/store.js'
import type { AdoptMethods, CopiesChoice } from '../api/adopt.js'
import type { NetworkEvents } from '../events/network-events.js'
import type { Follows } from '../replication/follows.js'
import type { Replication } from '../replication/replication.js'
import type { PeerNetwork } from '../sessions/peer-network.js'
import { AdoptControl } from './adopt-control.js'
import { Adopter } from './adopter.js'
import { StoredAdoptions } from './adoption-book.js'

export interface AdoptingInit {
  store: Store
  ledgers: Ledgers
  peerNetwork: PeerNetwork
  follows: Follows
  replication: Replication
  events: NetworkEvents
  surface: Surface
  readFilters: (given: SyncFilters) => SyncFilters
  clock: Clock
  log: Log
}

/** The tasks that the methods need. */
export interface Adopting {
  control: AdoptControl
  adopter: Adopter
  follow: (ledger: LedgerId, wanted: Wanted) => Promise<Ledger>
  stop: () => Promise<void>
}

const STOP: Members<{ copies?: CopiesChoice }> = { copies: true }

export async function startAdopting(init: AdoptingInit): Promise<Adopting> {
  const { ledgers, peerNetwork, replication } = init
  const book = await StoredAdoptions.load(init)
  const adopter = new Adopter({
    ...init,
    book,
    rule: replication.control.rule,
    load: peerNetwork.load,
    runtime: replication.runtime
  })
  peerNetwork.use({
    onReady: () => {
      adopter.start()
    }
  })
  const control = new AdoptControl({ ...init, book, adopter })
  replication.control.hearErasures((id) => (book.get(id)?.counts.copies ?? 0) > 0)
  return {
    control,
    adopter,
    follow: async (id, wanted) =>
      init.follows.has(id) ? ledgers.get(id)! : await replication.control.follow(id, wanted),
    stop: async () => {
      control.stop()
      await adopter.stop()
    }
  }
}

/** Throws INVALID_PARAMS. */
export function readCopies(copies: CopiesChoice | undefined): CopiesChoice | undefined {
  if (copies !== undefined && copies !== 'keep' && copies !== 'erase')
    throw new LedgermeshError('INVALID_PARAMS', 'copies are to keep or to erase')
  return copies
}

/** `running` throws OFFLINE before the start; `held` throws NOT_FOLLOWED. */
export function adoptMethods(running: () => Adopting, held: (id: LedgerId) => Ledger): AdoptMethods {
  return {
    adopt: async (id, options) => {
      const { control, follow } = running()
      if (!isLedgerId(id)) throw new LedgermeshError('INVALID_PARAMS', 'a ledger id is b and 52 characters')
      const settings = control.check(id, options)
      await control.adopt(await follow(id, null), settings)
      return control.report(id)
    },
    stopAdopting: async (id, options) => {
      const copies = readCopies(readOptions(options, STOP).copies)
      await running().control.end(held(id), copies ?? 'keep')
      return running().control.report(id)
    },
    adoptions: async (id) => {
      const { control } = running()
      return await Promise.resolve(
        id === undefined ? control.list() : control.list().filter(({ ledger }) => ledger === id)
      )
    }
  }
}
