/** A Sync under test, with a clock that the test moves and words for what peers say. */
import { Sync } from '../../src/sync/sync.js'
import type { SyncLimits } from '../../src/sync/limits.js'
import type { SyncEffect, SyncEvent, SyncStatus } from '../../src/sync/types.js'
import type { Random } from '../../src/ports.js'

export const START = 1_700_000_000_000
export type EffectOf<T extends SyncEffect['type']> = Extract<SyncEffect, { type: T }>

/** A small seeded generator (mulberry32): the same numbers in every run. */
export function seeded(seed: number): Random {
  let state = seed >>> 0
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  return { next, bytes: (length) => Uint8Array.from({ length }, () => Math.floor(next() * 256)) }
}

/** The hash of entry `seq` in the history `branch`. */
export function hash(seq: number, branch = 'a'): string {
  return `${branch}${seq.toString(16).padStart(63, '0')}`
}

export class Desk {
  readonly sync: Sync
  now = START
  /** Everything decided so far. */
  readonly log: SyncEffect[] = []
  #wakeAt: number | null = null

  constructor(limits: Partial<SyncLimits> = {}, seed = 1) {
    this.sync = new Sync({ random: seeded(seed), limits })
  }

  on(event: SyncEvent): SyncEffect[] {
    const effects = this.sync.handle(event, this.now)
    for (const effect of effects) if (effect.type === 'wake-at') this.#wakeAt = effect.at
    this.log.push(...effects)
    return effects
  }

  only<T extends SyncEffect['type']>(type: T, effects: SyncEffect[] = this.log): EffectOf<T>[] {
    return effects.filter((effect): effect is EffectOf<T> => effect.type === type)
  }

  /** Moves the clock, with a tick at every time that was asked for. */
  wait(ms: number): SyncEffect[] {
    const until = this.now + ms
    const effects: SyncEffect[] = []
    let turns = 0
    while (this.#wakeAt !== null && this.#wakeAt <= until) {
      if (++turns > 100_000) throw new Error('it never stops waking up')
      this.now = Math.max(this.now, this.#wakeAt)
      this.#wakeAt = null
      effects.push(...this.on({ type: 'tick' }))
    }
    this.now = until
    return effects
  }

  follow(ledger: string, size = 0): SyncEffect[] {
    return this.on({ type: 'followed', ledger, size, headHash: size === 0 ? null : hash(size - 1) })
  }

  /** The peer's store holds `size` entries. */
  has(peer: string, ledger: string, size: number, branch = 'a'): SyncEffect[] {
    return this.on({
      type: 'heads',
      peer,
      heads: [{ ledger, size, hash: hash(size - 1, branch) }],
      none: [],
      denied: []
    })
  }

  announce(peer: string, ledger: string, size: number): SyncEffect[] {
    return this.on({
      type: 'announced',
      peer,
      head: { ledger, size, hash: hash(size - 1), prevHash: size < 2 ? null : hash(size - 2) }
    })
  }

  arrives(fetch: EffectOf<'fetch-range'>, count = fetch.count): SyncEffect[] {
    return this.on({ type: 'batch-verified', fetch: fetch.fetch, count })
  }

  fails(
    fetch: EffectOf<'fetch-range'>,
    code: Extract<SyncEvent, { type: 'batch-failed' }>['code'],
    more: { fault?: 'peer'; retryMs?: number; available?: { earliest: number; size: number } } = {}
  ): SyncEffect[] {
    return this.on({ type: 'batch-failed', fetch: fetch.fetch, code, fault: 'none', ...more })
  }

  stores(store: EffectOf<'store'>, size: number): SyncEffect[] {
    return this.on({ type: 'stored', ledger: store.ledger, fetch: store.fetch, size, headHash: hash(size - 1) })
  }

  status(ledger: string): SyncStatus {
    const status = this.sync.status(ledger, this.now)
    if (status === null) throw new Error(`${ledger} is not followed`)
    return status
  }

  /** synced, syncing, or the code of the stall. */
  word(ledger: string): string {
    const status = this.status(ledger)
    return status.status === 'stalled' ? status.code : status.status
  }
}

/** Connected peers that have `size` entries of a ledger, of which `held` are stored. */
export function pulling(ledger: string, peers: string[], size: number, held = 0): Desk {
  const desk = new Desk()
  desk.follow(ledger, held)
  for (const peer of peers) {
    desk.on({ type: 'connected', peer })
    desk.has(peer, ledger, size)
  }
  return desk
}
