import { LedgermeshError } from '../../core/errors.js'
import { isLedgerId, type LedgerId } from '../../core/ledger-id.js'
import type { TrustKind } from '../../trust/attestation.js'
import { trustMilli } from '../replication/follow-rule.js'
import type { Interoperable } from './cross-ledger-query.js'

/** How far one ledger trusts another. */
export interface TrustRelationship {
  fromLedgerId: LedgerId
  toLedgerId: LedgerId
  /** 0–1. */
  trustLevel: number
  trustType: TrustKind
  /** Ledgers that have confirmed it so far. */
  verifiedBy: LedgerId[]
  /** ms since the epoch; absent: until it is revoked. */
  expiresAt?: number
}

/** Records which ledgers the own one trusts, and answers which ledger trusts which. */
export class TrustManager {
  readonly #ledger: Interoperable

  constructor(ledger: Interoperable) {
    this.#ledger = ledger
  }

  /**
   * Attests trust of the type `full`. `verifiers`: only these are named among the ledgers that have confirmed it; each
   * confirms in its own ledger, at any time.
   */
  async establishTrust(target: LedgerId, trustLevel: number, verifiers?: LedgerId[]): Promise<TrustRelationship> {
    if (verifiers !== undefined && !verifiers.every(isLedgerId))
      throw new LedgermeshError('INVALID_PARAMS', 'verifiers are ledger ids')
    const { trust } = this.#ledger.plugins.interoperability
    const entry = await trust.attest({ ledger: target, levelMilli: trustMilli(trustLevel), kind: 'full' })
    const said = (await trust.list({ issuer: entry.ledger, subject: target })).find(({ hash }) => hash === entry.hash)
    const confirmed = said?.verifiedBy ?? []
    return {
      fromLedgerId: entry.ledger,
      toLedgerId: target,
      trustLevel,
      trustType: 'full',
      verifiedBy: verifiers === undefined ? confirmed : confirmed.filter((ledger) => verifiers.includes(ledger)),
      ...(said?.expires == null ? {} : { expiresAt: said.expires })
    }
  }

  /** Does `source` trust `target` at all? */
  async verifyTrustChain(source: LedgerId, target: LedgerId): Promise<boolean> {
    return await this.#ledger.plugins.interoperability.verifyTrustChain(source, target)
  }

  /** 0–1. */
  async getTrustLevel(from: LedgerId, to: LedgerId): Promise<number> {
    return await this.#ledger.plugins.interoperability.getTrustLevel(from, to)
  }
}
