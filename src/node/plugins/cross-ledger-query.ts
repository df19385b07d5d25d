import type { LedgerId } from '../../core/ledger-id.js'
import type { LedgerEntry } from '../../core/view.js'
import type { InteroperabilityMethods } from '../api/network.js'
import type { NetworkAnswer, NetworkQuestion } from '../api/query.js'
import { trustMilli } from '../replication/follow-rule.js'

/** A ledger that was opened with the interoperability plugin. */
export interface Interoperable {
  readonly plugins: { readonly interoperability: InteroperabilityMethods }
}

/** A question to several ledgers. */
export interface CrossLedgerQuestion extends Omit<NetworkQuestion, 'ledgers' | 'minTrustMilli'> {
  /** These; absent: all that are known. */
  ledgers?: LedgerId[] | undefined
  /** Only those trusted at least so much, 0–1. */
  trustLevel?: number | undefined
}

/** Asks across ledgers, and follows what entries refer to. */
export class CrossLedgerQuery {
  readonly #ledger: Interoperable

  constructor(ledger: Interoperable) {
    this.#ledger = ledger
  }

  /** As `plugins.interoperability.query`, with the level as a part of one. */
  async query({ trustLevel, ...question }: CrossLedgerQuestion = {}): Promise<NetworkAnswer> {
    return await this.#ledger.plugins.interoperability.query({
      ...question,
      ...(trustLevel === undefined ? {} : { minTrustMilli: trustMilli(trustLevel) })
    })
  }

  /** The entries that its references lead to, in so many steps; what was stopped at only the plugin's method tells. */
  async followReferences(entry: Pick<LedgerEntry, 'ledger' | 'hash'>, maxDepth?: number): Promise<LedgerEntry[]> {
    const { nodes } = await this.#ledger.plugins.interoperability.followReferences(
      { hash: entry.hash },
      { maxDepth },
      entry.ledger
    )
    return nodes.filter(({ depth }) => depth > 0).map((node) => node.entry)
  }
}
