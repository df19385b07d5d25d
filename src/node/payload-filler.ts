/** Asks elsewhere for payloads that the follow wants and the serving peer did not have. */
import { isViolation } from '../../protocols/wire.js'
import type { Mirror } from '../ledger/mirror.js'
import type { Clock, Log } from '../ports.js'
import { isLie } from './failure.js'
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
  /** Connected peers that have the ledger; null: it is not to be filled (any more). */
  peersOf: (ledger: Mirror) => string[] | null
  /** How many are missing still, up to 512. */
  onRound: (ledger: Mirror, missing: number) => void
}

export class PayloadFiller {
  readonly #init: PayloadFillerInit
  /** Ledgers with a round that runs; true: another one follows. */
  readonly #running = new Map<Mirror, boolean>()
  /** Ledgers that lacked payloads after their last round, and how the waiting for the next one ends. */
  readonly #lacking = new Map<Mirror, () => void>()
  readonly #stopping = new AbortController()

  constructor (init: PayloadFillerInit) {
    this.#init = init
  }

  /** Goes on until nothing is missing. */
  fill (ledger: Mirror): void {
    if (this.#stopping.signal.aborted) return
    if (this.#running.has(ledger)) {
      this.#running.set(ledger, true)
      return
    }
    this.#lacking.get(ledger)?.()
    this.#lacking.delete(ledger)
    this.#running.set(ledger, false)
    this.#run(ledger).catch((error: Error) => {
      if (!this.#stopping.signal.aborted) this.#init.log.error({ ledger: ledger.id, error: error.message }, 'missing payloads were not filled')
    }).finally(() => {
      const again = this.#running.get(ledger) === true
      this.#running.delete(ledger)
      if (again) this.fill(ledger)
    })
  }

  /** Something changed that may help a ledger that lacks payloads: a peer, or an erasure. */
  nudge (ledger: Mirror): void {
    if (this.#lacking.has(ledger) || this.#running.has(ledger)) this.fill(ledger)
  }

  stop (): void {
    this.#stopping.abort()
    for (const cancel of this.#lacking.values()) cancel()
  }

  async #run (ledger: Mirror): Promise<void> {
    let missing = 0
    do {
      this.#running.set(ledger, false)
      const peers = this.#init.peersOf(ledger)
      if (peers === null) return
      for (const peer of peers) await this.#askAll(peer, ledger)
      missing = (await ledger.missingPayloads(BATCH)).length
      this.#init.onRound(ledger, missing)
    } while (this.#running.get(ledger) === true && !this.#stopping.signal.aborted)
    if (missing > 0 && !this.#stopping.signal.aborted) this.#lacking.set(ledger, this.#init.clock.after(RETRY_MS, () => { this.fill(ledger) }))
  }

  async #askAll (peer: string, ledger: Mirror): Promise<void> {
    for (let left = await ledger.missingPayloads(BATCH); left.length > 0; left = await ledger.missingPayloads(BATCH)) {
      if (!await this.#ask(peer, ledger, left)) return
    }
  }

  async #ask (peer: string, ledger: Mirror, seqs: number[]): Promise<boolean> {
    try {
      const signal = AbortSignal.any([this.#stopping.signal, AbortSignal.timeout(FETCH_TIMEOUT_MS)])
      let got = 0
      for (const { seq, payload } of await this.#init.mesh.fetchPayloads(peer, ledger.id, seqs, signal)) {
        if (payload !== null && await ledger.putPayload(seq, payload)) got++
      }
      return got > 0
    } catch (error) {
      if (isLie(error) || isViolation(error)) this.#init.mesh.drop(peer, isLie(error) ? error.code : 'MALFORMED')
      this.#init.log.debug({ peer, ledger: ledger.id, error: (error as Error).message }, 'a peer did not hand over payloads')
      return false
    }
  }
}
