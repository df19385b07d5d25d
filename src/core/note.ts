/**
 * C2SP signed notes (c2sp.org/signed-note): a text, an empty line, and signature lines `— <name> <base64(key hash ‖
 * signature)>`. Ed25519 keys and timestamped cosignatures (c2sp.org/tlog-cosignature, `cosignature/v1`) are understood;
 * lines of other keys are ignored.
 */
import { concat, fromBase64, toBase64, toUtf8 } from '#platform'
import { LedgermeshError } from './errors.js'
import { decodeUtf8 } from './canonical.js'
import { fromHex, sha256, toHex } from './hash.js'
import type { SigningKey } from './keys.js'
import { HASH_BYTES, SIGNATURE_BYTES } from './limits.js'
import type { Verify } from './signature.js'

export interface Note {
  /** Ends with a newline. */
  text: string
  signatures: NoteSignature[]
}

export interface NoteSignature {
  name: string
  /** Four bytes, hex: identifies one of the keys of that name. */
  keyHash: string
  signature: Uint8Array
}

export interface Vkey {
  name: string
  keyHash: string
  type: typeof ED25519 | typeof COSIGNATURE
  /** 32 bytes. */
  publicKey: Uint8Array
}

/** Signature types of the specification that we read. */
const ED25519 = 0x01
const COSIGNATURE = 0x04
/** Signature lines of one note: the specification asks for at least 16. */
const MAX_SIGNATURES = 100
/** Bytes of a note. */
const MAX_NOTE_BYTES = 1024 * 1024
const KEY_HASH_BYTES = 4
const TIMESTAMP_BYTES = 8

const SIGNATURE_LINE = /^— (\S+) (\S+)$/u
// eslint-disable-next-line no-control-regex
const CONTROL = /[\u0000-\u0009\u000b-\u001f]/
const NAME = /^[^\s\u0085+]+$/u
const VKEY = /^([^\s+]+)\+([0-9a-f]{8})\+(\S+)$/u

/** Throws MALFORMED or TOO_LARGE. No signature is checked. */
export function parseNote(input: Uint8Array | string): Note {
  const source = typeof input === 'string' ? input : decodeUtf8(input)
  if (source.length > MAX_NOTE_BYTES) throw new LedgermeshError('TOO_LARGE', 'note')
  const split = source.lastIndexOf('\n\n')
  if (split < 0) throw malformed('no empty line before the signatures')
  const text = source.slice(0, split + 1)
  checkText(text)
  const lines = source.slice(split + 2).split('\n')
  if (lines.pop() !== '' || lines.length === 0) throw malformed('no signature line, or one without its newline')
  if (lines.length > MAX_SIGNATURES) throw malformed('too many signatures')
  return { text, signatures: lines.map(parseSignature) }
}

/** Throws MALFORMED unless the text is one that a note can carry. */
export function checkText(text: string): void {
  if (!text.endsWith('\n') || CONTROL.test(text) || !text.isWellFormed())
    throw malformed('the text has control characters, or no newline at its end')
}

function parseSignature(line: string): NoteSignature {
  const match = SIGNATURE_LINE.exec(line)
  if (match === null || CONTROL.test(line) || !NAME.test(match[1]!)) throw malformed('a signature line')
  const bytes = fromBase64(match[2]!)
  if (bytes === null || bytes.length <= KEY_HASH_BYTES) throw malformed('a signature')
  return {
    name: match[1]!,
    keyHash: toHex(bytes.subarray(0, KEY_HASH_BYTES)),
    signature: bytes.subarray(KEY_HASH_BYTES)
  }
}

/**
 * Checks the signatures by known keys, and ignores the others. Throws MALFORMED, and BAD_SIGNATURE when a known key's
 * signature is wrong or no known key has signed. `verified` are the keys that signed, in the order of the lines.
 */
