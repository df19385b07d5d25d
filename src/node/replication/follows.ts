/** The followed ledgers and their settings: stored beside each mirror, so that they outlive a restart. */
import type { Json, JsonObject } from '../../core/canonical.js'
import { isCoded, LedgermeshError } from '../../core/errors.js'
import { isInteger, isObject } from '../../core/grammar.js'
import type { LedgerId } from '../../core/ledger-id.js'
import { Listeners } from '../../core/listeners.js'
import type { Ledgers } from '../../ledger/ledgers.js'
import type { Ledger } from '../../ledger/ledger.js'
import type { Log } from '../../ports.js'
import type { Wanted } from '../../core/payload-filter.js'
import type { AdoptSettings } from '../../sync/adopt/types.js'
import { POOLS, type Pool } from '../../sync/push/types.js'

/**
 * The origin of a ledger that is followed because it was offered: its pool, and its size limit in bytes. A follow by
 * the operator removes it.
 */
export interface Origin {
  pool: Pool
  /** The peer that offered it, and the peer's host at that time. */
  peer: string
  host?: string
  bytes: number
  /** ms since the epoch. */
  at: number
}

export type FollowSettings = {
  filters: Wanted
  paused: boolean
  /** Absent: followed by hand. */
  origin?: Origin
  /** How its entries are adopted into the own ledger. Absent: they are not adopted. */
  adopt?: AdoptSettings
  /**
   * There are copies of its entries, but it is not trusted enough to be pulled: only its headers are pulled, for the
   * erasures.
   */
  restricted?: true
}

export class Follows {
  readonly #settings = new Map<LedgerId, FollowSettings>()
  readonly #listeners: Listeners<[]>

  private constructor(log: Log) {
    this.#listeners = new Listeners((error) => {
      log.error({ event: 'follow.listener-failed', error: (error as Error).message }, 'a listener for follows failed')
    })
  }

  /**
   * Reads what is stored. Settings that cannot be read are logged: that ledger is held and not followed, and the others
   * are.
   */
  static async load(ledgers: Ledgers, log: Log): Promise<Follows> {
    const follows = new Follows(log)
    for (const ledger of ledgers.list()) {
      try {
        const settings = ledger.own ? null : await ledger.followSettings()
        if (settings !== null) follows.#settings.set(ledger.id, readSettings(settings))
      } catch (error) {
        if (!isCoded(error, 'STORE_DAMAGED')) throw error
        log.error(
          { event: 'follow.unreadable', ledger: ledger.id, error: error.message },
          'the follow settings cannot be read; follow the ledger again'
        )
      }
    }
    return follows
  }

  has(ledger: LedgerId): boolean {
    return this.#settings.has(ledger)
  }

  get(ledger: LedgerId): FollowSettings | null {
    return this.#settings.get(ledger) ?? null
  }

  list(): LedgerId[] {
    return [...this.#settings.keys()]
  }

  /** Calls the listener when a follow or its settings change, until the returned function is called. */
  onChange(listener: () => void): () => void {
    return this.#listeners.add(listener)
  }

  async save(ledger: Ledger, settings: FollowSettings): Promise<void> {
    const { filters, paused, origin, adopt, restricted } = settings
    await ledger.setFollowSettings({
      filters: filters as Record<string, string[]> | 'headers' | null,
      paused,
      ...(origin !== undefined && { origin: { ...origin } }),
      ...(adopt !== undefined && { adopt: { ...adopt, filters: adopt.filters as Record<string, string[]> | null } }),
      ...(restricted === true && { restricted })
    })
    this.#settings.set(ledger.id, settings)
    this.#listeners.emit()
  }

  /** Throws NOT_FOLLOWED. */
  async setPaused(ledger: Ledger, paused: boolean): Promise<void> {
    const settings = this.get(ledger.id)
    if (settings === null) throw new LedgermeshError('NOT_FOLLOWED', `${ledger.id} is not followed`)
    await this.save(ledger, { ...settings, paused })
  }

  /** False: it was not followed. */
  async delete(ledger: Ledger): Promise<boolean> {
    if (!this.#settings.delete(ledger.id)) return false
    await ledger.setFollowSettings(null)
    this.#listeners.emit()
    return true
  }
}

/** Throws STORE_DAMAGED. */
function readSettings({ filters, paused, origin, adopt, restricted }: JsonObject): FollowSettings {
  if (
    !(origin === undefined || isOrigin(origin)) ||
    !(adopt === undefined || isAdopt(adopt)) ||
    !(restricted === undefined || restricted === true) ||
    typeof paused !== 'boolean' ||
    !(filters === null || filters === 'headers' || isFilters(filters))
  )
    throw new LedgermeshError('STORE_DAMAGED', 'these are no follow settings')
  return {
    filters: filters as Wanted,
    paused,
    ...(origin !== undefined && { origin }),
    ...(adopt !== undefined && { adopt }),
    ...(restricted === true && { restricted })
  }
}

function isAdopt(adopt: Json): adopt is JsonObject & AdoptSettings {
  return (
    isObject(adopt) &&
    (adopt.filters === null || isFilters(adopt.filters)) &&
    (adopt.from === 'now' || isInteger(adopt.from, Number.MAX_SAFE_INTEGER)) &&
    typeof adopt.acceptReaders === 'boolean'
  )
}

function isOrigin(origin: Json): origin is JsonObject & Origin {
  return (
    isObject(origin) &&
    POOLS.includes(origin.pool as Pool) &&
    typeof origin.peer === 'string' &&
    (origin.host === undefined || typeof origin.host === 'string') &&
    isInteger(origin.bytes, Number.MAX_SAFE_INTEGER) &&
    isInteger(origin.at, Number.MAX_SAFE_INTEGER)
  )
}

function isFilters(filters: Json | undefined): boolean {
  return (
    isObject(filters) &&
    Object.values(filters).every((list) => Array.isArray(list) && list.every((value) => typeof value === 'string'))
  )
}
