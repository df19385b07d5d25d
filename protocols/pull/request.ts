/** The request frame, checked alike when it is made and when it is read. */
import { decodeCanonical } from '../canonical.js'
import { WireError } from '../codes.js'
import { checkLedger, checkNumber, checkText, invalid } from '../fields.js'
import { MAX_FILTER_VALUES, MAX_ITEMS, MAX_NAME_BYTES, MAX_SAFE_NUMBER } from './limits.js'
import { Request as Message } from './pull.pb.js'
import type { PayloadsRequest, PullFilter, RangeRequest, Want } from './index.js'

export type Request =
  | { kind: 'head' | 'keyEntries' | 'evidence', ledger: string }
  | { kind: 'range', ledger: string, range: RangeRequest }
  | { kind: 'payloads', ledger: string, payloads: PayloadsRequest }

const WANT: Record<Want, number> = { full: 1, headers: 2, filtered: 3 }
const FILTER_LISTS = ['streams', 'types', 'issuers', 'subjects'] as const
const DECODE_LIMITS = {
  payloads: { seqs: MAX_ITEMS },
  range: { filter: { streams: MAX_FILTER_VALUES, types: MAX_FILTER_VALUES, issuers: MAX_FILTER_VALUES, subjects: MAX_FILTER_VALUES } }
}

/** Throws INVALID for what the protocol cannot ask. */
export function encodeRequest (request: Request): Uint8Array {
  try {
    checkLedger(request.ledger)
    switch (request.kind) {
      case 'head': return Message.encode({ head: { ledger: request.ledger } })
      case 'keyEntries': return Message.encode({ keyEntries: { ledger: request.ledger } })
      case 'evidence': return Message.encode({ evidence: { ledger: request.ledger } })
      case 'payloads': return Message.encode({ payloads: { ledger: request.ledger, seqs: checkSeqs(request.payloads.seqs) } })
      case 'range': {
        const { ledger, from, count, want, filter } = checkRange(request.range)
        return Message.encode({ range: { ledger, from, count, want: WANT[want], ...(filter === undefined ? {} : { filter: allLists(filter) }) } })
      }
    }
  } catch (error) {
    throw error instanceof WireError ? new WireError('INVALID', error.message, { cause: error }) : error
  }
}

/** Throws INVALID_FRAME or TOO_LARGE. */
export function decodeRequest (bytes: Uint8Array): Request {
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
    range: checkRange({ ledger: range.ledger, from: range.from, count: range.count, want, ...(filter === undefined ? {} : { filter }) })
  }
}

// SPEC pull §4: "`count` is 1 to 512 and `from` + `count` does not exceed 2^53 − 1."
function checkRange (range: RangeRequest): RangeRequest {
  const { from, count, want, filter } = range
  if (checkNumber(count, 'count', MAX_ITEMS) === 0) invalid('count is 0')
  checkNumber(checkNumber(from, 'from') + count, 'from + count', MAX_SAFE_NUMBER)
  if ((want === 'filtered') !== (filter !== undefined)) invalid('a filter goes with want filtered')
  if (filter !== undefined) checkFilter(filter)
  return range
}

function checkFilter (filter: PullFilter): void {
  let values = 0
  for (const name of FILTER_LISTS) {
    const list = filter[name] ?? []
    if (list.length > MAX_FILTER_VALUES) throw new WireError('TOO_LARGE', `more than ${MAX_FILTER_VALUES} ${name}`)
    for (const value of list) checkText(value, name, MAX_NAME_BYTES)
    values += list.length
  }
  if (values === 0) invalid('an empty filter')
}

// SPEC pull §5: "`seqs` holds 1 to 512 values, each above the one before it."
function checkSeqs (seqs: number[]): number[] {
  if (seqs.length > MAX_ITEMS) throw new WireError('TOO_LARGE', `more than ${MAX_ITEMS} seqs`)
  if (seqs.length === 0) invalid('no seqs')
  seqs.forEach((seq, index) => {
    checkNumber(seq, 'seq')
    if (index > 0 && seq <= seqs[index - 1]!) invalid('seqs ascend')
  })
  return seqs
}

function allLists ({ streams = [], types = [], issuers = [], subjects = [] }: PullFilter): Required<PullFilter> {
  return { streams, types, issuers, subjects }
}
