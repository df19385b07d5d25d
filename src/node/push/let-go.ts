/**
 * Deletes ledgers from unknown peers that came by push and have not grown for two weeks: otherwise the places for such
 * ledgers would fill up for ever with unused ones.
 */
import type { LedgerId } from '../../core/ledger-id.js'
import { storedAt } from '../../ledger/claims/stored-at.js'
import type { Ledgers } from '../../ledger/ledgers.js'
import type { Ledger } from '../../ledger/ledger.js'
import type { Clock, Log } from '../../ports.js'
import type { Store } from '../../store/store.js'
import type { Follows } from '../replication/follows.js'

const MAX_STILL_MS = 14 * 24 * 60 * 60_000
/** Milliseconds between two checks. */
const LOOK_MS = 60 * 60_000

export interface LetGoInit {
  store: Store
  ledgers: Pick<Ledgers, 'get'>
  follows: Follows
  /** Ledgers whose erasures must still be received. */
  adoption: { sources: () => LedgerId[] }
  /** Ends the follow and deletes the mirror. */
  letGo: (ledger: Ledger) => Promise<void>
  clock: Clock
  log: Log
}

export class LetGo {
  readonly #init: LetGoInit
  #cancel: () => void = () => {}
  #looking: Promise<void> = Promise.resolve()
  #stopped = false

  constructor(init: LetGoInit) {
    this.#init = init
  }

  start(): void {
    this.#looking = this.#look().finally(() => {
      if (!this.#stopped)
        this.#cancel = this.#init.clock.after(LOOK_MS, () => {
          this.start()
        })
    })
  }

  async stop(): Promise<void> {
    this.#stopped = true
    this.#cancel()
    await this.#looking
  }

  async #look(): Promise<void> {
    const { ledgers, follows, adoption, letGo, log } = this.#init
    for (const id of follows.list()) {
      const ledger = adoption.sources().includes(id) ? undefined : ledgers.get(id)
      if (this.#stopped || ledger === undefined || !(await this.#isStill(id, ledger))) continue
      try {
        await letGo(ledger)
        log.info(
          { event: 'push.let-go', ledger: id },
          'a ledger of strangers that has not grown for 14 days was let go of'
        )
      } catch (error) {
        log.warn(
          { event: 'push.let-go-failed', ledger: id, error: (error as Error).message },
          'a ledger was not let go of'
        )
      }
    }
  }

  /** A ledger that the operator has paused or follows by hand is known to the operator, and kept. */
  async #isStill(id: LedgerId, { ledgerNumber, size }: Ledger): Promise<boolean> {
    const { store, follows, clock } = this.#init
    const follow = follows.get(id)
    if (follow?.origin?.pool !== 'anyone' || follow.paused) return false
    const grown = size === 0 ? null : await storedAt(store, ledgerNumber, size - 1)
    return Math.max(follow.origin.at, grown ?? 0) + MAX_STILL_MS <= clock.now()
  }
}
