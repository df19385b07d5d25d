import { WireError, isRefusal } from '../codes.js'
import { inTime } from '../in-time.js'
import { encodeFrame, encodeOwn, type Ask } from './frame.js'
import { BUSY_RETRY_MS } from './limits.js'
import { entryBytes, fitHeads, takeFitting, type Answer } from './reply.js'
import type { HelloSource } from './index.js'

/** The frame that answers a request of `peer`. What is no refusal goes to the source's onError, and the peer hears UNAVAILABLE. */
export async function answerAsk (source: HelloSource, peer: string, id: number, ask: Ask, signal: AbortSignal, busyAfterMs: number): Promise<Uint8Array> {
  try {
    // SPEC hello §5: "A side that has no answer after 5 s answers BUSY."
    const answer = await inTime(async () => lookUp(source, peer, ask), signal, busyAfterMs, BUSY_RETRY_MS)
    return encodeAnswer(id, answer)
  } catch (error) {
    const refusal = error instanceof WireError && isRefusal(error.code) ? error : new WireError('UNAVAILABLE', 'the source failed')
    if (refusal !== error && !signal.aborted) source.onError(peer, error)
    return encodeFrame({ kind: 'reply', id, answer: { kind: 'refused', error: refusal } })
  }
}

/** What the source gave and the wire cannot carry is a bug of ours. */
function encodeAnswer (id: number, answer: Answer): Uint8Array {
  try {
    return encodeOwn({ kind: 'reply', id, answer })
  } catch (error) {
    throw new Error('the source gave what the wire cannot carry', { cause: error })
  }
}

async function lookUp (source: HelloSource, peer: string, ask: Ask): Promise<Answer> {
  switch (ask.kind) {
    case 'heads': return { kind: 'heads', heads: fitHeads(await source.heads(peer, ask.wanted)) }
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