export async function verifyNote(
  input: Uint8Array | string,
  vkeys: readonly Vkey[],
  verify: Verify
): Promise<{ text: string; verified: Vkey[] }> {
  const { text, signatures } = parseNote(input)
  const verified: Vkey[] = []
  for (const { name, keyHash, signature } of signatures) {
    const vkey = vkeys.find((known) => known.name === name && known.keyHash === keyHash)
    if (vkey === undefined || verified.includes(vkey)) continue
    if (!(await isSignedBy(vkey, text, signature, verify)))
      throw new LedgermeshError('BAD_SIGNATURE', `the note is not signed by ${name}`)
    verified.push(vkey)
  }
  if (verified.length === 0) throw new LedgermeshError('BAD_SIGNATURE', 'the note is not signed by a known key')
  return { text, verified }
}

async function isSignedBy(vkey: Vkey, text: string, signature: Uint8Array, verify: Verify): Promise<boolean> {
  if (vkey.type === ED25519)
    return signature.length === SIGNATURE_BYTES && (await verify(vkey.publicKey, toUtf8(text), signature))
  const time = cosignatureTime(signature)
  if (time === null) return false
  return await verify(
    vkey.publicKey,
    toUtf8(`cosignature/v1\ntime ${time}\n${text}`),
    signature.subarray(TIMESTAMP_BYTES)
  )
}

/** When a `cosignature/v1` was made, in seconds since the epoch (null: not such a signature). */
export function cosignatureTime(signature: Uint8Array): bigint | null {
  if (signature.length !== TIMESTAMP_BYTES + SIGNATURE_BYTES) return null
  return new DataView(signature.buffer, signature.byteOffset, signature.byteLength).getBigUint64(0)
}

/**
 * The text with one signature line by the key, under that name. Throws MALFORMED for a text or a name that a note
 * cannot carry.
 */
export async function signNote(text: string, name: string, key: SigningKey): Promise<string> {
  checkText(text)
  const vkey = makeVkey(name, fromHex(key.publicKey))
  const signature = await key.sign(toUtf8(text))
  return formatNote({ text, signatures: [{ name, keyHash: vkey.keyHash, signature }] })
}

/** The one way to write a note that was parsed. */
export function formatNote({ text, signatures }: Note): string {
  const lines = signatures.map(
    ({ name, keyHash, signature }) => `— ${name} ${toBase64(concat(fromHex(keyHash), signature))}\n`
  )
  return `${text}\n${lines.join('')}`
}

/**
 * The verifier key of an Ed25519 public key (32 bytes) under a name. Throws MALFORMED for a name with spaces or `+`.
 */
export function makeVkey(name: string, publicKey: Uint8Array, type: Vkey['type'] = ED25519): Vkey {
  if (!NAME.test(name) || CONTROL.test(name) || publicKey.length !== HASH_BYTES) throw malformed('a key name')
  const keyHash = sha256(toUtf8(`${name}\n`), Uint8Array.of(type), publicKey).slice(0, 2 * KEY_HASH_BYTES)
  return { name, keyHash, type, publicKey }
}

/** `<name>+<key hash>+<base64(type ‖ public key)>`. Throws MALFORMED. */
export function parseVkey(text: string): Vkey {
  const match = VKEY.exec(text)
  const bytes = match === null ? null : fromBase64(match[3]!)
  const type = bytes?.[0]
  if (match === null || bytes === null || (type !== ED25519 && type !== COSIGNATURE))
    throw malformed('not a verifier key that we understand')
  const vkey = makeVkey(match[1]!, bytes.subarray(1), type)
  if (vkey.keyHash !== match[2]) throw malformed('the key hash is not that of the verifier key')
  return vkey
}

export function formatVkey({ name, keyHash, type, publicKey }: Vkey): string {
  return `${name}+${keyHash}+${toBase64(concat(Uint8Array.of(type), publicKey))}`
}

function malformed(what: string): LedgermeshError {
  return new LedgermeshError('MALFORMED', `note: ${what}`)
}
