/** Stores the ranges that were fetched and verified, and says whose fault it is when one cannot be stored. */
import { verifyEntrySignature, type Entry } from '../../core/entry.js'
import { isCoded, LedgermeshError, type ErrorCode } from '../../core/errors.js'
import type { LedgerId } from '../../core/ledger-id.js'
import { wants, type Wanted } from '../../core/payload-filter.js'
import type { HeldLedger } from '../../ledger/held-ledger.js'
import type { PayloadStates } from '../../ledger/write/entry-ops.js'
import type { Log } from '../../ports.js'
import type { SyncEvent } from '../../sync/types.js'
import type { EvidenceCourt } from '../forks/evidence-court.js'
import type { ForkTracker } from '../forks/fork-tracker.js'
import type { Verifier } from '../signatures/verifier.js'

export interface RangeStoreInit {
  ledgers: { get: (id: LedgerId) => HeldLedger | undefined }
  court: Pick<EvidenceCourt, 'first'>
  forks: Pick<ForkTracker, 'rules'>
  verifier: Pick<Verifier, 'verify'>
  filtersOf: (ledger: LedgerId) => Wanted
  log: Log
  /** Called with `stored` or `store-failed`; with both when only a part of the range was stored. */
  tell: (event: SyncEvent) => void
}

/** A verified range; `entries` null: it was discarded meanwhile. */
export interface FetchedRange {
  fetch: number
  ledger: LedgerId
  peer: string
  entries: Entry[] | null
}

export class RangeStore {
  readonly #init: RangeStoreInit

  constructor(init: RangeStoreInit) {
    this.#init = init
  }

  async store({ fetch, ledger: id, peer, entries }: FetchedRange): Promise<void> {
    const ledger = this.#init.ledgers.get(id)
    try {
      if (entries === null || ledger === undefined) throw new LedgermeshError('NOT_FOUND', `${id} is no longer held`)
      await this.#ingest(fetch, ledger, entries)
    } catch (error) {
      if (isCoded(error, 'TOO_MANY_KEYS')) return await this.#beforeTooMany(fetch, ledger!, entries!, error)
      const good = await this.#beforeFault(peer, ledger, entries, error)
      if (good !== null && good > 0) await this.#storeGood(fetch, ledger!, entries!.slice(0, good))
      else
        this.#storeFailed(
          fetch,
          id,
          entries,
          good === 0
            ? new LedgermeshError('FROZEN', 'its author signed what breaks a rule', undefined, { cause: error })
            : error
        )
    }
  }

  /**
   * R1: a mirror is kept as far as its key entries can be shown. Entries below the first key entry too many are stored
   * if they end in a valid signature.
   */
  async #beforeTooMany(fetch: number, ledger: HeldLedger, entries: Entry[], error: LedgermeshError): Promise<void> {
    this.#storeFailed(fetch, ledger.id, entries, error)
    const good = entries.slice(
      0,
      entries.findIndex(({ header }) => header.seq === error.details?.seq)
    )
    const last = good.at(-1)
    if (last === undefined || !(await verifyEntrySignature(last, this.#init.verifier.verify))) return
    // No batch waits under this fetch any more.
    await this.#storeGood(fetch, ledger, good)
  }

  async #storeGood(fetch: number, ledger: HeldLedger, entries: Entry[]): Promise<void> {
    try {
      await this.#ingest(fetch, ledger, entries)
    } catch (error) {
      this.#storeFailed(fetch, ledger.id, entries, error)
    }
  }

  async #ingest(fetch: number, ledger: HeldLedger, entries: Entry[]): Promise<void> {
    const filters = this.#init.filtersOf(ledger.id)
    const payloadStates: PayloadStates = ({ header }) => (wants(filters, header) ? 'missing' : 'filtered')
    const { size, headHash } =
      ledger.size === 0
        ? await this.#init.court.first(ledger, entries, payloadStates)
        : await ledger.ingest(entries, { payloadStates })
    this.#init.tell({ type: 'stored', ledger: ledger.id, fetch, size, headHash })
  }

  #storeFailed(fetch: number, ledger: LedgerId, entries: Entry[] | null, error: unknown): void {
    const code: ErrorCode = isCoded(error) ? error.code : 'STORE_FAILED'
    this.#init.log.warn(
      { event: 'sync.store-failed', ledger, from: entries?.[0]?.header.seq, code, error: (error as Error).message },
      'a verified range could not be stored'
    )
    this.#init.tell({ type: 'store-failed', ledger, fetch, code })
  }

  async #beforeFault(
    peer: string,
    ledger: HeldLedger | undefined,
    entries: Entry[] | null,
    error: unknown
  ): Promise<number | null> {
    if (
      ledger === undefined ||
      entries === null ||
      !(isCoded(error, 'BROKEN_LINK') || isCoded(error, 'KEY_NOT_IN_FORCE'))
    )
      return null
    try {
      return await this.#init.forks.rules.chain(peer, ledger, entries)
    } catch (failure) {
      this.#init.log.debug(
        { event: 'sync.fault-unknown', peer, ledger: ledger.id, error: (failure as Error).message },
        'who is at fault for an invalid range could not be determined'
      )
      return null
    }
  }
}
