/**
 * Checkpoints (c2sp.org/tlog-checkpoint): a signed note with three lines, origin, size and root. One of ours has the
 * origin `ledgermesh/<network>/<ledger>`, its key has that name too, and the key in force after `size` entries signs
 * it.
 */
import { LedgermeshError } from './errors.js'
import { fromHex, isHash, toHex, type Hash } from './hash.js'
import { toBase64, fromBase64, utf8Length } from '#platform'
import { isNetworkName } from './ledger-types.js'
import { isLedgerId, type LedgerId } from './ledger-id.js'
import type { SigningKey } from './keys.js'
import { HASH_BYTES, MAX_CHECKPOINT_BYTES } from './limits.js'
import { checkText, formatNote, formatVkey, makeVkey, parseNote, signNote, verifyNote } from './note.js'
import { DOMAINS, type Verify } from './signature.js'

/**
 * A ledger's checkpoint: the RFC 6962 root over its first `size` entries; `origin` names network and ledger, `size` is
 * at most 2^53 − 1.
 */
export interface Checkpoint {
  origin: string
  /** Entries under the root. */
  size: number
  root: Hash
}

/** A checkpoint of any log: sizes up to 2^64 − 1, and extension lines that only that log understands. */
export interface ParsedCheckpoint {
  origin: string
  size: bigint
  root: Hash
  extensions: string[]
}

const SIZE = /^(?:0|[1-9][0-9]{0,19})$/
const MAX_SIZE = 2n ** 64n - 1n

/** Throws MALFORMED for invalid names. */
export function checkpointOrigin(network: string, ledger: LedgerId): string {
  if (!isNetworkName(network) || !isLedgerId(ledger))
    throw new LedgermeshError('MALFORMED', 'not a network and a ledger')
  return `${DOMAINS.checkpoint}${network}/${ledger}`
}

/** The verifier key, for tools that read C2SP notes. */
export function vkeyOf(origin: string, publicKeyHex: string): string {
  return formatVkey(makeVkey(origin, fromHex(publicKeyHex)))
}

/**
 * The text that is signed. Throws MALFORMED for an empty origin, a root that is not a hash, or a size that is not a
 * safe integer.
 */
export function formatCheckpoint({ origin, size, root }: Checkpoint): string {
  if (origin === '' || origin.includes('\n') || !Number.isSafeInteger(size) || size < 0 || !isHash(root))
    throw malformed('origin, size or root')
  return `${origin}\n${size}\n${toBase64(fromHex(root))}\n`
}

/** Reads the text of a checkpoint, without its signatures. Throws MALFORMED. */
export function parseCheckpoint(text: string): ParsedCheckpoint {
  checkText(text)
  const [origin, size, root, ...extensions] = text.slice(0, -1).split('\n')
  if (origin === undefined || origin === '') throw malformed('origin')
  if (size === undefined || !SIZE.test(size) || BigInt(size) > MAX_SIZE) throw malformed('size')
  const bytes = root === undefined ? null : fromBase64(root)
  if (bytes?.length !== HASH_BYTES) throw malformed('root')
  if (extensions.includes('')) throw malformed('an empty extension line')
  return { origin, size: BigInt(size), root: toHex(bytes), extensions }
}

/** The note of a checkpoint, signed by the key. Sign only what is durable and was re-read (DESIGN §2). */
export async function signCheckpoint(checkpoint: Checkpoint, key: SigningKey): Promise<string> {
  return await signNote(formatCheckpoint(checkpoint), checkpoint.origin, key)
}

/**
 * The contents of a ledger's checkpoint note, with its signature not checked: the size tells which key to check it
 * with. Throws TOO_LARGE, MALFORMED (also a size of 0 or above 2^53 − 1, and extension lines: ours have none), or
 * WRONG_LEDGER.
 */
export function readCheckpoint(note: string, { network, ledger }: { network: string; ledger: LedgerId }): Checkpoint {
  if (utf8Length(note) > MAX_CHECKPOINT_BYTES) throw new LedgermeshError('TOO_LARGE', 'checkpoint')
  const { origin, size, root, extensions } = parseCheckpoint(parseNote(note).text)
  if (origin !== checkpointOrigin(network, ledger))
    throw new LedgermeshError('WRONG_LEDGER', `a checkpoint of ${origin}`)
  if (size < 1n || size > BigInt(Number.MAX_SAFE_INTEGER) || extensions.length > 0)
    throw malformed('a ledger has no such checkpoint')
  return { origin, size: Number(size), root }
}

/**
 * `readCheckpoint`, and checks that `key` (hex: the key in force after `size` entries) has signed it. Throws
 * BAD_SIGNATURE too.
 */
export async function verifyCheckpoint(
  note: string,
  of: { network: string; ledger: LedgerId; key: string },
  verify: Verify
): Promise<Checkpoint> {
  const checkpoint = readCheckpoint(note, of)
  await verifyNote(note, [makeVkey(checkpoint.origin, fromHex(of.key))], verify)
  return checkpoint
}

/** The note with the ledger's own signature lines by `key` alone: witnesses' cosignatures left out. */
export function withoutCosignatures(note: string, origin: string, key: string): string {
  const { text, signatures } = parseNote(note)
  const { keyHash } = makeVkey(origin, fromHex(key))
  const own = signatures.find((signature) => signature.name === origin && signature.keyHash === keyHash)
  if (own === undefined) throw new LedgermeshError('BAD_SIGNATURE', 'the checkpoint is not signed by that key')
  return formatNote({ text, signatures: [own] })
}

function malformed(what: string): LedgermeshError {
  return new LedgermeshError('MALFORMED', `checkpoint: ${what}`)
}
