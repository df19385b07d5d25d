import { foldAccess, type AccessRules } from '../core/access.js'
import type { LedgerId } from '../core/ledger-id.js'
import type { AccessMeta } from '../core/ledger-types.js'
import type { Ledger } from '../ledger/ledger.js'
import type { Directory } from './directory.js'

/** May this peer see that a ledger exists? To all others a private ledger does not: same code and same work as an unknown one. */
export class ReadingRights {
  readonly #directory: Directory
  /** Rules as of a size, so that an unchanged ledger is folded once. */
  readonly #rules = new Map<LedgerId, { size: number, rules: AccessRules }>()

  constructor (directory: Directory) {
    this.#directory = directory
  }

  async mayRead (peer: string, ledger: Ledger): Promise<boolean> {
    // Nothing held: as unknown here as any other ledger.
    if (ledger.chain === null) return false
    if (ledger.chain.access === 'public') return true
    const reader = this.#directory.provenLedger(peer)
    if (reader === null) return false
    if (reader === ledger.id) return true
    const scope = (await this.#rulesOf(ledger)).grants.get(reader)
    return scope === 'full' || scope === 'sync-only'
  }

  /** May this peer hear from us that the ledger exists? Whoever may read it, and whoever says that it is its own. */
  async mayHear (peer: string, ledger: Ledger): Promise<boolean> {
    return ledger.chain?.access !== 'private' || this.#directory.get(peer)?.record.ledger === ledger.id || await this.mayRead(peer, ledger)
  }

  async #rulesOf (ledger: Ledger): Promise<AccessRules> {
    const known = this.#rules.get(ledger.id)
    if (known?.size === ledger.size) return known.rules
    const size = ledger.size
    const metas: AccessMeta[] = []
    // A page, not a query: no plugin's hook decides who may read.
    for (let start: number | undefined = 0; start !== undefined;) {
      const { entries, next } = await ledger.page({ type: 'ledger.access', limit: 1000 }, start)
      for (const entry of entries) metas.push(entry.meta as unknown as AccessMeta)
      start = next ?? undefined
    }
    const rules = foldAccess(metas)
    this.#rules.set(ledger.id, { size, rules })
    return rules
  }
}
