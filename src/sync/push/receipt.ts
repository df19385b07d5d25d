/**
 * Applies a remote's messages to a watermark. It goes down as well as up: a remote that reports less has lost entries,
 * and an old receipt must not be relied on.
 */
import { MAX_RETRY_MS } from './limits.js'
import type { Flow, OfferReason } from './types.js'

/** A decision or progress about one ledger. */
export interface Word {
  kind: 'held' | 'accepted' | 'pending' | 'refused' | 'progress'
  /** Decisions: entries that it holds. Progress: entries on its disk. */
  size: number
  /** Does its hash equal that of our entry `size` − 1? null: it gave none, or we have no such entry. */
  isOurs: boolean | null
  /** Of its store; absent: it did not say. */
  store?: string | null
  /** Of a refusal, or why progress goes on no more. */
  reason?: OfferReason | null
  /** Milliseconds until it may be offered again. */
  retryMs?: number
}

/** The flow after the message; `ours`: number of entries held here. */
export function hear(flow: Flow, word: Word, ours: number, now: number): Flow {
  // The remote has another branch: nothing counts as confirmed.
  if (word.isOurs === false)
    return { ...flow, durable: 0, store: word.store ?? flow.store, code: 'DIFFERS', next: null }
  const known = word.kind === 'progress' || word.store == null || word.store === flow.store ? flow.durable : 0
  const said = word.isOurs === true ? Math.min(word.size, ours) : 0
  const durable = durableAfter(word, known, said)
  // Progress is no failure, however often it is offered.
  const next = {
    ...flow,
    durable,
    store: word.store ?? flow.store,
    attempts: durable > flow.durable ? 0 : flow.attempts
  }
  return durable >= ours ? { ...next, code: null, attempts: 0, next: null } : { ...next, ...waiting(word, now) }
}

function durableAfter({ kind, size, isOurs }: Word, known: number, said: number): number {
  // A receipt: it is on the disk. Of what is beyond our own end it is not known whether it is ours.
  if (kind === 'held' || kind === 'progress') return isOurs === null && size > 0 ? known : said
  return isOurs === null && size > 0 ? known : Math.min(known, said)
}

function waiting({ kind, reason, retryMs }: Word, now: number): Pick<Flow, 'code' | 'next'> {
  const later = retryMs === undefined ? null : now + Math.min(retryMs, MAX_RETRY_MS)
  if (reason != null) return { code: reason, next: later }
  if (kind === 'pending') return { code: 'PENDING', next: later }
  return { code: kind === 'held' ? 'QUEUED' : 'FETCHING', next: null }
}
