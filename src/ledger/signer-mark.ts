/**
 * The signer's mark (I2): how far this key has signed, in a file beside the key and outside LevelDB. A store that was restored from
 * an old backup does not know what it signed since; the mark does.
 */
import { open, readFile, rename } from 'node:fs/promises'
import { dirname } from 'node:path'
import { LedgermeshError } from '../core/errors.js'
import { hasExactly, isInteger } from '../core/grammar.js'
import { isHash, type Hash } from '../core/hash.js'
import { isLedgerId, type LedgerId } from '../core/ledger-id.js'

export interface SignerMark {
  ledger: LedgerId
  /** The newest entry that was signed. */
  seq: number
  hash: Hash
  /** The newest checkpoint that was signed. */
  checkpoint: { size: number, root: Hash } | null
}

/** Throws BAD_FILE for a file that is not a mark; null: there is no file. */
export async function readMark (path: string): Promise<SignerMark | null> {
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw new LedgermeshError('BAD_FILE', `cannot read ${path}: ${(error as Error).message}`, undefined, { cause: error })
  }
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    throw new LedgermeshError('BAD_FILE', `${path} is not JSON`, undefined, { cause: error })
  }
  if (!isMark(value)) throw new LedgermeshError('BAD_FILE', `${path} is not a signer's mark`)
  return value
}

/** On the disk when it resolves: a crash leaves the old mark or the new one. */
export async function writeMark (path: string, mark: SignerMark): Promise<void> {
  const temporary = `${path}.tmp`
  const file = await open(temporary, 'w', 0o600)
  try {
    await file.writeFile(JSON.stringify(mark))
    await file.datasync()
  } finally {
    await file.close()
  }
  await rename(temporary, path)
  // the new name too: a mark that the power took back would be older than what has left
  const folder = await open(dirname(path), 'r')
  try {
    await folder.sync()
  } finally {
    await folder.close()
  }
}

function isMark (value: unknown): value is SignerMark {
  return hasExactly(value, ['checkpoint', 'hash', 'ledger', 'seq']) && isLedgerId(value.ledger) && isInteger(value.seq, Number.MAX_SAFE_INTEGER) && isHash(value.hash) &&
    (value.checkpoint === null || (hasExactly(value.checkpoint, ['root', 'size']) && isInteger(value.checkpoint.size, Number.MAX_SAFE_INTEGER) && isHash(value.checkpoint.root)))
}
