/** Pulls in virtual time over peers of a given speed: what a decider gives whom, in bytes. */
import { Sync } from '../../../src/sync/sync.js'
import type { SyncLimits } from '../../../src/sync/limits.js'
import type { PeerHead, SyncEffect, SyncEvent, SyncStatus, Terms } from '../../../src/sync/types.js'
import { hash, seeded, START } from '../desk.js'

/** Ledgers have so many entries that none is ever whole. */
const ENDLESS = 100_000_000

export interface Source {
  ledger: string
  /** Bytes per second of each of its streams; 0: it never answers. */
  bytesPerSecond: number
  entryBytes?: number
  terms?: Partial<Terms>
  /** Entries that there are. Default: endless. */
  size?: number
}

interface Flight {
  at: number
  run: () => SyncEvent | null
}

export class Slots {
  readonly sync: Sync
  now = START
  /** Bytes that came of each ledger, and when the first range of it was asked for and came. */
  readonly bytes = new Map<string, number>()
  readonly askedAt = new Map<string, number>()
  readonly cameAt = new Map<string, number>()
  inFlight = 0
  mostInFlight = 0
  readonly #sources = new Map<string, Source>()
  readonly #flights = new Map<number, Flight>()
  readonly #sizes = new Map<string, number>()
  #next = 0
  #wakeAt = Infinity

  constructor(limits: Partial<SyncLimits> = {}, seed = 1) {
    this.sync = new Sync({ random: seeded(seed), limits })
  }

  /** How a ledger comes, when it is asked for. */
  source(source: Source): void {
    this.#sources.set(source.ledger, source)
  }

  /** A ledger with a peer of its own that has it. */
  add(source: Source): void {
    const { ledger, terms = {} } = source
    this.source(source)
    this.on({
      type: 'followed',
      ledger,
      size: 0,
      headHash: null,
      terms: { priority: 5, share: ledger, bytesPerSecond: null, ...terms }
    })
    this.on({ type: 'connected', peer: `peer of ${ledger}` })
    this.on({ type: 'heads', peer: `peer of ${ledger}`, heads: [this.#headOf(ledger)], none: [], denied: [] })
  }

  on(event: SyncEvent): void {
    for (const effect of this.sync.handle(event, this.now)) this.#perform(effect)
  }

  run(ms: number): void {
    const end = this.now + ms
    for (let turns = 0; ; turns++) {
      if (turns > 2_000_000) throw new Error('it never ends')
      let first: [number, Flight] | undefined
      for (const flight of this.#flights) if (first === undefined || flight[1].at < first[1].at) first = flight
      const at = Math.min(first?.[1].at ?? Infinity, this.#wakeAt)
      if (at > end) break
      this.now = Math.max(this.now, at)
      if (first !== undefined && first[1].at <= this.now) {
        this.#flights.delete(first[0])
        const event = first[1].run()
        if (event !== null) this.on(event)
      } else {
        this.#wakeAt = Infinity
        this.on({ type: 'tick' })
      }
    }
    this.now = end
  }

  status(ledger: string): SyncStatus {
    return this.sync.status(ledger, this.now)!
  }
  word(ledger: string): string {
    const status = this.status(ledger)
    return status.status === 'stalled' ? status.code : status.status
  }
  bytesOf(ledger: string): number {
    return this.bytes.get(ledger) ?? 0
  }

  #perform(effect: SyncEffect): void {
    switch (effect.type) {
      case 'fetch-head': {
        const asked = effect.ledgers.map(({ ledger }) => ledger)
        const own = asked.filter((ledger) => effect.peer === `peer of ${ledger}`)
        this.#later(5, () => ({
          type: 'heads',
          peer: effect.peer,
          heads: own.map((ledger) => this.#headOf(ledger)),
          none: asked.filter((ledger) => !own.includes(ledger)),
          denied: []
        }))
        return
      }
      case 'fetch-range':
        return this.#fetch(effect)
      case 'discard':
        if (this.#flights.delete(effect.fetch)) this.inFlight--
        return
      case 'store': {
        const size = this.#sizes.get(String(effect.fetch))!
        this.#later(1, () => ({
          type: 'stored',
          ledger: effect.ledger,
          fetch: effect.fetch,
          size,
          headHash: hash(size - 1)
        }))
        return
      }
      case 'wake-at':
        this.#wakeAt = effect.at
        return
      default:
    }
  }

  #fetch({ fetch, ledger, from, count }: Extract<SyncEffect, { type: 'fetch-range' }>): void {
    const { bytesPerSecond, entryBytes = 1024 } = this.#sources.get(ledger)!
    const bytes = count * entryBytes
    this.askedAt.set(ledger, this.askedAt.get(ledger) ?? this.now)
    this.inFlight++
    this.mostInFlight = Math.max(this.mostInFlight, this.inFlight)
    this.#sizes.set(String(fetch), from + count)
    this.#flights.set(fetch, {
      at: bytesPerSecond === 0 ? Infinity : this.now + (bytes / bytesPerSecond) * 1000,
      run: () => {
        this.inFlight--
        this.cameAt.set(ledger, this.cameAt.get(ledger) ?? this.now)
        this.bytes.set(ledger, this.bytesOf(ledger) + bytes)
        return { type: 'batch-verified', fetch, count, bytes }
      }
    })
  }

  #headOf(ledger: string): PeerHead {
    const { size = ENDLESS } = this.#sources.get(ledger)!
    return { ledger, size, hash: hash(size - 1) }
  }

  #later(ms: number, run: () => SyncEvent | null): void {
    this.#flights.set(--this.#next, { at: this.now + ms, run })
  }
}
