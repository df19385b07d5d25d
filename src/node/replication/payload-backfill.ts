/** Fetches payloads from other peers that the follow wants and the serving peer did not have. */
import { isCoded } from '../../core/errors.js'
import type { HeldLedger } from '../../ledger/held-ledger.js'
import type { Clock, Log } from '../../ports.js'
import { judged } from '../sessions/peer-fault.js'
import type { PeerRequests } from '../sessions/peer-requests.js'
import { deadline } from '../runtime/deadline.js'
import { pause } from '../runtime/pause.js'

/** Payloads in one request. */
const BATCH = 512
const FETCH_TIMEOUT_MS = 60_000
/** Between two rounds over all peers, while some are still missing. */
const RETRY_MS = 30_000

export interface PayloadFillerInit {
  peerNetwork: Pick<PeerRequests, 'fetchPayloads' | 'drop'>
  clock: Clock
  log: Log
  /** Connected peers that have the ledger; null: it must not be filled (any more). */
  peersOf: (ledger: HeldLedger) => string[] | null
  /** How many are still missing, up to 512, and whether any peer was asked for them. */
  onRound: (ledger: HeldLedger, missing: number, asked: boolean) => void
  /** There is no room for more of it. */
  onFull: (ledger: HeldLedger) => void
  /** Until when a bandwidth cap blocks fetches, ms since the epoch; null: none does. */
  throttledUntil: (ledger: HeldLedger) => number | null
  /** Called with the number of payload bytes received. */
  onBytes: (ledger: HeldLedger, bytes: number) => void
}

export class PayloadFiller {
  readonly #init: PayloadFillerInit
  /** Ledgers with a running round; true: another one follows. */
  readonly #running = new Map<HeldLedger, boolean>()
  /** Ledgers that lacked payloads after their last round, and the function that ends the wait for the next one. */
  readonly #lacking = new Map<HeldLedger, () => void>()
  readonly #stopping = new AbortController()

  constructor(init: PayloadFillerInit) {
    this.#init = init
  }

  /** Goes on until nothing is missing. */
  fill(ledger: HeldLedger): void {
    if (this.#stopping.signal.aborted) return
    if (this.#running.has(ledger)) {
      this.#running.set(ledger, true)
      return
    }
    this.#lacking.get(ledger)?.()
    this.#lacking.delete(ledger)
    this.#running.set(ledger, false)
    this.#run(ledger)
      .catch((error: Error) => {
        if (!this.#stopping.signal.aborted)
          this.#init.log.error(
            { event: 'payloads.backfill-failed', ledger: ledger.id, error: error.message },
            'missing payloads could not be fetched'
          )
      })
      .finally(() => {
        const again = this.#running.get(ledger) === true
        this.#running.delete(ledger)
        if (again) this.fill(ledger)
      })
  }

  /** A change that may help a ledger that lacks payloads: a new peer, or an erasure. */
  nudge(ledger: HeldLedger): void {
    if (this.#lacking.has(ledger) || this.#running.has(ledger)) this.fill(ledger)
  }

  stop(): void {
    this.#stopping.abort()
    for (const cancel of this.#lacking.values()) cancel()
  }

  async #run(ledger: HeldLedger): Promise<void> {
    let missing = 0
    do {
      this.#running.set(ledger, false)
      const peers = this.#init.peersOf(ledger)
      if (peers === null) return
      for (const peer of peers) await this.#askAll(peer, ledger)
      missing = (await ledger.missingPayloads(BATCH)).length
      this.#init.onRound(ledger, missing, peers.length > 0)
    } while (this.#running.get(ledger) === true && !this.#stopping.signal.aborted)
    if (missing > 0 && !this.#stopping.signal.aborted)
      this.#lacking.set(
        ledger,
        this.#init.clock.after(RETRY_MS, () => {
          this.fill(ledger)
        })
      )
  }

  async #askAll(peer: string, ledger: HeldLedger): Promise<void> {
    for (let left = await ledger.missingPayloads(BATCH); left.length > 0; left = await ledger.missingPayloads(BATCH)) {
      if (!(await this.#ask(peer, ledger, left))) return
    }
  }

  async #ask(peer: string, ledger: HeldLedger, seqs: number[]): Promise<boolean> {
    await this.#unthrottled(ledger)
    try {
      const signal = deadline(this.#init.clock, FETCH_TIMEOUT_MS, this.#stopping.signal)
      let got = 0
      let bytes = 0
      for (const { seq, payload } of await this.#init.peerNetwork.fetchPayloads(peer, ledger.id, seqs, signal)) {
        bytes += payload?.byteLength ?? 0
        if (payload !== null && (await ledger.putPayload(seq, payload))) got++
      }
      this.#init.onBytes(ledger, bytes)
      return got > 0
    } catch (error) {
      if (isCoded(error, 'QUOTA')) this.#init.onFull(ledger)
      const { verdict, code } = judged(error, 'asked')
      if (verdict === 'drop') this.#init.peerNetwork.drop(peer, code)
      this.#init.log.debug(
        { event: 'payloads.fetch-failed', peer, ledger: ledger.id, error: (error as Error).message },
        'a peer did not return payloads'
      )
      return false
    }
  }

  async #unthrottled(ledger: HeldLedger): Promise<void> {
    const { clock, throttledUntil } = this.#init
    for (
      let until = throttledUntil(ledger);
      until !== null && !this.#stopping.signal.aborted;
      until = throttledUntil(ledger)
    ) {
      await pause(clock, Math.max(1, until - clock.now()), this.#stopping.signal)
    }
  }
}
