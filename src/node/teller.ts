import type { HelloSession } from '../../protocols/hello/index.js'
import type { Ledger } from '../ledger/ledger.js'
import type { Log } from '../ports.js'
import { headOf } from './hello-answers.js'
import type { Access, ReadingRights } from './reading-rights.js'

/** Tells news of a ledger on the hello streams of those who may hear it. */
export class Teller {
  readonly #sessions: ReadonlyMap<string, HelloSession>
  readonly #rights: ReadingRights
  readonly #log: Log

  constructor (init: { sessions: ReadonlyMap<string, HelloSession>, rights: ReadingRights, log: Log }) {
    this.#sessions = init.sessions
    this.#rights = init.rights
    this.#log = init.log
  }

  head (ledger: Ledger): void {
    headOf(ledger).then((head) => {
      if (head !== null) this.#tell(ledger, 'sync', (session) => { session.tellHeads([head]) })
    }).catch((error: Error) => { this.#log.error({ ledger: ledger.id, error: error.message }, 'a head was not told') })
  }

  evidence (ledger: Ledger, evidence: Uint8Array): void {
    this.#tell(ledger, 'know', (session) => { session.tellEvidence(ledger.id, evidence) })
  }

  #tell (ledger: Ledger, access: Access, say: (session: HelloSession) => void): void {
    for (const [peer, session] of this.#sessions) if (this.#rights.may(peer, ledger, access)) say(session)
  }
}
