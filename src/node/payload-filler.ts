/** Asks elsewhere for payloads that the follow wants and the serving peer did not have. */
import type { Mirror } from '../ledger/mirror.js'
import type { Clock, Log } from '../ports.js'
import type { Mesh } from './mesh.js'

/** Payloads in one request. */
const BATCH = 512
const FETCH_TIMEOUT_MS = 60_000
/** Between two rounds over all peers, while some are still missing. */
const RETRY_MS = 30_000
/** The same, when no peer is known to have the ledger: its head may be heard any moment. */
const NO_PEERS_RETRY_MS = 1_000

export interface PayloadFillerInit {
  mesh: Mesh
  clock: Clock
  log: Log
  peersOf: (ledger: Mirror) => string[]
  /** After a round over all peers: how many are missing still, up to 512. */
  onRound: (ledger: Mirror, missing: number) => void
}

export class PayloadFiller {
  readonly #init: PayloadFillerInit
  readonly #running = new Set<Mirror>()
  /** Cancels the next round of a ledger. */
  readonly #next = new Map<Mirror, () => void>()
  readonly #stopping = new AbortController()

  constructor (init: PayloadFillerInit) {
    this.#init = init
  }

  /** Goes on until nothing is missing. */
  fill (ledger: Mirror): void {
    if (this.#running.has(ledger) || this.#stopping.signal.aborted) return
    this.#running.add(ledger)
    this.#round(ledger).catch((error: Error) => {
      this.#init.log.debug({ ledger: ledger.id, error: error.message }, 'missing payloads were not filled')
    }).finally(() => {
      this.#running.delete(ledger)
    })
  }

  stop (): void {
    this.#stopping.abort()
  }

  async #round (ledger: Mirror): Promise<void> {
    const peers = this.#init.peersOf(ledger)
    for (const peer of peers) {
      for (let left = await ledger.missingPayloads(BATCH); left.length > 0; left = await ledger.missingPayloads(BATCH)) {
        if (!await this.#ask(peer, ledger, left)) break
      }
    }
    const { length: missing } = await ledger.missingPayloads(BATCH)
    this.#init.onRound(ledger, missing)
    this.#next.get(ledger)?.()
    this.#next.delete(ledger)
    if (missing === 0 || this.#stopping.signal.aborted) return
    this.#next.set(ledger, this.#init.clock.after(peers.length === 0 ? NO_PEERS_RETRY_MS : RETRY_MS, () => { this.fill(ledger) }))
  }

  /** False: this peer does not help (further). */
  async #ask (peer: string, ledger: Mirror, seqs: number[]): Promise<boolean> {
    try {
      const signal = AbortSignal.any([this.#stopping.signal, AbortSignal.timeout(FETCH_TIMEOUT_MS)])
      let got = 0
      for (const { seq, payload } of await this.#init.mesh.fetchPayloads(peer, ledger.id, seqs, signal)) {
        if (payload !== null && await ledger.putPayload(seq, payload)) got++
      }
      return got > 0
    } catch (error) {
      this.#init.log.debug({ peer, ledger: ledger.id, error: (error as Error).message }, 'a peer did not hand over payloads')
      return false
    }
  }
}
