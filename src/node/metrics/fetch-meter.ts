/** Counts fetched and stored ranges, from the events of sync. */
import { BoundedMap } from '../../core/bounded.js'
import type { Metrics } from '../../ports.js'
import type { SyncEvent } from '../../sync/types.js'
import { FAMILIES } from './families.js'

/** Limit of ranges remembered between verification and storing; more than sync ever holds. */
const KEPT = 4096

export class FetchMeter {
  readonly #batch: (outcome: string) => void
  readonly #received: (bytes: number) => void
  readonly #storing: (seconds: number) => void
  readonly #verifiedAt = new BoundedMap<number, number>(KEPT)

  constructor(metrics: Metrics) {
    const batches = metrics.counter(FAMILIES.batches)
    const received = metrics.counter(FAMILIES.received)
    this.#batch = (outcome) => {
      batches({ outcome })
    }
    this.#received = (bytes) => {
      received({ protocol: 'pull' }, bytes)
    }
    this.#storing = metrics.histogram(FAMILIES.storing)
  }

  heard(event: SyncEvent, now: number): void {
    switch (event.type) {
      case 'batch-verified':
        this.#verifiedAt.set(event.fetch, now)
        this.#received(event.bytes ?? 0)
        return this.#batch('verified')
      case 'payloads-fetched':
        return this.#received(event.bytes)
      case 'batch-failed':
        return this.#batch(event.code)
      case 'store-failed':
        this.#verifiedAt.delete(event.fetch)
        return this.#batch(event.code)
      case 'stored': {
        const since = this.#verifiedAt.get(event.fetch)
        if (since === undefined) return
        this.#verifiedAt.delete(event.fetch)
        this.#storing((now - since) / 1000)
        return this.#batch('stored')
      }
      default:
    }
  }
}
