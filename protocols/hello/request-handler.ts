import { WireError, isRefusal } from '../codes.js'
import { inTime } from '../in-time.js'
import { encodeFrame, encodeOwn, type Ask } from './frame.js'
import { BUSY_RETRY_MS, MAX_IN_FLIGHT, MAX_RETRY_MS } from './limits.js'
import { entryBytes, fitHeads, takeFitting, type Answer } from './reply.js'
import type { SessionSource } from './contract.js'

/** RequestHandler one peer's requests from the source. */
export class RequestHandler {
  readonly #source: SessionSource
  readonly #peer: string
  readonly #busyAfterMs: number
  /** Requests that the source is still working on, those already answered BUSY included. */
  #working = 0

  constructor(source: SessionSource, peer: string, busyAfterMs: number) {
    this.#source = source
    this.#peer = peer
    this.#busyAfterMs = busyAfterMs
  }

  /**
   * The frame that answers a request. An error that is not a refusal goes to the source's onError, and the peer gets
   * UNAVAILABLE.
   */
  async frame(id: number, ask: Ask, signal: AbortSignal): Promise<Uint8Array> {
    try {
      if (this.#working >= MAX_IN_FLIGHT)
        throw new WireError('BUSY', 'the source is still at earlier questions', { retryMs: BUSY_RETRY_MS })
      // SPEC hello §5: "A side that has no answer after 5 s answers BUSY."
      return encodeAnswer(id, await inTime(async () => this.#work(ask), signal, this.#busyAfterMs, BUSY_RETRY_MS))
    } catch (error) {
      const refusal =
        error instanceof WireError && isRefusal(error.code) ? error : new WireError('UNAVAILABLE', 'the source failed')
      if (refusal !== error && !signal.aborted) this.#source.onError(this.#peer, error)
      return encodeFrame({ kind: 'reply', id, answer: { kind: 'refused', error: refusal } })
    }
  }

  async #work(ask: Ask): Promise<Answer> {
    this.#working++
    try {
      return await lookUp(this.#source, this.#peer, ask)
    } finally {
      this.#working--
    }
  }
}

/** The frame that refuses a request for so many ms. */
export function busyReply(id: number, retryMs: number): Uint8Array {
  return encodeFrame({
    kind: 'reply',
    id,
    answer: {
      kind: 'refused',
      error: new WireError('BUSY', 'above the quota', { retryMs: Math.min(Math.ceil(retryMs), MAX_RETRY_MS) })
    }
  })
}

/** A value of the source that the wire cannot carry is a bug of this node. */
function encodeAnswer(id: number, answer: Answer): Uint8Array {
  try {
    return encodeOwn({ kind: 'reply', id, answer })
  } catch (error) {
    throw new Error('the source gave what the wire cannot carry', { cause: error })
  }
}

async function lookUp(source: SessionSource, peer: string, ask: Ask): Promise<Answer> {
  switch (ask.kind) {
    case 'heads':
      return { kind: 'heads', heads: fitHeads(await source.heads(peer, ask.wanted)) }
    case 'entries': {
      const entries = await source.entries(peer, ask.ledger, ask.from, ask.count)
      if (entries.length === 0) throw new WireError('UNAVAILABLE', 'no entries')
      return { kind: 'entries', entries: takeFitting(entries.slice(0, ask.count), entryBytes) }
    }
    case 'keyEntries': {
      const entries = await source.keyEntries(peer, ask.ledger)
      if (entries.length === 0) throw new WireError('UNAVAILABLE', 'no key entries')
      return { kind: 'keyEntries', entries }
    }
  }
}
