/** Asks elsewhere for payloads that the follow wants and the serving peer did not have. */
import type { Ledger } from '../ledger/ledger.js'
import type { Clock, Log } from '../ports.js'
import type { Mesh } from './mesh.js'

/** Payloads in one request. */
const BATCH = 512
const FETCH_TIMEOUT_MS = 60_000
/** Between two rounds over all peers, while some are still missing. */
const RETRY_MS = 30_000

export interface PayloadFillerInit {
  mesh: Mesh
  clock: Clock
  log: Log
  onChanged: (ledger: Ledger) => void
}

export class PayloadFiller {
  readonly #init: PayloadFillerInit
  readonly #running = new Set<Ledger>()
  readonly #stopping = new AbortController()

  constructor (init: PayloadFillerInit) {
    this.#init = init
  }

  /** Goes on until nothing is missing. */
  fill (ledger: Ledger): void {
    if (this.#running.has(ledger) || this.#stopping.signal.aborted) return
    this.#running.add(ledger)
    this.#round(ledger).catch((error: Error) => {
      this.#init.log.debug({ ledger: ledger.id, error: error.message }, 'missing payloads were not filled')
    }).finally(() => {
      this.#running.delete(ledger)
      if (ledger.missing > 0 && !this.#stopping.signal.aborted) this.#init.clock.after(RETRY_MS, () => { this.fill(ledger) })
    })
  }

  stop (): void {
    this.#stopping.abort()
  }

  async #round (ledger: Ledger): Promise<void> {
    for (const { peer } of this.#init.mesh.peers()) {
      for (let from = 0; ;) {
        const seqs = await ledger.missingSeqs(from, BATCH)
        if (seqs.length === 0) break
        if (!await this.#ask(peer, ledger, seqs)) break
        from = seqs.at(-1)! + 1
      }
      if (ledger.missing === 0) return
    }
  }

  /** False: this peer does not help. */
  async #ask (peer: string, ledger: Ledger, seqs: number[]): Promise<boolean> {
    try {
      const signal = AbortSignal.any([this.#stopping.signal, AbortSignal.timeout(FETCH_TIMEOUT_MS)])
      for (const { seq, payload } of await this.#init.mesh.fetchPayloads(peer, ledger.id, seqs, signal)) {
        if (payload !== null) await ledger.putPayload(seq, payload)
      }
      this.#init.onChanged(ledger)
      return true
    } catch (error) {
      this.#init.log.debug({ peer, ledger: ledger.id, error: (error as Error).message }, 'a peer did not hand over payloads')
      return false
    }
  }
}
