/** A store with its ledgers, without the rest of a node. */
import { signingKeyFromSeed } from '../../src/core/keys.js'
import { verifySignature } from '../../src/core/signature.js'
import { openLedgers, type Ledgers, type LedgersOptions } from '../../src/ledger/ledgers.js'
import { silentLog, systemClock, systemRandom } from '../../src/node/runtime/system.js'
import { openStore, type Store } from '../../src/store/store.js'

export interface Home {
  store: Store
  ledgers: Ledgers
  close: () => Promise<void>
}

/** `own`: what a ledger of one's own needs; without it there is none. */
export async function openHome(
  db: string,
  own: Pick<LedgersOptions, 'signingKey' | 'genesis' | 'markFile'> = {}
): Promise<Home> {
  const store = await openStore(db, { log: silentLog })
  const ledgers = await openLedgers({
    store,
    clock: systemClock,
    random: systemRandom,
    log: silentLog,
    network: 'main',
    verify: verifySignature,
    ...own
  })
  return {
    store,
    ledgers,
    close: async () => {
      await ledgers.close()
      await store.close()
    }
  }
}

/** A new public ledger. */
export function newOwn(name: string): Pick<LedgersOptions, 'signingKey' | 'genesis'> {
  return {
    signingKey: signingKeyFromSeed(systemRandom.bytes(32)),
    genesis: { name, access: 'public', nextKeyHash: null }
  }
}
