import type { LedgerId } from '../../core/ledger-id.js'
import type { Ledger } from '../../ledger/ledger.js'
import type { Clock } from '../../ports.js'
import type { SyncStatus } from '../../sync/types.js'
import type { NetworkEvents } from '../events/network-events.js'

/** Interval of the check of all statuses: changes that are undone in between cause no event. */
const LOOK_MS = 100

export interface SyncMonitorInit {
  clock: Clock
  events: NetworkEvents
  /** Ledgers that have a status. */
  ledgers: () => Ledger[]
  status: (ledger: Ledger) => SyncStatus
}

/** Turns "any status may have changed" into one event for each changed status. */
export class SyncMonitor {
  readonly #init: SyncMonitorInit
  readonly #last = new Map<LedgerId, string>()
  #cancel: (() => void) | null = null
  #stopped = false
  readonly #listeners = new Set<() => void>()

  constructor(init: SyncMonitorInit) {
    this.#init = init
  }

  /** Calls the listener at once, even if nothing has changed in the end; the returned function removes it. */
  listen(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => {
      this.#listeners.delete(listener)
    }
  }

  wake(): void {
    if (this.#stopped) return
    for (const listener of this.#listeners) listener()
    this.#cancel ??= this.#init.clock.after(LOOK_MS, () => {
      this.#cancel = null
      this.#look()
    })
  }

  stop(): void {
    this.#stopped = true
    this.#cancel?.()
  }

  #look(): void {
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
