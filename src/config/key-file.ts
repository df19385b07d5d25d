import { existsSync, readFileSync, statSync } from 'node:fs'
import { LedgermeshError } from '../core/errors.js'
import { HASH_BYTES } from '../core/limits.js'
import { fileError } from '../core/system-error.js'
import { createFile } from '../store/durable-file.js'

const KEY = /^[0-9a-f]{64}\n?$/
/** Permission bits of group and others. */
const OTHERS = 0o077

/** Reads a 32-byte secret: 64 hex digits in a file that only its owner can read. Throws BAD_FILE. */
export function readKeyFile(file: string): Uint8Array {
  const text = readOwn(file)
  if (!KEY.test(text))
    throw new LedgermeshError(
      'BAD_FILE',
      `${file} is not a key file: it must be 64 hex digits (0-9, a-f) and nothing else`
    )
  return Buffer.from(text.trim(), 'hex')
}

function readOwn(file: string): string {
  try {
    const stat = statSync(file)
    if (!stat.isFile()) throw new LedgermeshError('BAD_FILE', `${file} is not a file`)
    if ((stat.mode & OTHERS) !== 0)
      throw new LedgermeshError('BAD_FILE', `${file} can be read by others: run \`chmod 600 ${file}\``)
    return readFileSync(file, 'utf8')
  } catch (error) {
    throw fileError(error, `cannot read ${file}`)
  }
}

/** Reads the key file, or makes it from `seed` first. It never replaces one, and a crash leaves none or a whole one. */
export async function ensureKeyFile(file: string, seed: () => Uint8Array): Promise<Uint8Array> {
  if (existsSync(file)) return readKeyFile(file)
  const bytes = seed()
  if (bytes.length !== HASH_BYTES) throw new LedgermeshError('BAD_KEY', `a key is ${HASH_BYTES} bytes`)
  try {
    await createFile(file, `${Buffer.from(bytes).toString('hex')}\n`)
  } catch (error) {
    throw fileError(error, `cannot write ${file}`)
  }
  return readKeyFile(file)
}
