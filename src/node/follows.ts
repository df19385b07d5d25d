/** Which ledgers are followed, and how: kept beside each mirror, so that it outlives a restart. */
import type { LedgerId } from '../core/ledger-id.js'
import type { Ledgers } from '../ledger/ledgers.js'
import type { Mirror } from '../ledger/mirror.js'
import type { Wanted } from './filters.js'

export type FollowSettings = {
  filters: Wanted
  paused: boolean
}

export class Follows {
  readonly #settings = new Map<LedgerId, FollowSettings>()

  /** Reads what is stored. */
  static async load (ledgers: Ledgers): Promise<Follows> {
    const follows = new Follows()
    for (const ledger of ledgers.list()) {
      const settings = ledger.own ? null : await ledger.followSettings()
      if (settings !== null) follows.#settings.set(ledger.id, settings as unknown as FollowSettings)
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
