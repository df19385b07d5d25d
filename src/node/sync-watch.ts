import type { LedgerId } from '../core/ledger-id.js'
import type { Mirror } from '../ledger/mirror.js'
import type { Clock } from '../ports.js'
import type { SyncStatus } from '../sync/types.js'
import type { NetworkEvents } from './network-events.js'

/** Between two looks at all statuses: what changes back in between is not worth an event. */
const LOOK_MS = 100

export interface SyncWatchInit {
  clock: Clock
  events: NetworkEvents
  /** Ledgers that have a status. */
  ledgers: () => Mirror[]
  status: (ledger: Mirror) => SyncStatus
}

/** Turns "any status may have changed" into one event for each that did. */
export class SyncWatch {
  readonly #init: SyncWatchInit
  readonly #last = new Map<LedgerId, string>()
  #cancel: (() => void) | null = null
  #stopped = false

  constructor (init: SyncWatchInit) {
    this.#init = init
  }

  wake (): void {
    if (this.#stopped) return
    this.#cancel ??= this.#init.clock.after(LOOK_MS, () => {
      this.#cancel = null
      this.#look()
    })
  }

  stop (): void {
    this.#stopped = true
    this.#cancel?.()
  }

  #look (): void {
    const ledgers = this.#init.ledgers()
    const held = new Set(ledgers.map(({ id }) => id))
    for (const id of this.#last.keys()) if (!held.has(id)) this.#last.delete(id)
    for (const ledger of ledgers) {
      const status = this.#init.status(ledger)
      const code = status.status === 'stalled' ? status.code : null
      const now = `${status.status} ${code ?? ''}`
      if (this.#last.get(ledger.id) === now) continue
      this.#last.set(ledger.id, now)
      this.#init.events.publish({ kind: 'sync', ledger: ledger.id, status: status.status, code, size: ledger.size })
    }
  }
}
