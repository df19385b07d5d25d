import type { LedgerId } from '../../core/ledger-id.js'
import type { LedgerEntry } from '../../core/view.js'
import type { InteroperabilityMethods } from '../api/network.js'
import type { NetworkAnswer, NetworkQuestion } from '../api/query.js'
import { trustMilli } from '../replication/follow-rule.js'

/** A ledger that was opened with the interoperability plugin. */
export interface Interoperable {
  readonly plugins: { readonly interoperability: InteroperabilityMethods }
}

/** A query over several ledgers. */
export interface CrossLedgerQuestion extends Omit<NetworkQuestion, 'ledgers' | 'minTrustMilli'> {
  /** These ledgers; absent: all known ones. */
  ledgers?: LedgerId[] | undefined
  /** Only ledgers trusted at least this much, 0–1. */
  trustLevel?: number | undefined
}

/** Queries across ledgers, and follows references. */
export class CrossLedgerQuery {
  readonly #ledger: Interoperable

  constructor(ledger: Interoperable) {
    this.#ledger = ledger
  }

  /** Like `plugins.interoperability.query`, with the trust level from 0 to 1. */
  async query({ trustLevel, ...question }: CrossLedgerQuestion = {}): Promise<NetworkAnswer> {
    return await this.#ledger.plugins.interoperability.query({
      ...question,
      ...(trustLevel === undefined ? {} : { minTrustMilli: trustMilli(trustLevel) })
    })
  }

  /**
   * The entries reached by following its references for this many steps; only the plugin's own method also returns the
   * references not followed.
   */
  async followReferences(entry: Pick<LedgerEntry, 'ledger' | 'hash'>, maxDepth?: number): Promise<LedgerEntry[]> {
    const { nodes } = await this.#ledger.plugins.interoperability.followReferences(
      { hash: entry.hash },
      { maxDepth },
      entry.ledger
    )
    return nodes.filter(({ depth }) => depth > 0).map((node) => node.entry)
  }
}
