/** The request frame, checked alike when it is made and when it is read. */
import { decodeCanonical } from '../canonical.js'
import { WireError } from '../codes.js'
import { checkHash, checkLedger, checkNumber, checkText, invalid } from '../fields.js'
import type { GetRequest, QueryFilter, SelectRequest, Show, Want } from './contract.js'
import { MAX_ITEMS, MAX_NAME_BYTES, MAX_REPLY_BYTES, MAX_WANTED } from './limits.js'
import { Request as Message } from './query.pb.js'

export type Request = { kind: 'select'; select: SelectRequest } | { kind: 'get'; get: GetRequest }

const WANT: Record<Want, number> = { full: 1, headers: 2 }
const SHOW: Record<Show, number> = { matches: 1, all: 2, either: 3 }
const NAMES = ['stream', 'type', 'issuer', 'subject', 'id'] as const
const DECODE_LIMITS = { get: { hashes: MAX_WANTED, seqs: MAX_WANTED, ids: MAX_WANTED } }

/** Throws INVALID for a request that the protocol cannot carry. */
export function encodeRequest(request: Request): Uint8Array {
  try {
    return request.kind === 'select'
      ? Message.encode({ select: fromSelect(checkSelect(request.select)) })
      : Message.encode({ get: fromGet(checkGet(request.get)) })
  } catch (error) {
    throw error instanceof WireError ? new WireError('INVALID', error.message, { cause: error }) : error
  }
}

/** Throws INVALID_FRAME or TOO_LARGE. */
export function decodeRequest(bytes: Uint8Array): Request {
  const { select, get } = decodeCanonical(Message, bytes, DECODE_LIMITS)
  if (select !== undefined) {
    const { descending, maxBytes, filter, to, treeSize, knownSize, ...rest } = select
    return {
      kind: 'select',
      select: checkSelect({
        ...rest,
        maxBytes,
        filter: filter === undefined ? {} : toFilter(filter),
        order: descending ? 'desc' : 'asc',
        to: to ?? null,
        want: named(WANT, select.want, 'want'),
        show: named(SHOW, select.show, 'show'),
        treeSize: treeSize ?? null,
        knownSize: knownSize ?? null
      })
    }
  }
  if (get === undefined) return invalid('an empty request')
  const { ledger, hashes, seqs, ids, want, knownSize } = get
  const [wanted, ...more] = [
    ...(hashes.length > 0 ? [{ hashes }] : []),
    ...(seqs.length > 0 ? [{ seqs }] : []),
    ...(ids.length > 0 ? [{ ids }] : [])
  ]
  // SPEC query §5: "Exactly one of `hashes`, `seqs` and `ids` has values, 1 to 64 of them."
  if (wanted === undefined || more.length > 0) return invalid('exactly one of hashes, seqs and ids')
  return {
    kind: 'get',
    get: checkGet({ ledger, wanted, want: named(WANT, want, 'want'), knownSize: knownSize ?? null })
  }
}

function named<Name extends string>(names: Record<Name, number>, value: number, what: string): Name {
  return (Object.keys(names) as Name[]).find((name) => names[name] === value) ?? invalid(`${what} ${value}`)
}

function checkSelect(select: SelectRequest): SelectRequest {
  const { ledger, filter, from, to, limit, maxBytes, treeSize, knownSize } = select
  checkLedger(ledger)
  checkFilter(filter)
  // SPEC query §4: "`from` is at most `to`; `limit` is 1 to 512, `max_bytes` 1 to 4,194,304."
  if (checkNumber(from, 'from') > (to === null ? Infinity : checkNumber(to, 'to'))) invalid('from is behind to')
  if (checkNumber(limit, 'limit', MAX_ITEMS) === 0) invalid('limit is 0')
  if (checkNumber(maxBytes, 'max_bytes', MAX_REPLY_BYTES) === 0) invalid('max_bytes is 0')
  if (treeSize !== null && checkNumber(treeSize, 'tree_size') === 0) invalid('tree_size is 0')
  if (knownSize !== null && checkNumber(knownSize, 'known_size') === 0) invalid('known_size is 0')
  return select
}

function checkGet(get: GetRequest): GetRequest {
  const { ledger, wanted, knownSize } = get
  checkLedger(ledger)
  if (knownSize !== null && checkNumber(knownSize, 'known_size') === 0) invalid('known_size is 0')
  const list: readonly unknown[] = 'hashes' in wanted ? wanted.hashes : 'seqs' in wanted ? wanted.seqs : wanted.ids
  if (list.length > MAX_WANTED) throw new WireError('TOO_LARGE', `more than ${MAX_WANTED} entries`)
  if (list.length === 0) invalid('nothing is wanted')
  if ('hashes' in wanted) for (const hash of wanted.hashes) checkHash(hash)
  else if ('seqs' in wanted) for (const seq of wanted.seqs) checkNumber(seq, 'seq')
  else for (const id of wanted.ids) checkText(id, 'id', MAX_NAME_BYTES)
  return get
}

function checkFilter(filter: QueryFilter): void {
  for (const name of NAMES) if (filter[name] !== undefined) checkText(filter[name], name, MAX_NAME_BYTES)
  const { refersTo, timeFrom, timeTo } = filter
  if (refersTo !== undefined) {
    checkLedger(refersTo.ledger)
    if (refersTo.entryId !== undefined) checkText(refersTo.entryId, 'entry_id', MAX_NAME_BYTES)
  }
  if (timeFrom !== undefined) checkNumber(timeFrom, 'time_from')
  if (timeTo !== undefined) checkNumber(timeTo, 'time_to')
}

function fromSelect(select: SelectRequest): NonNullable<Parameters<typeof Message.encode>[0]['select']> {
  const { ledger, filter, from, to, order, limit, maxBytes, want, show, treeSize, knownSize } = select
  return {
    ledger,
    ...(Object.values(filter).some((value) => value !== undefined) ? { filter } : {}),
    from,
    ...(to === null ? {} : { to }),
    descending: order === 'desc',
    limit,
    maxBytes,
    want: WANT[want],
    show: SHOW[show],
    ...(treeSize === null ? {} : { treeSize }),
    ...(knownSize === null ? {} : { knownSize })
  }
}

function fromGet({
  ledger,
  wanted,
  want,
  knownSize
}: GetRequest): NonNullable<Parameters<typeof Message.encode>[0]['get']> {
  return {
    ledger,
    hashes: [],
    seqs: [],
    ids: [],
    ...wanted,
    want: WANT[want],
    ...(knownSize === null ? {} : { knownSize })
  }
}

// SPEC query §4: "`filter` absent: all entries; an empty filter is refused."
function toFilter(filter: QueryFilter): QueryFilter {
  const given = Object.fromEntries(Object.entries(filter).filter(([, value]) => value !== undefined)) as QueryFilter
  return Object.keys(given).length === 0 ? invalid('an empty filter') : given
}
