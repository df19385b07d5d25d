/** Serves queries of peers across ledgers: for ledgers that they may query, below a freeze. */
import type { GetRequest, QuerySource, SelectRequest } from '../../../protocols/query/index.js'
import type { LedgerReader } from '../../ledger/ledger-reader.js'
import type { LoadMonitor } from '../../network/host.js'
import type { AnswerMaker, MadeAnswer } from './answer-maker.js'

export interface ServeQueryInit {
  maker: AnswerMaker
  /** Throws UNAVAILABLE, for a ledger that is not held and one that the peer may not query alike; or DENIED. */
  allowed: (peer: string, ledger: string) => LedgerReader
  load: Pick<LoadMonitor, 'calm'>
}

export class ServeQuery implements QuerySource {
  readonly #init: ServeQueryInit

  constructor(init: ServeQueryInit) {
    this.#init = init
  }

  async select(peer: string, request: SelectRequest, signal: AbortSignal): Promise<MadeAnswer> {
    return await this.#answer(peer, request.ledger, signal, (ledger) => this.#init.maker.select(ledger, request))
  }

  async get(peer: string, request: GetRequest, signal: AbortSignal): Promise<MadeAnswer> {
    return await this.#answer(peer, request.ledger, signal, (ledger) => this.#init.maker.get(ledger, request))
  }

  async #answer(
    peer: string,
    id: string,
    signal: AbortSignal,
    make: (ledger: LedgerReader) => Promise<MadeAnswer>
  ): Promise<MadeAnswer> {
    const { allowed, load } = this.#init
    // Expensive answers wait while the node is overloaded; after five seconds the protocol answers BUSY.
    await load.calm(signal)
    const made = await make(allowed(peer, id))
    allowed(peer, id) // a right that ended meanwhile
    return made
  }
}
