/** Checks the signature of every stored entry, one by one, off the main path and fairly per ledger (I3). */
import { isCoded, LedgermeshError } from '../core/errors.js'
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
}

export class Audit {
  readonly #init: AuditInit
  /** Ledgers with a failed audit: nothing above the failure is ever audited, unless the ledger is forgotten and made anew. */
  readonly #failed = new WeakSet<Mirror>()
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
        if (ledger.audited >= ledger.visible || this.#failed.has(ledger)) continue
        try {
          await this.#chunk(ledger)
        } catch (error) {
          if (isCoded(error, 'CLOSED')) return
          // Forgotten meanwhile: there is nothing to audit any more.
          if (this.#init.ledgers.get(ledger.id) !== ledger) continue
          // Anything but damage (a worker that crashed, a full disk) may be over when there is something new.
          if (isCoded(error, 'STORE_DAMAGED')) this.#failed.add(ledger)
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
    if (entries.length === 0) throw new LedgermeshError('STORE_DAMAGED', `entry ${from} is missing`)
    const valid = await this.#init.verifier.audit(entries.map(({ header, signature }) => ({ header, signature })))
    const bad = valid.indexOf(false)
    const good = bad === -1 ? entries.length : bad
    if (good > 0) await ledger.setAudited(from + good)
    if (bad === -1) return
    this.#failed.add(ledger)
    await this.#init.onFailed(ledger, from + bad)
  }
}

