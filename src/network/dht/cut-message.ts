/**
 * Reduces a DHT message to what this network uses, before kad-dht decodes it (FAULTS S1, R7). kad-dht itself accepts
 * any number of peers and addresses, and passes them to the peer store and to the next peer that asks. Surplus is no
 * offence, because older nodes relay what unknown peers sent them, so it is left out silently. Nothing in these
 * messages is signed.
 */
import { multiaddr } from '@multiformats/multiaddr'
import * as varint from 'uint8-varint'
import { concat } from 'uint8arrays/concat'
import { WireError } from '../../../protocols/wire.js'
import { classOf } from '../dialling/address-class.js'
import { MAX_DHT_MESSAGE_BYTES } from '../costs.js'

/**
 * Peers in each of the two lists, closer peers and providers; and providers in an answer to this node: otherwise the
 * first dishonest peer would fill the search alone.
 */
export const MAX_PEERS = 20
const MAX_PROVIDERS_HEARD = 8
/** Addresses of one peer, and bytes of one. */
export const MAX_ADDRESSES = 16
const MAX_ADDRESS_BYTES = 256
/** Bytes of a key (a SHA-256 multihash, or a peer id) and of a peer id. */
const MAX_KEY_BYTES = 128
const MAX_PEER_BYTES = 64

/**
 * Field numbers of kad-dht's Message and PeerInfo, and types of messages. The rest of the types store values: state
 * never comes from the DHT.
 */
const TYPE = 1
const KEY = 2
const CLOSER = 8
const PROVIDERS = 9
const CLUSTER = 10
const PEER_ID = 1
const PEER_ADDRESS = 2
const ADD_PROVIDER = 2
const GET_PROVIDERS = 3
const FIND_NODE = 4
const PING = 5
const TYPES = [ADD_PROVIDER, GET_PROVIDERS, FIND_NODE, PING]
/** Wire types of protobuf. */
const VARINT = 0
const BYTES = 2

/** asked: a peer's request to this node. heard: an answer to this node. told: a message that this node sends. */
export type Side = 'asked' | 'heard' | 'told'

interface Field {
  number: number
  wire: number
  raw: Uint8Array
  value: Uint8Array
  int: number
}

/**
 * The message with at most 20 peers a list, each once and with at most 16 addresses that could be dialled, and without
 * fields that this network does not use. Throws INVALID_FRAME for bytes that are not a message of this network, and
 * TOO_LARGE above 64 KiB.
 */
export function cutMessage(bytes: Uint8Array, side: Side): Uint8Array {
  if (bytes.byteLength > MAX_DHT_MESSAGE_BYTES)
    throw new WireError('TOO_LARGE', `a DHT message of ${bytes.byteLength} bytes`)
  let type: number | undefined
  const out: Uint8Array[] = []
  const lists = { [CLOSER]: [] as Uint8Array[], [PROVIDERS]: [] as Uint8Array[] }
  for (const field of fieldsOf(bytes)) {
    const { number, wire, raw, value, int } = field
    if (number === TYPE && wire === VARINT && type === undefined) {
      type = int
      out.push(raw)
    } else if (number === KEY && wire === BYTES) {
      if (value.byteLength > MAX_KEY_BYTES)
        throw new WireError('INVALID_FRAME', `a DHT key of ${value.byteLength} bytes`)
      out.push(raw)
    } else if (number === CLUSTER && wire === VARINT) {
      out.push(raw)
    } else if ((number === CLOSER || number === PROVIDERS) && wire === BYTES) {
      // Only ADD_PROVIDER uses the peers that a request names beside its key.
      lists[number].push(value)
    }
  }
  if (type === undefined || !TYPES.includes(type))
    throw new WireError('INVALID_FRAME', `a DHT message of type ${type ?? 0}`)
  if (side !== 'asked') out.push(...peersOf(CLOSER, lists[CLOSER], MAX_PEERS))
  if (side !== 'asked' || type === ADD_PROVIDER)
    out.push(...peersOf(PROVIDERS, lists[PROVIDERS], side === 'heard' ? MAX_PROVIDERS_HEARD : MAX_PEERS))
  return concat(out)
}

function peersOf(number: number, values: Uint8Array[], max: number): Uint8Array[] {
  const seen = new Set<string>()
  const out: Uint8Array[] = []
  for (const value of values.slice(0, max)) {
    const peer = cutPeer(value)
    if (peer === undefined || seen.has(peer.id)) continue
    seen.add(peer.id)
    out.push(encodeField(number, peer.bytes))
  }
  return out
}

/** undefined: not a description of a peer. */
function cutPeer(bytes: Uint8Array): { id: string; bytes: Uint8Array } | undefined {
  let id: Uint8Array | undefined
  let given = 0
  const addresses = new Set<string>()
  const out: Uint8Array[] = []
  for (const { number, wire, raw, value } of fieldsOf(bytes)) {
    if (wire !== BYTES) continue
    if (number === PEER_ID && id === undefined && isPeerId(value)) {
      id = value
      out.push(raw)
    } else if (number === PEER_ADDRESS && given++ < MAX_ADDRESSES && isAddress(value)) {
      const text = hex(value)
      if (!addresses.has(text)) out.push(raw)
      addresses.add(text)
    }
  }
  return id === undefined ? undefined : { id: hex(id), bytes: concat(out) }
}

/** A multihash of the two kinds that peer ids are: the key itself (code 0), or its SHA-256 (code 0x12). */
function isPeerId(value: Uint8Array): boolean {
  return (
    value.byteLength <= MAX_PEER_BYTES &&
    (value[0] === 0x00 || (value[0] === 0x12 && value[1] === 32)) &&
    value[1] === value.byteLength - 2 &&
    value.byteLength > 2
  )
}

/** Is the address well-formed, and not of a class that is never dialled? */
function isAddress(value: Uint8Array): boolean {
  if (value.byteLength > MAX_ADDRESS_BYTES) return false
  try {
    return classOf(multiaddr(value)) !== 'never'
  } catch {
    return false // not an address: left out, like surplus
  }
}

function* fieldsOf(bytes: Uint8Array): Generator<Field> {
  for (let at = 0; at < bytes.byteLength;) {
    const start = at
    const tag = int(bytes, at)
    at += varint.encodingLength(tag)
    const [number, wire] = [Math.floor(tag / 8), tag % 8]
    const length = wire === VARINT || wire === BYTES ? int(bytes, at) : fail(`a field of wire type ${wire}`)
    at += varint.encodingLength(length)
    const end = wire === BYTES ? at + length : at
    if (end > bytes.byteLength) fail('a field that is longer than its message')
    yield { number, wire, raw: bytes.subarray(start, end), value: bytes.subarray(at, end), int: length }
    at = end
  }
}

/** A varint in its shortest form, so that its length is that of its value. */
function int(bytes: Uint8Array, at: number): number {
  let value: number
  try {
    value = varint.decode(bytes, at)
  } catch {
    return fail('a varint that is cut short')
  }
  // beyond 2^53 the library decodes what it cannot encode again
  if (!Number.isSafeInteger(value)) fail('a varint of more than 53 bits')
  if (bytes[at + varint.encodingLength(value) - 1]! >= 0x80) fail('a varint that is not minimal')
  return value
}

function encodeField(number: number, value: Uint8Array): Uint8Array {
  return concat([varint.encode(number * 8 + BYTES), varint.encode(value.byteLength), value])
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('hex')
}

function fail(problem: string): never {
  throw new WireError('INVALID_FRAME', problem)
}
