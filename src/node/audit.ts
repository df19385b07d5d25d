/** Checks the signature of every stored entry, one by one, off the main path and fairly per ledger (I3). */
import { isCoded } from '../core/errors.js'
import type { LedgerId } from '../core/ledger-id.js'
import type { Mirror } from '../ledger/mirror.js'
import type { Ledgers } from '../ledger/ledgers.js'
import type { Log } from '../ports.js'
import type { Verifier } from './verifier.js'

/** Entries of one ledger that are checked before the next ledger has its turn. */
const CHUNK = 256
/** Header bytes read for one chunk. */
const CHUNK_BYTES = 4 * 1024 * 1024

export interface AuditInit {
  ledgers: Ledgers
  verifier: Verifier
  log: Log
  /** Entry `seq` is stored but not signed by its key: the author's fault, for a later signature covers it. */
  onFailed: (ledger: Mirror, seq: number) => Promise<void>
  /** More of the ledger counts as checked. */
  onAudited: (ledger: Mirror) => void
}

export class Audit {
  readonly #init: AuditInit
  /** Ledgers with a failed audit: nothing above the failure is ever audited. */
  readonly #failed = new Set<LedgerId>()
  #running: Promise<void> | null = null
  #again = false
  #stopped = false

  constructor (init: AuditInit) {
    this.#init = init
  }

  /** Something new may be stored: audit until all is. */
  wake (): void {
    if (this.#stopped) return
    this.#again = true
    this.#running ??= this.#run().finally(() => { this.#running = null })
  }

  async stop (): Promise<void> {
    this.#stopped = true
    await this.#running
  }

  async #run (): Promise<void> {
    while (this.#again && !this.#stopped) {
      this.#again = false
      for (const ledger of this.#init.ledgers.list()) {
        if (this.#stopped) return
        if (ledger.audited >= ledger.visible || this.#failed.has(ledger.id)) continue
        try {
          await this.#chunk(ledger)
        } catch (error) {
          if (isCoded(error, 'CLOSED')) return
          this.#failed.add(ledger.id)
          this.#init.log.error({ ledger: ledger.id, audited: ledger.audited, error: (error as Error).message }, 'the audit of a ledger stopped')
          continue
        }
        this.#again = true
      }
    }
  }

  async #chunk (ledger: Mirror): Promise<void> {
    const from = ledger.audited
    const entries = await ledger.range(from, { count: CHUNK, bytes: CHUNK_BYTES }, () => false)
    const valid = await this.#init.verifier.audit(entries.map(({ header, signature }) => ({ header, signature })))
    const bad = valid.indexOf(false)
    const good = bad === -1 ? entries.length : bad
    if (good > 0) {
      await ledger.setAudited(from + good)
      this.#init.onAudited(ledger)
    }
    if (bad === -1) return
    this.#failed.add(ledger.id)
    await this.#init.onFailed(ledger, from + bad)
  }
}

