/** Trust between ledgers, from the ledgers held here: answers include the path, never only a number. */
import type { LedgerId } from '../../core/ledger-id.js'
import type { Ledgers } from '../../ledger/ledgers.js'
import type { Clock, Log } from '../../ports.js'
import { Listeners } from '../../core/listeners.js'
import { TrustGraph } from '../../trust/graph.js'
import {
  explainTrust,
  getTrustLevel,
  verifyTrustChain,
  type TrustExplanation,
  type TrustLevel
} from '../../trust/paths.js'
import { TrustActs } from './attest.js'
import { TrustFeeder } from './trust-graph-feeder.js'
import type { Attestation, ChainAnswer } from '../api/trust.js'
import type { TrustStatement } from '../api/topology.js'

/** The ledger whose statements or standing have changed. */
export interface TrustChange {
  ledger: LedgerId
}

export class TrustService {
  readonly graph = new TrustGraph()
  /** The own ledger's attestations. */
  readonly acts: TrustActs
  readonly #ledgers: Ledgers
  readonly #clock: Clock
  readonly #feeder: TrustFeeder
  readonly #listeners: Listeners<[TrustChange]>
  readonly #ends: (() => void)[]
  /** When a mirror was last confirmed to be complete, in ms since the epoch; null: not since the start. */
  #confirmedAt: (ledger: LedgerId) => number | null = () => null

  constructor({ ledgers, clock, log }: { ledgers: Ledgers; clock: Clock; log: Log }) {
    this.#ledgers = ledgers
    this.#clock = clock
    this.#listeners = new Listeners((error) => {
      log.error({ event: 'trust.listener-failed', error: (error as Error).message }, 'a trust listener failed')
    })
    this.#feeder = new TrustFeeder({
      graph: this.graph,
      ledgers,
      clock,
      log,
      onChange: (ledger) => {
        this.#listeners.emit({ ledger })
      }
    })
    this.acts = new TrustActs({ ledgers, clock, graph: this.graph, caughtUp: () => this.caughtUp() })
    const changed = ({ id }: { id: LedgerId }): void => {
      this.#feeder.changed(id)
    }
    this.#ends = (['audited', 'frozen', 'cut', 'removed'] as const).map((type) => ledgers.on(type, changed))
  }

  /** Reads what is stored. */
  static async load(init: { ledgers: Ledgers; clock: Clock; log: Log }): Promise<TrustService> {
    const service = new TrustService(init)
    for (const { id } of init.ledgers.list()) service.#feeder.changed(id)
    await service.caughtUp()
    return service
  }

  /** How far `from` trusts `to`, 0–1000, and the kind of the attestation; `now` in ms since the epoch. */
  level(from: LedgerId, to: LedgerId, now = this.#clock.now()): TrustLevel {
    return getTrustLevel(this.graph, from, to, now)
  }

  /** Only the number, for the own ledger. */
  levelMilli(to: LedgerId): number {
    return this.level(this.#ledgers.own.id, to).level_milli
  }

  /** The level with its path, the entries, sizes and ages that it is based on, and how long it is valid. */
  explain(from: LedgerId, to: LedgerId, now = this.#clock.now()): TrustExplanation {
    return this.#aged(explainTrust(this.graph, from, to, now), now)
  }

  verifyChain(source: LedgerId, target: LedgerId, now = this.#clock.now()): ChainAnswer {
    return this.#aged(verifyTrustChain(this.graph, source, target, now), now)
  }

  /** Attestations that are not revoked or replaced, all or of one issuer or about one ledger; at most `limit`. */
  list(
    { limit = Infinity, ...filter }: { issuer?: LedgerId; subject?: LedgerId; limit?: number } = {},
    now = this.#clock.now()
  ): Attestation[] {
    const found: Attestation[] = []
    for (const view of this.graph.attestations(filter)) {
      if (found.length >= limit) break
      const { type: _type, ...said } = view
      found.push({ ...said, expired: view.expires !== null && view.expires <= now })
    }
    return found
  }

  /** Sets the source of the ages of mirrors: the part that exchanges heads with peers. */
  useConfirmations(confirmedAt: (ledger: LedgerId) => number | null): void {
    this.#confirmedAt = confirmedAt
  }

  /** Resolves when everything held at the call counts. */
  async caughtUp(): Promise<void> {
    await this.#feeder.caughtUp()
  }

  /** Delivers each ledger whose statements or standing changed, until the returned function is called. */
  onChange(listener: (change: TrustChange) => void): () => void {
    return this.#listeners.add(listener)
  }

  async stop(): Promise<void> {
    for (const end of this.#ends) end()
    await this.#feeder.stop()
  }

  /** The own ledger is always complete; for a mirror a peer must have confirmed it. */
  #aged<T extends TrustExplanation>(answer: T, now: number): T {
    const ledgers = answer.ledgers.map(({ ledger, size, age }) => {
      const heard = ledger === this.#ledgers.own.id ? now : this.#confirmedAt(ledger)
      return { ledger, size, age: heard === null ? age : Math.max(0, now - heard) }
    })
    return { ...answer, ledgers }
  }
}

/** The attestations that count now, for drawing. */
export function trustStatements(trust: TrustService): TrustStatement[] {
  return trust
    .list()
    .filter(({ usable, expired }) => usable && !expired)
    .map(({ issuer, subject, level_milli: levelMilli, kind, expires, accepted }) => ({
      from: issuer,
      to: subject,
      levelMilli,
      type: kind,
      expires,
      accepted
    }))
}
