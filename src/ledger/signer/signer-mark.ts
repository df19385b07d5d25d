/**
 * The signer's mark (I2): how far this key has signed, in a file beside the key and outside LevelDB. A store that was
 * restored from an old backup does not know what was signed since; the mark does.
 *
 * The file has two slots, each a line of JSON with a counter and a check, padded with blanks. A write replaces the
 * older slot in place, which needs one sync of one block instead of a new file and a rename: a crash during the write
 * leaves the newer slot.
 */
import { closeSync, fdatasync, fstatSync, writeSync } from 'node:fs'
import { promisify } from 'node:util'
import { LedgermeshError } from '../../core/errors.js'
import { hasExactly, isInteger, isObject } from '../../core/grammar.js'
import { isHash, sha256, type Hash } from '../../core/hash.js'
import { isLedgerId, type LedgerId } from '../../core/ledger-id.js'
import { replaceFile } from '../../store/durable-file.js'
import { openInPlace, readNoLink } from '../../store/open-no-link.js'

export interface SignerMark {
  ledger: LedgerId
  /** The newest entry that was signed. */
  seq: number
  hash: Hash
  /** The newest checkpoint that was signed. */
  checkpoint: { size: number; root: Hash } | null
}

/** Bytes of a slot: a block of the disk, so that writing one never touches the other. */
const SLOT_BYTES = 4096
/** Hex digits of the hash behind a slot's JSON. */
const CHECK_DIGITS = 16

const datasync = promisify(fdatasync)

/** Throws BAD_FILE for a file that is not a mark; null: there is no file. */
export async function readMark(path: string): Promise<SignerMark | null> {
  return (await MarkFile.open(path)).mark
}

export class MarkFile {
  readonly path: string
  #mark: SignerMark | null
  /** Counts the writes; the slot is its parity. */
  #count: number

  private constructor(path: string, read: Read | null) {
    this.path = path
    this.#mark = read?.mark ?? null
    this.#count = read?.count ?? 0
  }

  /**
   * Throws BAD_FILE for a file that is not a mark, and for a symbolic link, which could point to another ledger's mark.
   */
  static async open(path: string): Promise<MarkFile> {
    const bytes = await readNoLink(path)
    if (bytes === null) return new MarkFile(path, null)
    const read = newestSlot(bytes) ?? wholeFile(bytes)
    if (read === null) throw new LedgermeshError('BAD_FILE', `${path} is not a signer's mark`)
    return new MarkFile(path, read)
  }

  /** The mark that was last read or written; null: there is no file. */
  get mark(): SignerMark | null {
    return this.#mark
  }

  /** Durable when it resolves: a crash leaves the old mark or the new one. One call at a time. */
  async write(mark: SignerMark): Promise<void> {
    const count = this.#count + 1
    const slot = encodeSlot(mark, count)
    if (!(await this.#replace(slot, (count % 2) * SLOT_BYTES))) await this.#create(slot, count)
    this.#count = count
    this.#mark = mark
  }

  /**
   * False: there is no file with two slots. The file is opened each time, so that the file now at the path is written,
   * even if it was replaced meanwhile.
   */
  async #replace(slot: Buffer, position: number): Promise<boolean> {
    const file = openInPlace(this.path)
    if (file === null) return false
    try {
      if (fstatSync(file).size !== 2 * SLOT_BYTES) return false
      if (writeSync(file, slot, 0, slot.length, position) !== slot.length)
        throw new Error(`${this.path} was not written whole`)
      await datasync(file)
    } finally {
      closeSync(file)
    }
    return true
  }

  async #create(slot: Buffer, count: number): Promise<void> {
    const other = slotOf('')
    await replaceFile(this.path, Buffer.concat(count % 2 === 0 ? [slot, other] : [other, slot]))
  }
}

interface Read {
  mark: SignerMark
  count: number
}

function encodeSlot(mark: SignerMark, count: number): Buffer {
  const text = JSON.stringify({ ...mark, count })
  return slotOf(`${text} ${checkOf(text)}`)
}

function slotOf(text: string): Buffer {
  return Buffer.from(`${text.padEnd(SLOT_BYTES - 1)}\n`)
}

function newestSlot(bytes: Buffer): Read | null {
  let newest: Read | null = null
  for (const position of [0, SLOT_BYTES]) {
    const read = decodeSlot(bytes.toString('utf8', position, position + SLOT_BYTES))
    if (read !== null && (read.count % 2) * SLOT_BYTES === position && read.count > (newest?.count ?? 0)) newest = read
  }
  return newest
}

/** Null: half-written or empty. */
function decodeSlot(slot: string): Read | null {
  const [text, check] = slot.trimEnd().split(' ')
  if (text === undefined || check !== checkOf(text)) return null
  const value = tryParse(text)
  if (!isObject(value)) return null
  const { count, ...mark } = value
  return isMark(mark) && isInteger(count, Number.MAX_SAFE_INTEGER) ? { mark, count } : null
}

/** The oldest format: the mark's JSON and nothing else. */
function wholeFile(bytes: Buffer): Read | null {
  const mark = tryParse(bytes.toString())
  return isMark(mark) ? { mark, count: 0 } : null
}

/** undefined: not JSON. */
function tryParse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined // the caller names what was expected
  }
}

function checkOf(text: string): string {
  return sha256(Buffer.from(text)).slice(0, CHECK_DIGITS)
}

function isMark(value: unknown): value is SignerMark {
  return (
    hasExactly(value, ['checkpoint', 'hash', 'ledger', 'seq']) &&
    isLedgerId(value.ledger) &&
    isInteger(value.seq, Number.MAX_SAFE_INTEGER) &&
    isHash(value.hash) &&
    (value.checkpoint === null ||
      (hasExactly(value.checkpoint, ['root', 'size']) &&
        isInteger(value.checkpoint.size, Number.MAX_SAFE_INTEGER) &&
        isHash(value.checkpoint.root)))
  )
}
