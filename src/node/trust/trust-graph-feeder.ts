/**
 * Keeps the trust graph up to date with the audited trust entries of each held ledger, read from where the last read
 * ended.
 */
import type { Header } from '../../core/header.js'
import { isCoded } from '../../core/errors.js'
import type { LedgerId } from '../../core/ledger-id.js'
import type { LedgerEntry } from '../../core/view.js'
import type { Ledgers } from '../../ledger/ledgers.js'
import type { Ledger } from '../../ledger/ledger.js'
import type { Clock, Log } from '../../ports.js'
import { readTrust, TRUST_STREAM } from '../../trust/attestation.js'
import type { TrustGraph } from '../../trust/graph.js'

/** Entries read per step. */
const PAGE = 256

export interface TrustFeederInit {
  graph: TrustGraph
  ledgers: Ledgers
  clock: Clock
  log: Log
  /** The trust statements of this ledger, or whether they count, have changed. */
  onChange: (ledger: LedgerId) => void
}

export class TrustFeeder {
  readonly #init: TrustFeederInit
  /** Ledgers to read again. */
  readonly #dirty = new Set<LedgerId>()
  /** By ledger: how often it had been cut when it was read. */
  readonly #cuts = new Map<LedgerId, number>()
  #running: Promise<void> | null = null
  #stopped = false

  constructor(init: TrustFeederInit) {
    this.#init = init
  }

  /** More of the ledger is held or audited, or there is evidence against it, or it was removed. */
  changed(ledger: LedgerId): void {
    if (this.#stopped) return
    this.#dirty.add(ledger)
    this.#running ??= this.#run()
  }

  /** Resolves when the graph includes everything held at the call. */
  async caughtUp(): Promise<void> {
    while (this.#running !== null) await this.#running
  }

  async stop(): Promise<void> {
    this.#stopped = true
    await this.#running
  }

  async #run(): Promise<void> {
    // So that `changed` has set `#running` before any work, and calls of one turn cause one run
    await Promise.resolve()
    await this.#lookAtAll()
    // In the same turn as the last read: later changes start another run.
    this.#running = null
  }

  async #lookAtAll(): Promise<void> {
    for (const id of this.#dirty) {
      if (this.#stopped) return
      this.#dirty.delete(id)
      try {
        await this.#look(id)
      } catch (error) {
        if (isCoded(error, 'CLOSED')) return
        this.#init.log.error(
          { event: 'trust.unreadable', ledger: id, error: (error as Error).message },
          "a ledger's trust statements could not be read"
        )
      }
    }
  }

  async #look(id: LedgerId): Promise<void> {
    const { graph, ledgers, clock } = this.#init
    const ledger = ledgers.get(id)
    const before = graph.state(id)
    if (ledger === undefined) {
      this.#cuts.delete(id)
      if (before === undefined) return
      graph.forget(id)
      this.#init.onChange(id)
      return
    }
    // Audited entries only (I3), and nothing that is disputed (I4).
    const size = Math.min(ledger.audited, ledger.visible)
    // Excused and contested evidence has no effect; a freeze has, and after the ledger was settled also when it is
    // over, until the operator decides (R1).
    const evidence = ledger.frozen !== null || ledger.standing.facts.doubtedFrom !== null
    // The ledger was cut: its statements above the cut no longer count.
    const again =
      before !== undefined && !evidence && (size < before.size || before.evidence || this.#cuts.get(id) !== ledger.cuts)
    this.#cuts.set(id, ledger.cuts)
    if (again) graph.forget(id)
    const from = again ? 0 : (before?.size ?? 0)
    const said = evidence || size <= from ? 0 : await this.#read(ledger, from, size)
    graph.setLedger({ ledger: id, size, asOf: clock.now(), evidence })
    const usable = size > 0 && !evidence
    const wasUsable = before !== undefined && before.size > 0 && !before.evidence
    if (said > 0 || again || usable !== wasUsable || evidence !== (before?.evidence ?? false)) this.#init.onChange(id)
  }

  /** Adds the statements of entries `from` … `to` - 1; how many there were. */
  async #read(ledger: Ledger, from: number, to: number): Promise<number> {
    let count = 0
    for (let start: number | null = from; start !== null && start < to && !this.#stopped;) {
      const page: { entries: LedgerEntry[]; next: number | null } = await ledger.page(
        { stream: TRUST_STREAM, limit: PAGE },
        start
      )
      for (const entry of page.entries) {
        const statement = entry.seq < to ? readTrust(JSON.parse(entry.raw.header) as Header, entry.hash) : null
        if (statement === null) continue
        this.#init.graph.add(statement)
        count++
      }
      start = page.next
    }
    return count
  }
}
