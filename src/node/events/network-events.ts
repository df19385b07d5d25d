/** Events of the network: `network.subscribe` delivers exactly these. */
import { Listeners } from '../../core/listeners.js'
import type { Clock, Log } from '../../ports.js'
import type { NetworkEventKind, NetworkChange, NetworkEvent } from '../api/events.js'

export class NetworkEvents {
  readonly #subscribers: Listeners<[NetworkEvent]>
  readonly #clock: Clock

  constructor(clock: Clock, log: Log) {
    this.#clock = clock
    this.#subscribers = new Listeners((error) => {
      log.error({ event: 'events.subscriber-failed', error: (error as Error).message }, 'an event subscriber failed')
    })
  }

  /** Delivers events of these kinds (null: all) until the returned function is called. The listener must be fast. */
  subscribe(kinds: readonly NetworkEventKind[] | null, listener: (event: NetworkEvent) => void): () => void {
    return this.#subscribers.add((event) => {
      if (kinds === null || kinds.includes(event.kind)) listener(event)
    })
  }

  publish(change: NetworkChange): void {
    this.#subscribers.emit({ ...change, at: this.#clock.now() })
  }
}
