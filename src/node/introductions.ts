/**
 * To whom this node says which ledger it speaks for. Of a public ledger: to everybody. Of a private one: only to its readers, and to those before whom
 * this node must prove itself because they have a private ledger that it holds. To all others a private ledger's node is a node without a record.
 */
import type { HelloSession } from '../../protocols/hello/index.js'
import type { Ledger } from '../ledger/ledger.js'
import type { Ledgers } from '../ledger/ledgers.js'
import type { SignedRecord } from '../../protocols/wire.js'
import type { Clock, Log } from '../ports.js'
import { isSecret, type ReadingRights } from './reading-rights.js'

export interface IntroductionsInit {
  ledgers: Ledgers
  rights: ReadingRights
  /** The ledger that the record names; null: not held yet. */
  spokenFor: () => Ledger | null
  record: () => Promise<SignedRecord>
  /** Peers to whom the operator wants to be known, whatever they may read. */
  introduceTo: string[]
  sessions: ReadonlyMap<string, HelloSession>
  clock: Clock
  log: Log
}

/** What a peer may know can change without an event: keys rotate, attestations expire. */
const REVIEW_MS = 1_000

export class Introductions {
  readonly #init: IntroductionsInit
  readonly #wanted: Set<string>
  /** The bytes that a peer has been shown on its connection. */
  readonly #shown = new Map<string, Uint8Array>()
  #cancel: () => void = () => {}

  constructor (init: IntroductionsInit) {
    this.#init = init
    this.#wanted = new Set(init.introduceTo)
  }

  /** The operator's word: this peer is to know. */
  want (peer: string): void {
    this.#wanted.add(peer)
  }

  mayShow (peer: string): boolean {
    const { ledgers, rights } = this.#init
    const spoken = this.#init.spokenFor()
    if (this.#wanted.has(peer) || (spoken !== null && !isSecret(spoken))) return true
    return ledgers.list().some((ledger) => ledger.chain !== null && isSecret(ledger) && rights.may(peer, ledger, 'know'))
  }

  /** For a new connection; null: the peer is not to know. */
  async first (peer: string): Promise<SignedRecord | null> {
    this.#shown.delete(peer)
    if (!this.mayShow(peer)) return null
    const record = await this.#init.record()
    this.#shown.set(peer, record.body)
    return record
  }

  /** Shows the record to connected peers that may know by now, and a new record to those who have seen an older one; again every second. */
  review (): void {
    this.#cancel()
    for (const session of this.#init.sessions.values()) {
      this.#show(session).catch((error: Error) => { this.#init.log.warn({ peer: session.peer, error: error.message }, 'the own record was not shown') })
    }
    this.#cancel = this.#init.clock.after(REVIEW_MS, () => { this.review() })
  }

  stop (): void {
    this.#cancel()
  }

  async #show (session: HelloSession): Promise<void> {
    if (!this.mayShow(session.peer)) return
    const record = await this.#init.record()
    if (this.#shown.get(session.peer) === record.body) return
    this.#shown.set(session.peer, record.body)
    session.tellRecord(record)
  }

  forget (peer: string): void {
    this.#shown.delete(peer)
  }
}
