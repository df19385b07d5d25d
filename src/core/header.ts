/** The grammar of a header (DESIGN §2): what its bytes alone must satisfy. */
import { toUtf8 } from '#platform'
import {
  canonicalize,
  checkDepth,
  decodeUtf8,
  parseCanonical,
  parseText,
  type Json,
  type JsonObject
} from './canonical.js'
import { LedgermeshError } from './errors.js'
import { hasExactly, isInteger, isName, isObject } from './grammar.js'
import { isHash, type Hash } from './hash.js'
import { isLedgerId, type LedgerId } from './ledger-id.js'
import { MAX_HEADER_BYTES, MAX_HEADER_DEPTH, MAX_PAYLOAD_BYTES, MAX_TIMESTAMP_MS } from './limits.js'
import { checkReferences, checkSyncMark } from './reference.js'
import { checkLedgerMeta } from './ledger-types.js'

/**
 * The signed part of an entry. Its canonical JSON is what is hashed and signed; see docs/FORMATS.md for the grammar and
 * every limit.
 */
export type Header = {
  v: 1
  /** null in genesis, whose hash is the ledger's id. */
  ledger: LedgerId | null
  seq: number
  /** null in genesis. */
  prev_hash: Hash | null
  /** The Ed25519 public key that signs this entry, hex. */
  key: string
  id: string
  stream: string
  type: string
  issuer_oid: string | null
  subject_oid: string | null
  /** Milliseconds since the Unix epoch, claimed by the author; it orders nothing. */
  timestamp: number
  payload_hash: Hash | null
  /** Bytes of the payload bytes; 0 without a payload. */
  payload_size: number
  meta: JsonObject
}

const MEMBERS: (keyof Header)[] = [
  'id',
  'issuer_oid',
  'key',
  'ledger',
  'meta',
  'payload_hash',
  'payload_size',
  'prev_hash',
  'seq',
  'stream',
  'subject_oid',
  'timestamp',
  'type',
  'v'
]

/** The header's bytes. They are signed, hashed, stored and sent as they are: nothing encodes a header twice. */
export function encodeHeader(header: Header): Uint8Array {
  checkDepth(header, MAX_HEADER_DEPTH)
  return encodeHeaderText(header, canonicalize(header))
}

/** The same for a header of known depth, whose canonical text is `text`. */
export function encodeHeaderText(header: Header, text: string): Uint8Array {
  const bytes = toUtf8(text)
  if (bytes.length > MAX_HEADER_BYTES)
    throw new LedgermeshError('TOO_LARGE', `the header has ${bytes.length} bytes; the limit is ${MAX_HEADER_BYTES}`)
  checkHeader(header)
  return bytes
}

/** Throws MALFORMED, NOT_CANONICAL, TOO_LARGE, BAD_KEY or UPGRADE_NEEDED. */
export function decodeHeader(bytes: Uint8Array): Header {
  if (bytes.length > MAX_HEADER_BYTES)
    throw new LedgermeshError('TOO_LARGE', `the header has ${bytes.length} bytes; the limit is ${MAX_HEADER_BYTES}`)
  let value: Json
  try {
    value = parseCanonical(bytes, MAX_HEADER_DEPTH)
  } catch (error) {
    refuseNewer(parseText(decodeUtf8(bytes)))
    throw error
  }
  if (!isObject(value)) throw malformed('a header is an object')
  checkHeader(value)
  return value
}

/** The version is checked before every other rule: a newer version may nest deeper or be written differently. */
export function refuseNewer(value: Json): void {
  if (isObject(value) && Number.isSafeInteger(value.v) && (value.v as number) > 1)
    throw new LedgermeshError('UPGRADE_NEEDED', `version ${value.v as number}`)
}

function checkHeader(header: JsonObject): asserts header is Header {
  refuseNewer(header)
  if (header.v !== 1) throw malformed('v')
  if (!hasExactly(header, MEMBERS)) throw malformed(`the members are ${MEMBERS.join(', ')}`)
  checkIntegers(header)

  if (!isInteger(header.seq, Number.MAX_SAFE_INTEGER)) throw malformed('seq')
  if (!isInteger(header.timestamp, MAX_TIMESTAMP_MS)) throw malformed('timestamp')
  if (!isHash(header.key)) throw malformed('key')
  if (!isName(header.id)) throw malformed('id')
  if (!isName(header.stream)) throw malformed('stream')
  if (!isName(header.type)) throw malformed('type')
  if (header.issuer_oid !== null && !isName(header.issuer_oid)) throw malformed('issuer_oid')
  if (header.subject_oid !== null && !isName(header.subject_oid)) throw malformed('subject_oid')
  if (!isObject(header.meta)) throw malformed('meta')
  if (!isInteger(header.payload_size, MAX_PAYLOAD_BYTES)) throw malformed('payload_size')
  if (
    header.payload_hash === null ? header.payload_size !== 0 : !isHash(header.payload_hash) || header.payload_size === 0
  )
    throw malformed('payload_hash')

  const genesis = header.seq === 0
  if (genesis ? header.ledger !== null : !isLedgerId(header.ledger)) throw malformed('ledger')
  if (genesis ? header.prev_hash !== null : !isHash(header.prev_hash)) throw malformed('prev_hash')
  if (genesis !== (header.type === 'ledger.genesis')) throw malformed('a genesis is entry 0, and entry 0 is a genesis')

  // the members that it reads were checked above, and are not yet known to the type
  if (!checkLedgerMeta(header as unknown as Header)) {
    checkReferences(header.meta.crossLedgerRefs)
    checkSyncMark(header.meta.sync)
  }
}

/** DESIGN §2: "numbers are safe integers (fractions live in payloads)". */
function checkIntegers(value: Json): void {
  if (typeof value === 'number') {
    if (!Number.isSafeInteger(value)) throw malformed('a number is not a safe integer')
  } else if (Array.isArray(value)) {
    for (const member of value) checkIntegers(member)
  } else if (typeof value === 'object' && value !== null) {
    for (const key in value) if (typeof value[key] !== 'string') checkIntegers(value[key]!)
  }
}

function malformed(what: string): LedgermeshError {
  return new LedgermeshError('MALFORMED', `header: ${what}`)
}
