/** Who trusts whom, as the ledgers held here say: answers with the path, never a bare number alone. */
import type { LedgerId } from '../core/ledger-id.js'
import type { Ledgers } from '../ledger/ledgers.js'
import type { Clock, Log } from '../ports.js'
import { TrustGraph, type AttestationView } from '../trust/graph.js'
import { explainTrust, getTrustLevel, verifyTrustChain, type TrustExplanation, type TrustLevel } from '../trust/paths.js'
import { TrustActs } from './trust-acts.js'
import type { TrustStatement } from './topology/make-topology.js'
import { TrustFeeder } from './trust-feeder.js'

/** The ledger whose word or standing is different now. */
export interface TrustChange { ledger: LedgerId }

export interface Attestation extends Omit<AttestationView, 'type'> {
  /** Is it past its time? */
  expired: boolean
}

export type ChainAnswer = TrustExplanation & { valid: boolean }

export class TrustService {
  readonly graph = new TrustGraph()
  /** What the own ledger says. */
  readonly acts: TrustActs
  readonly #ledgers: Ledgers
  readonly #clock: Clock
  readonly #log: Log
  readonly #feeder: TrustFeeder
  readonly #listeners = new Set<(change: TrustChange) => void>()
  readonly #endOwn: () => void
  /** When it was last heard that a mirror is all there is, in ms since the epoch; null: not since the start. */
  #confirmedAt: (ledger: LedgerId) => number | null = () => null

  constructor ({ ledgers, clock, log }: { ledgers: Ledgers, clock: Clock, log: Log }) {
    this.#ledgers = ledgers
    this.#clock = clock
    this.#log = log
    this.#feeder = new TrustFeeder({ graph: this.graph, ledgers, clock, log, onChange: (ledger) => { this.#changed(ledger) } })
    this.acts = new TrustActs({ ledgers, clock, graph: this.graph, settled: () => this.settled() })
    this.#endOwn = ledgers.own.onAppended(() => { this.changed(ledgers.own.id) })
  }

  /** Reads what is stored. */
  static async load (init: { ledgers: Ledgers, clock: Clock, log: Log }): Promise<TrustService> {
    const service = new TrustService(init)
    for (const { id } of init.ledgers.list()) service.changed(id)
    await service.settled()
    return service
  }

  /** How far `from` trusts `to`, 0–1000 and by what kind of word; `now` in ms since the epoch. */
  level (from: LedgerId, to: LedgerId, now = this.#clock.now()): TrustLevel {
    return getTrustLevel(this.graph, from, to, now)
  }

  /** The number alone, as the own ledger sees it. */
  levelMilli (to: LedgerId): number {
    return this.level(this.#ledgers.own.id, to).level_milli
  }

  /** The level with its path, the entries, sizes and ages that it rests on, and how long it holds. */
  explain (from: LedgerId, to: LedgerId, now = this.#clock.now()): TrustExplanation {
    return this.#aged(explainTrust(this.graph, from, to, now), now)
  }

  verifyChain (source: LedgerId, target: LedgerId, now = this.#clock.now()): ChainAnswer {
    return this.#aged(verifyTrustChain(this.graph, source, target, now), now)
  }

  /** Attestations that are not revoked or replaced, all or of one issuer or about one ledger; at most `limit`. */
  list ({ limit = Infinity, ...filter }: { issuer?: LedgerId, subject?: LedgerId, limit?: number } = {}, now = this.#clock.now()): Attestation[] {
    const found: Attestation[] = []
    for (const view of this.graph.attestations(filter)) {
      if (found.length >= limit) break
      const { type: _type, ...said } = view
      found.push({ ...said, expired: view.expires !== null && view.expires <= now })
    }
    return found
  }

  /** Where the ages of mirrors come from: whoever exchanges heads with peers. */
  useConfirmations (confirmedAt: (ledger: LedgerId) => number | null): void {
    this.#confirmedAt = confirmedAt
  }

  /** To be called when more of a ledger was audited, when there is evidence against it, and when it is no longer held. */
  changed (ledger: LedgerId): void {
    this.#feeder.changed(ledger)
  }

  /** Resolves when all that was held at the call counts. */
  async settled (): Promise<void> {
    await this.#feeder.settled()
  }

  /** Delivers the ledger whose word or standing changed, until the returned function is called. */
  onChange (listener: (change: TrustChange) => void): () => void {
    this.#listeners.add(listener)
    return () => { this.#listeners.delete(listener) }
  }

  async stop (): Promise<void> {
    this.#endOwn()
    await this.#feeder.stop()
  }

  /** The own ledger is always all there is; of a mirror somebody has to have said so. */
  #aged<T extends TrustExplanation> (answer: T, now: number): T {
    const ledgers = answer.ledgers.map(({ ledger, size, age }) => {
      const heard = ledger === this.#ledgers.own.id ? now : this.#confirmedAt(ledger)
      return { ledger, size, age: heard === null ? age : Math.max(0, now - heard) }
    })
    return { ...answer, ledgers }
  }

  #changed (ledger: LedgerId): void {
    for (const listener of this.#listeners) {
      try {
        listener({ ledger })
      } catch (error) {
        this.#log.error({ error: (error as Error).message }, 'a listener for trust failed')
      }
    }
  }
}

/** The attestations that count now, for drawing. */
export function trustStatements (trust: TrustService): TrustStatement[] {
  return trust.list().filter(({ usable, expired }) => usable && !expired)
    .map(({ issuer, subject, level_milli: levelMilli, kind, expires, accepted }) => ({ from: issuer, to: subject, levelMilli, type: kind, expires, accepted }))
}
