/** Which ledgers are followed, and how: kept beside each mirror, so that it outlives a restart. */
import type { Json, JsonObject } from '../core/canonical.js'
import { isCoded, LedgermeshError } from '../core/errors.js'
import { isObject } from '../core/grammar.js'
import type { LedgerId } from '../core/ledger-id.js'
import type { Ledgers } from '../ledger/ledgers.js'
import type { Mirror } from '../ledger/mirror.js'
import type { Log } from '../ports.js'
import type { Wanted } from './filters.js'

export type FollowSettings = {
  filters: Wanted
  paused: boolean
}

export class Follows {
  readonly #settings = new Map<LedgerId, FollowSettings>()

  /** Reads what is stored. Settings that cannot be read are logged: that ledger is held and not followed, and the others are. */
  static async load (ledgers: Ledgers, log: Log): Promise<Follows> {
    const follows = new Follows()
    for (const ledger of ledgers.list()) {
      try {
        const settings = ledger.own ? null : await ledger.followSettings()
        if (settings !== null) follows.#settings.set(ledger.id, readSettings(settings))
      } catch (error) {
        if (!isCoded(error, 'STORE_DAMAGED')) throw error
        log.error({ ledger: ledger.id, error: error.message }, 'the follow settings cannot be read: follow the ledger again')
      }
    }
    return follows
  }

  has (ledger: LedgerId): boolean {
    return this.#settings.has(ledger)
  }

  get (ledger: LedgerId): FollowSettings | null {
    return this.#settings.get(ledger) ?? null
  }

  list (): LedgerId[] {
    return [...this.#settings.keys()]
  }

  async save (ledger: Mirror, settings: FollowSettings): Promise<void> {
    await ledger.setFollowSettings({ filters: settings.filters as Record<string, string[]> | 'headers' | null, paused: settings.paused })
    this.#settings.set(ledger.id, settings)
  }

  /** False: it was not followed. */
  async delete (ledger: Mirror): Promise<boolean> {
    if (!this.#settings.delete(ledger.id)) return false
    await ledger.setFollowSettings(null)
    return true
  }
}

/** Throws STORE_DAMAGED. */
function readSettings ({ filters, paused }: JsonObject): FollowSettings {
  if (typeof paused !== 'boolean' || !(filters === null || filters === 'headers' || isFilters(filters))) throw new LedgermeshError('STORE_DAMAGED', 'these are no follow settings')
  return { filters: filters as Wanted, paused }
}

function isFilters (filters: Json | undefined): boolean {
  return isObject(filters) && Object.values(filters).every((list) => Array.isArray(list) && list.every((value) => typeof value === 'string'))
}
