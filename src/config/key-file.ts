import { closeSync, constants, existsSync, fsyncSync, linkSync, openSync, readFileSync, statSync, unlinkSync, writeSync } from 'node:fs'
import { LedgermeshError } from '../core/errors.js'
import { HASH_BYTES } from '../core/limits.js'

const KEY = /^[0-9a-f]{64}\n?$/
/** Permission bits of group and others. */
const OTHERS = 0o077

/** Reads a 32-byte secret: 64 hex digits in a file that only its owner can read. Throws BAD_FILE. */
export function readKeyFile (file: string): Uint8Array {
  if ((statSync(file).mode & OTHERS) !== 0) throw new LedgermeshError('BAD_FILE', `${file} can be read by others: run \`chmod 600 ${file}\``)
  const text = readFileSync(file, 'utf8')
  if (!KEY.test(text)) throw new LedgermeshError('BAD_FILE', `${file} is not a key file (64 hex digits)`)
  return Buffer.from(text.trim(), 'hex')
}

/** Reads the key file, or makes it from `seed` first. It never replaces one, and a crash leaves none or a whole one. */
export function ensureKeyFile (file: string, seed: () => Uint8Array): Uint8Array {
  if (existsSync(file)) return readKeyFile(file)
  const bytes = seed()
  if (bytes.length !== HASH_BYTES) throw new LedgermeshError('BAD_KEY', `a key is ${HASH_BYTES} bytes`)
  const temporary = `${file}.new`
  const fd = openSync(temporary, constants.O_WRONLY | constants.O_CREAT | constants.O_TRUNC, 0o600)
  try {
    writeSync(fd, `${Buffer.from(bytes).toString('hex')}\n`)
    fsyncSync(fd)
  } finally {
    closeSync(fd)
  }
  linkSync(temporary, file) // unlike a rename, a link fails where the file exists by now
  unlinkSync(temporary)
  return readKeyFile(file)
}
