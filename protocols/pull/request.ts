/** The request frame, checked alike when it is made and when it is read. */
import { decodeCanonical } from '../canonical.js'
import { WireError } from '../codes.js'
import { checkLedger, checkNumber, invalid } from '../fields.js'
import { allLists, checkFilter, FILTER_LIMITS } from '../filter.js'
import { MAX_ITEMS, MAX_SAFE_NUMBER } from './limits.js'
import { Request as Message } from './pull.pb.js'
import type { PayloadsRequest, RangeRequest, Want } from './contract.js'

export type Request =
  | { kind: 'head' | 'keyEntries' | 'evidence'; ledger: string }
  | { kind: 'range'; ledger: string; range: RangeRequest }
  | { kind: 'payloads'; ledger: string; payloads: PayloadsRequest }

const WANT: Record<Want, number> = { full: 1, headers: 2, filtered: 3 }
const DECODE_LIMITS = {
  payloads: { seqs: MAX_ITEMS },
  range: { filter: FILTER_LIMITS }
}

/** Throws INVALID for a request that the protocol cannot carry. */
export function encodeRequest(request: Request): Uint8Array {
  try {
    checkLedger(request.ledger)
    switch (request.kind) {
      case 'head':
        return Message.encode({ head: { ledger: request.ledger } })
      case 'keyEntries':
        return Message.encode({ keyEntries: { ledger: request.ledger } })
      case 'evidence':
        return Message.encode({ evidence: { ledger: request.ledger } })
      case 'payloads':
        return Message.encode({ payloads: { ledger: request.ledger, seqs: checkSeqs(request.payloads.seqs) } })
      case 'range': {
        const { ledger, from, count, want, filter } = checkRange(request.range)
        return Message.encode({
          range: {
            ledger,
            from,
            count,
            want: WANT[want],
            ...(filter === undefined ? {} : { filter: allLists(filter) })
          }
        })
      }
    }
  } catch (error) {
    throw error instanceof WireError ? new WireError('INVALID', error.message, { cause: error }) : error
  }
}

/** Throws INVALID_FRAME or TOO_LARGE. */
export function decodeRequest(bytes: Uint8Array): Request {
  const { head, range, payloads, keyEntries, evidence } = decodeCanonical(Message, bytes, DECODE_LIMITS)
  if (head !== undefined) return { kind: 'head', ledger: checkLedger(head.ledger) }
  if (keyEntries !== undefined) return { kind: 'keyEntries', ledger: checkLedger(keyEntries.ledger) }
  if (evidence !== undefined) return { kind: 'evidence', ledger: checkLedger(evidence.ledger) }
  if (payloads !== undefined) {
    const ledger = checkLedger(payloads.ledger)
    return { kind: 'payloads', ledger, payloads: { ledger, seqs: checkSeqs(payloads.seqs) } }
  }
  if (range === undefined) return invalid('an empty request')
  const { filter } = range
  const want = (Object.keys(WANT) as Want[]).find((name) => WANT[name] === range.want) ?? invalid('want is 1, 2 or 3')
  return {
    kind: 'range',
    ledger: checkLedger(range.ledger),
    range: checkRange({
      ledger: range.ledger,
      from: range.from,
      count: range.count,
      want,
      ...(filter === undefined ? {} : { filter })
    })
  }
}

// SPEC pull §4: "`count` is 1 to 512 and `from` + `count` does not exceed 2^53 − 1."
function checkRange(range: RangeRequest): RangeRequest {
  const { from, count, want, filter } = range
  if (checkNumber(count, 'count', MAX_ITEMS) === 0) invalid('count is 0')
  checkNumber(checkNumber(from, 'from') + count, 'from + count', MAX_SAFE_NUMBER)
  if ((want === 'filtered') !== (filter !== undefined)) invalid('a filter goes with want filtered')
  if (filter !== undefined) checkFilter(filter)
  return range
}

// SPEC pull §5: "`seqs` holds 1 to 512 values, each above the one before it."
function checkSeqs(seqs: number[]): number[] {
  if (seqs.length > MAX_ITEMS) throw new WireError('TOO_LARGE', `more than ${MAX_ITEMS} seqs`)
  if (seqs.length === 0) invalid('no seqs')
  seqs.forEach((seq, index) => {
    checkNumber(seq, 'seq')
    if (index > 0 && seq <= seqs[index - 1]!) invalid('seqs ascend')
  })
  return seqs
}
