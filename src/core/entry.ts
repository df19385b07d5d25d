import { sha256, fromHex, type Hash } from './hash.js'
import { decodeHeader, type Header } from './header.js'
import { ledgerIdOf, type LedgerId } from './ledger-id.js'
import { LedgermeshError } from './errors.js'
import { SIGNATURE_BYTES } from './limits.js'
import { checkPayload } from './payload.js'
import { signingInput, type Verify } from './signature.js'

/** A signed header: bytes whose author the signature proves. */
export interface SignedHeader {
  header: Uint8Array
  /** 64 bytes. */
  signature: Uint8Array
}

/**
 * An entry as it travels and is stored. The payload may be absent: erased, filtered out, missing, or there never was
 * one.
 */
export interface RawEntry extends SignedHeader {
  payload: Uint8Array | null
}

/** A raw entry beside what its bytes say. Its grammar has been checked; its signature may not have been. */
export interface Entry {
  header: Header
  hash: Hash
  raw: RawEntry
}

const LEAF = Uint8Array.of(0)

/** SHA-256(0x00 ‖ header ‖ signature): the chain link and the RFC 6962 leaf hash at once. */
export function entryHash({ header, signature }: SignedHeader): Hash {
  return sha256(LEAF, header, signature)
}

/**
 * Checks the grammar of the header, and the payload against it when there is one. The signature is not checked here.
 */
export function decodeEntry(raw: RawEntry): Entry {
  if (raw.signature.length !== SIGNATURE_BYTES)
    throw new LedgermeshError('MALFORMED', `a signature is ${SIGNATURE_BYTES} bytes`)
  const header = decodeHeader(raw.header)
  if (raw.payload !== null) checkPayload(header, raw.payload)
  return { header, hash: entryHash(raw), raw }
}

/** Decodes an entry without its payload, also when it comes with one. */
export function decodeSigned({ header, signature }: SignedHeader): Entry {
  return decodeEntry({ header, signature, payload: null })
}

/** The ledger that an entry belongs to: a genesis names it by its own hash. */
export function ledgerOf(entry: Entry): LedgerId {
  return entry.header.ledger ?? ledgerIdOf(entry.hash)
}

/** Is the entry signed by its own `key`? The chain decides whether that key is in force. */
export function verifyEntrySignature(entry: Entry, verify: Verify): boolean | Promise<boolean> {
  return verify(fromHex(entry.header.key), signingInput('entry', entry.raw.header), entry.raw.signature)
}
