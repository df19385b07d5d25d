/**
 * Decides which peers may see this node's record. For a public ledger: all peers. For a private one: only its readers,
 * and peers to which this node must prove itself because they have a private ledger that it holds. For all other peers,
 * a private ledger's node has no record.
 */
import type { HelloSession } from '../../../protocols/hello/index.js'
import type { LedgerReader } from '../../ledger/ledger-reader.js'
import type { Ledgers } from '../../ledger/ledgers.js'
import type { SignedRecord } from '../../../protocols/wire.js'
import type { Clock, Log } from '../../ports.js'
import { isSecret, type ReadingRights } from '../access/read-access.js'

export interface RecordDisclosureInit {
  ledgers: Ledgers
  rights: ReadingRights
  /** The ledger that the record names; null: not held yet. */
  spokenFor: () => LedgerReader | null
  record: () => Promise<SignedRecord>
  /** ms until the record has to be renewed because of its age. */
  ageingMs: () => number
  /** Peers that the operator shows the record to, whatever they may read. */
  introduceTo: string[]
  sessions: ReadonlyMap<string, HelloSession>
  clock: Clock
  log: Log
}

/** ms until a failed renewal of the record is tried again. */
const RETRY_MS = 60_000

export class RecordDisclosure {
  readonly #init: RecordDisclosureInit
  readonly #wanted: Set<string>
  /** The bytes that a peer has been shown on its connection. */
  readonly #shown = new Map<string, Uint8Array>()
  #cancel: () => void = () => {}
  #stopped = false

  constructor(init: RecordDisclosureInit) {
    this.#init = init
    this.#wanted = new Set(init.introduceTo)
  }

  /** The operator allows this peer to see the record. */
  want(peer: string): void {
    this.#wanted.add(peer)
  }

  mayShow(peer: string): boolean {
    const { ledgers, rights } = this.#init
    const spoken = this.#init.spokenFor()
    if (this.#wanted.has(peer) || (spoken !== null && !isSecret(spoken))) return true
    return ledgers
      .list()
      .some((ledger) => ledger.chain !== null && isSecret(ledger) && rights.may(peer, ledger, 'know'))
  }

  /** The record for a new connection; null: the peer may not see it. */
  async first(peer: string): Promise<SignedRecord | null> {
    this.#shown.delete(peer)
    if (!this.mayShow(peer)) return null
    const record = await this.#init.record()
    this.#shown.set(peer, record.body)
    return record
  }

  /**
   * Shows the record to connected peers that may know by now, and a new record to those who have seen an older one. To
   * be called when either may have changed; it runs again automatically when the record is too old.
   */
  review(): void {
    if (this.#stopped) return
    this.#cancel()
    this.#showAll().catch((error: Error) => {
      this.#init.log.warn(
        { event: 'hello.record-failed', error: error.message },
        'the own node record could not be sent'
      )
    })
    const { clock, ageingMs } = this.#init
    const ms = ageingMs()
    this.#cancel = clock.after(ms > 0 ? ms : RETRY_MS, () => {
      this.review()
    })
  }

  stop(): void {
    this.#stopped = true
    this.#cancel()
  }

  async #showAll(): Promise<void> {
    const { sessions } = this.#init
    const mayHear = (): HelloSession[] => [...sessions.values()].filter(({ peer }) => this.mayShow(peer))
    if (mayHear().length === 0) return
    const record = await this.#init.record()
    // Anew: who is connected and what they may know can have changed while a record was made.
    for (const session of mayHear()) {
      if (this.#shown.get(session.peer) === record.body) continue
      this.#shown.set(session.peer, record.body)
      session.tellRecord(record)
    }
  }

  forget(peer: string): void {
    this.#shown.delete(peer)
  }
}
