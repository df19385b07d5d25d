import type { HelloSession } from '../../../protocols/hello/index.js'
import type { LedgerReader } from '../../ledger/ledger-reader.js'
import type { Log } from '../../ports.js'
import { headOf } from './serve-hello.js'
import type { Access, ReadingRights } from '../access/read-access.js'

/** Sends news of a ledger on the hello streams of peers that may know of it. */
export class HelloNotices {
  readonly #sessions: ReadonlyMap<string, HelloSession>
  readonly #rights: ReadingRights
  readonly #log: Log

  constructor(init: { sessions: ReadonlyMap<string, HelloSession>; rights: ReadingRights; log: Log }) {
    this.#sessions = init.sessions
    this.#rights = init.rights
    this.#log = init.log
  }

  head(ledger: LedgerReader): void {
    // Evidence is sent with answers to peers that lack it, not with each new entry to every peer.
    headOf(ledger, null)
      .then((head) => {
        if (head !== null)
          this.#tell(ledger, 'sync', (session) => {
            session.tellHeads([head])
          })
      })
      .catch((error: Error) => {
        this.#log.error(
          { event: 'hello.notice-failed', ledger: ledger.id, error: error.message },
          'a head notice could not be sent'
        )
      })
  }

  evidence(ledger: LedgerReader, evidence: Uint8Array): void {
    this.#tell(ledger, 'know', (session) => {
      session.tellEvidence(ledger.id, evidence)
    })
  }

  #tell(ledger: LedgerReader, access: Access, say: (session: HelloSession) => void): void {
    for (const [peer, session] of this.#sessions) if (this.#rights.may(peer, ledger, access)) say(session)
  }
}
