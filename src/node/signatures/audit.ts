/** Checks the signature of every stored entry individually, off the main path and fairly per ledger (I3). */
import { availableParallelism } from 'node:os'
import { isCoded, LedgermeshError } from '../../core/errors.js'
import type { LedgerId } from '../../core/ledger-id.js'
import type { HeldLedger } from '../../ledger/held-ledger.js'
import type { LoadMonitor } from '../../network/host.js'
import type { Clock, Log } from '../../ports.js'
import type { Verifier } from './verifier.js'

/** Entries of one ledger that are checked before the next ledger has its turn: at most 8 MiB of headers. */
const CHUNK = 256
/**
 * With no more cores than this the audit would slow down ingest: before each chunk it waits for a pause of this many
 * ms, but not longer than the maximum.
 */
const FEW_CORES = 2
const PAUSE_MS = 50
const PATIENCE_MS = 250
/** Wait before each chunk while the node is loaded, ms. */
const YIELD_MS = { normal: 0, busy: 250, overloaded: 5_000 } as const

export interface AuditInit {
  ledgers: { list: () => readonly HeldLedger[]; get: (ledger: LedgerId) => HeldLedger | undefined }
  verifier: Pick<Verifier, 'audit'>
  /** CPU cores; default: those of the machine. */
  cores?: number
  load: Pick<LoadMonitor, 'level'>
  clock: Clock
  log: Log
  /** Entry `seq` is stored but not signed by its key: the author's fault, because a later signature covers it. */
  onFailed: (ledger: HeldLedger, seq: number) => Promise<void>
}

export class Audit {
  readonly #init: AuditInit
  /**
   * Ledgers with a failed audit: nothing above the failure is ever audited, unless the ledger is deleted and pulled
   * again.
   */
  readonly #failed = new WeakSet<HeldLedger>()
  #running: Promise<void> | null = null
  #again = false
  #wokenAt = 0
  #stopped = false

  constructor(init: AuditInit) {
    this.#init = init
  }

  /** There may be new entries: audits until all are audited. */
  wake(): void {
    if (this.#stopped) return
    this.#again = true
    this.#wokenAt = this.#init.clock.now()
    this.#running ??= this.#run().finally(() => {
      this.#running = null
    })
  }

  /** The failed entry may be gone, because the ledger continues on another branch. */
  again(ledger: HeldLedger): void {
    this.#failed.delete(ledger)
    this.wake()
  }

  async stop(): Promise<void> {
    this.#stopped = true
    await this.#running
  }

  async #run(): Promise<void> {
    while (this.#again && !this.#stopped) {
      this.#again = false
      for (const ledger of this.#init.ledgers.list()) {
        if (this.#stopped) return
        if (ledger.audited >= ledger.visible || this.#failed.has(ledger)) continue
        await this.#pause()
        try {
          await this.#chunk(ledger)
        } catch (error) {
          if (isCoded(error, 'CLOSED')) return
          // The ledger was deleted meanwhile.
          if (this.#init.ledgers.get(ledger.id) !== ledger) continue
          // Any error but damage (a crashed worker, a full disk) may have ended when there are new entries.
          if (isCoded(error, 'STORE_DAMAGED')) this.#failed.add(ledger)
          this.#init.log.error(
            { event: 'audit.stopped', ledger: ledger.id, audited: ledger.audited, error: (error as Error).message },
            'the audit of a ledger stopped'
          )
          continue
        }
        this.#again = true
      }
    }
  }

  async #pause(): Promise<void> {
    const { clock, load, cores } = this.#init
    const start = clock.now()
    while (!this.#stopped && clock.now() - start < YIELD_MS[load.level])
      await new Promise<void>((resolve) => {
        clock.after(PAUSE_MS, resolve)
      })
    if ((cores ?? availableParallelism()) > FEW_CORES) return
    const until = clock.now() + PATIENCE_MS
    while (!this.#stopped && clock.now() < until && clock.now() - this.#wokenAt < PAUSE_MS) {
      await new Promise<void>((resolve) => {
        clock.after(PAUSE_MS, resolve)
      })
    }
  }

  async #chunk(ledger: HeldLedger): Promise<void> {
    const { audited: from, cuts } = ledger
    // It was frozen while this waited for a pause.
    if (from >= ledger.visible) return
    const entries = await ledger.signed(from, CHUNK)
    if (entries.length === 0) throw new LedgermeshError('STORE_DAMAGED', `entry ${from} is missing`)
    const valid = await this.#init.verifier.audit(entries)
    // Another branch has replaced the checked entries meanwhile.
    if (ledger.cuts !== cuts) return
    const bad = valid.indexOf(false)
    const good = bad === -1 ? entries.length : bad
    if (good > 0) await ledger.setAudited(from + good, cuts)
    if (bad === -1) return
    this.#failed.add(ledger)
    await this.#init.onFailed(ledger, from + bad)
  }
}
