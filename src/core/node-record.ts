/**
 * NodeRecord: a signed, expiring description of a node. Its bytes are canonical JSON and travel unchanged.
 * It carries authority only when shown on the Noise connection of the peer that it names.
 */
import { toUtf8 } from '#platform'
import { canonicalize, parseCanonical } from './canonical.js'
import { LedgermeshError } from './errors.js'
import { fromHex, isHash } from './hash.js'
import { hasExactly, isInteger, isName } from './grammar.js'
import { isLedgerId, type LedgerId } from './ledger-id.js'
import { isNetworkName, isPeerIdText } from './ledger-types.js'
import { MAX_NODE_RECORD_BYTES, MAX_NODE_RECORD_LIFE_MS, MAX_TIMESTAMP_MS, SIGNATURE_BYTES } from './limits.js'
import { signingInput, type Verify } from './signature.js'

/**
 * A node's description of itself: which ledger it represents, its addresses, and what it serves. Signed, and valid for
 * at most a day.
 */
export interface NodeRecord {
  v: 1
  network: string
  ledger: LedgerId
  peer_id: string
  /**
   * The key that signs this record, hex: the ledger's key in force, or the key of a peer that a ledger.authorize-node
   * entry names.
   */
  key: string
  /** The higher seq of a peer's records wins. */
  seq: number
  /** Milliseconds since the epoch; at most 24 h between the two. */
  issued: number
  expires: number
  addrs: string[]
  capabilities: string[]
  metadata: { version: string; streams: string[]; region: string | null }
}

/** The canonical bytes of a `NodeRecord` and their Ed25519 signature (64 bytes). */
export interface SignedNodeRecord {
  body: Uint8Array
  signature: Uint8Array
}

const MAX_ADDRS = 16
const MAX_ADDR_CHARS = 256
const MAX_CAPABILITIES = 32
const MAX_STREAMS = 32

export function encodeNodeRecord(record: NodeRecord): Uint8Array {
  const body = toUtf8(canonicalize(record))
  if (!isNodeRecord(record) || body.length > MAX_NODE_RECORD_BYTES)
    throw new LedgermeshError('BAD_RECORD', 'the node record does not follow its grammar')
  return body
}

/** Throws BAD_RECORD, MALFORMED or NOT_CANONICAL. Does not look at signature or time. */
export function decodeNodeRecord(body: Uint8Array): NodeRecord {
  if (body.length > MAX_NODE_RECORD_BYTES) throw new LedgermeshError('BAD_RECORD', 'the node record is too large')
  const value = parseCanonical(body, 3)
  if (!isNodeRecord(value)) throw new LedgermeshError('BAD_RECORD', 'the node record does not follow its grammar')
  return value
}

/**
 * Is the record signed by its own `key`, for this network, and in force at `now`? The ledger's chain decides whether
 * that key may represent the ledger.
 */
export async function verifyNodeRecord(
  signed: SignedNodeRecord,
  network: string,
  now: number,
  verify: Verify
): Promise<NodeRecord> {
  const record = decodeNodeRecord(signed.body)
  if (record.network !== network)
    throw new LedgermeshError('WRONG_NETWORK', `the node record is for network ${record.network}`)
  if (record.expires <= now) throw new LedgermeshError('BAD_RECORD', 'the node record has expired')
  if (
    signed.signature.length !== SIGNATURE_BYTES ||
    !(await verify(fromHex(record.key), signingInput('nodeRecord', signed.body), signed.signature))
  ) {
    throw new LedgermeshError('BAD_RECORD', 'the node record is not signed by its key')
  }
  return record
}

function isNodeRecord(value: unknown): value is NodeRecord {
  return (
    hasExactly(value, [
      'addrs',
      'capabilities',
      'expires',
      'issued',
      'key',
      'ledger',
      'metadata',
      'network',
      'peer_id',
      'seq',
      'v'
    ]) &&
    value.v === 1 &&
    isNetworkName(value.network) &&
    isLedgerId(value.ledger) &&
    isPeerIdText(value.peer_id) &&
    isHash(value.key) &&
    isInteger(value.seq, Number.MAX_SAFE_INTEGER) &&
    isInteger(value.issued, MAX_TIMESTAMP_MS) &&
    isInteger(value.expires, MAX_TIMESTAMP_MS) &&
    value.expires > value.issued &&
    value.expires - value.issued <= MAX_NODE_RECORD_LIFE_MS &&
    isNames(
      value.addrs,
      MAX_ADDRS,
      (addr) => typeof addr === 'string' && addr.length > 0 && addr.length <= MAX_ADDR_CHARS
    ) &&
    isNames(value.capabilities, MAX_CAPABILITIES, isName) &&
    hasExactly(value.metadata, ['region', 'streams', 'version']) &&
    isName(value.metadata.version) &&
    (value.metadata.region === null || isName(value.metadata.region)) &&
    isNames(value.metadata.streams, MAX_STREAMS, isName)
  )
}

function isNames(value: unknown, max: number, check: (item: unknown) => boolean): boolean {
  return Array.isArray(value) && value.length <= max && value.every(check)
}
