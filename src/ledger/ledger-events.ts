/** The one source of events about changes of ledgers. */
import { Listeners } from '../core/listeners.js'
import type { Log } from '../ports.js'
import type { Ledger } from './ledger.js'
import type { LedgerChanges, LedgerEvent } from './write/ledger-event.js'

type Heard = { [Type in keyof LedgerChanges]: Listeners<[Ledger, LedgerChanges[Type]]> }

export class LedgerEvents {
  readonly #heard: Heard

  constructor(log: Log) {
    const failed =
      (type: string) =>
      (error: unknown): void => {
        log.error(
          { event: 'ledger.listener-failed', type, error: (error as Error).message },
          'a ledger listener failed'
        )
      }
    this.#heard = {
      stored: new Listeners(failed('stored')),
      filled: new Listeners(failed('filled')),
      audited: new Listeners(failed('audited')),
      frozen: new Listeners(failed('frozen')),
      cut: new Listeners(failed('cut')),
      removed: new Listeners(failed('removed'))
    }
  }

  on<Type extends keyof LedgerChanges>(
    type: Type,
    listener: (ledger: Ledger, change: LedgerChanges[Type]) => void
  ): () => void {
    return this.#heard[type].add(listener)
  }

  emit(ledger: Ledger, event: LedgerEvent): void {
    ;(this.#heard[event.type] as Listeners<[Ledger, LedgerEvent]>).emit(ledger, event)
  }
}
