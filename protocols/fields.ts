/**
 * Checks that several protocols make on fields. All throw INVALID_FRAME or TOO_LARGE; what is signed is opaque here.
 */
import { WireError } from './codes.js'
import {
  HASH_BYTES,
  MAX_CHECKPOINT_BYTES,
  MAX_EVIDENCE_BYTES,
  MAX_HEADER_BYTES,
  MAX_KEY_ENTRIES,
  MAX_PAYLOAD_BYTES,
  MAX_RECORD_BYTES,
  MAX_SAFE_NUMBER,
  SIGNATURE_BYTES
} from './limits.js'
import type { SignedRecord, WireEntry, WireHead, WireKeyEntry } from './types.js'

const LEDGER = /^b[a-z2-7]{52}$/
const NETWORK = /^[a-z0-9-]{1,32}$/

export function invalid(what: string): never {
  throw new WireError('INVALID_FRAME', what)
}

export function checkLedger(ledger: string): string {
  return LEDGER.test(ledger) ? ledger : invalid('not a ledger id')
}

export function checkNetwork(network: string): string {
  return NETWORK.test(network) ? network : invalid('not a network name')
}

export function checkNumber(value: number, what: string, max = MAX_SAFE_NUMBER): number {
  if (!Number.isInteger(value) || value < 0) invalid(what)
  if (value > max) throw new WireError('TOO_LARGE', `${what} above ${max}`)
  return value
}

/** Not empty, and at most `max` bytes. */
export function checkBytes(bytes: Uint8Array, what: string, max: number): Uint8Array {
  if (bytes.byteLength > max)
    throw new WireError('TOO_LARGE', `${what} of ${bytes.byteLength} bytes; the limit is ${max}`)
  return bytes.byteLength === 0 ? invalid(`${what} is empty`) : bytes
}

/** Well-formed, not empty, and at most `max` UTF-8 bytes. */
export function checkText(text: string, what: string, max: number): string {
  if (Buffer.byteLength(text) > max) throw new WireError('TOO_LARGE', `${what} above ${max} bytes`)
  return text.length === 0 || !text.isWellFormed() ? invalid(`${what} is no text`) : text
}

export function checkSignature(signature: Uint8Array): Uint8Array {
  return signature.byteLength === SIGNATURE_BYTES ? signature : invalid(`a signature has ${SIGNATURE_BYTES} bytes`)
}

export function checkHash(hash: Uint8Array): Uint8Array {
  return hash.byteLength === HASH_BYTES ? hash : invalid(`a hash has ${HASH_BYTES} bytes`)
}

export function toKeyEntry({ header, signature }: WireKeyEntry): WireKeyEntry {
  return { header: checkBytes(header, 'header', MAX_HEADER_BYTES), signature: checkSignature(signature) }
}

interface EntryMessage {
  header: Uint8Array
  signature: Uint8Array
  payload?: Uint8Array
}

export function toEntry(message: EntryMessage): WireEntry {
  return {
    ...toKeyEntry(message),
    payload: message.payload === undefined ? null : checkBytes(message.payload, 'payload', MAX_PAYLOAD_BYTES)
  }
}

export function fromEntry(entry: WireEntry): EntryMessage {
  const { header, signature, payload } = toEntry({
    header: entry.header,
    signature: entry.signature,
    ...(entry.payload === null ? {} : { payload: entry.payload })
  })
  return { header, signature, ...(payload === null ? {} : { payload }) }
}

interface HeadMessage {
  ledger: string
  header: Uint8Array
  signature: Uint8Array
  checkpoint?: string
  evidence?: Uint8Array
  earliest: number
}

export function toHead(message: HeadMessage): WireHead {
  const { ledger, checkpoint, evidence, earliest } = message
  return {
    ledger: checkLedger(ledger),
    // Copies: heads are kept, and a view would keep its whole frame.
    header: checkBytes(message.header, 'header', MAX_HEADER_BYTES).slice(),
    signature: checkSignature(message.signature).slice(),
    checkpoint: checkpoint === undefined ? null : checkText(checkpoint, 'checkpoint', MAX_CHECKPOINT_BYTES),
    evidence: evidence === undefined ? null : checkBytes(evidence, 'evidence', MAX_EVIDENCE_BYTES),
    earliest: checkNumber(earliest, 'earliest')
  }
}

export function fromHead({ ledger, header, signature, checkpoint, evidence, earliest }: WireHead): HeadMessage {
  const message = {
    ledger,
    header,
    signature,
    ...(checkpoint === null ? {} : { checkpoint }),
    ...(evidence === null ? {} : { evidence }),
    earliest
  }
  toHead(message)
  return message
}

/** Checks a record in either direction. */
export function toRecord({ body, signature, keyEntries }: SignedRecord): SignedRecord {
  if (keyEntries.length > MAX_KEY_ENTRIES) throw new WireError('TOO_LARGE', `more than ${MAX_KEY_ENTRIES} key entries`)
  return {
    body: checkBytes(body, 'record', MAX_RECORD_BYTES),
    signature: checkSignature(signature),
    keyEntries: keyEntries.map(toKeyEntry)
  }
}
